const HIDDEN = "[redacted]";

/**
 * Texts longer than this are cut before they are searched: the time for a search must not depend on
 * whoever wrote the text.
 */
const LONGEST_URL = 2_000;

const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g;
const URL_TEXT = new RegExp(`\\b[a-z][a-z0-9+.-]{0,20}://[^\\s"'<>\`\\\\]{1,${LONGEST_URL}}`, "gi");
const AUTHORIZATION = /\b(bearer|basic) +[a-z0-9+/=._~-]{4,}/gi;
const NAMES = "token|secret|passw(?:or)?d|passphrase|pwd|api[_-]?key|access[_-]?key|signature|credentials?";
const ASSIGNED = new RegExp(`\\b([a-z0-9_-]{0,40}(?:${NAMES}))=[^\\s&"',;)\\]}\\\\]+`, "gi");
const JSON_FIELD = new RegExp(
  `"([a-z0-9_-]{0,30}(?:${NAMES}|authorization|cookie|database_?url|redis_?url))":"(?:[^"\\\\]|\\\\.)*"`,
  "gi",
);

/** Names of query parameters whose values are secrets, whatever they look like. */
const SECRET_PARAMETER = new RegExp(`^[a-z0-9_.-]{0,30}(?:${NAMES}|auth|key|sig|code|session)$`, "i");
/** Addresses of which the path is the secret: whoever knows it may post there. */
const HOOK = /hook|\/services\/|\/bot\d/i;

/**
 * The text with whatever looks like a secret taken out: passwords and users of URLs, tokens in
 * their paths and queries, authorizations, private keys. For texts that others wrote, such as the
 * message of a client that could not connect.
 */
export function withoutSecrets(text: string): string {
  let clean = text;
  if (clean.includes("-----BEGIN")) {
    clean = clean.replace(PRIVATE_KEY, "[redacted private key]");
  }
  if (clean.includes("://")) {
    clean = clean.replace(URL_TEXT, safeUrl);
  }
  return clean
    .replace(AUTHORIZATION, `$1 ${HIDDEN}`)
    .replace(ASSIGNED, `$1=${HIDDEN}`)
    .replace(JSON_FIELD, `"$1":"${HIDDEN}"`);
}

/**
 * A setting's value as a message may quote it. A long word of letters and digits may be a token
 * that was put into the wrong variable.
 */
export function shownValue(value: string): string {
  const safe = withoutSecrets(value).replace(/[\w.~+/=-]{16,}/g, (word) => (isLikeToken(word) ? HIDDEN : word));
  return JSON.stringify(safe.length > 200 ? `${safe.slice(0, 200)}…` : safe);
}

/**
 * A path as a message may quote it: as much of it as there is on the disk. The rest may be no path
 * at all, but the token or the key that the file was to hold.
 */
export function shownPath(path: string, exists: (path: string) => boolean): string {
  if (exists(path)) {
    return path;
  }
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const folder = path.slice(0, end);
    if (exists(folder)) {
      return `a file below ${folder} (its name is not shown: it may be a secret)`;
    }
  }
  return "the file named (it is not shown: it may be a secret)";
}

function safeUrl(url: string): string {
  const start = url.indexOf("://") + 3;
  const scheme = url.slice(0, start);
  const user = url.lastIndexOf("@");
  const rest = user === -1 ? url.slice(start) : url.slice(user + 1);
  const origin = user === -1 ? scheme : `${scheme}${HIDDEN}@`;
  const [, host = "", path = ""] = /^([^/?#]*)(.*)$/s.exec(rest) ?? [];
  return `${origin}${host}${HOOK.test(host + path) && path.length > 1 ? `/${HIDDEN}` : safePath(path)}`;
}

/** Segments of a path, and parameters of a query, each by itself. */
function safePath(path: string): string {
  return path.replace(/([/?&#;]|^)([^/?&#;=]*)(=[^&#;]*)?/g, (_, before: string, name: string, value = "") => {
    if (value === "") {
      return before + (isLikeToken(name) ? HIDDEN : name);
    }
    return `${before}${name}=${SECRET_PARAMETER.test(name) || isLikeToken(value.slice(1)) ? HIDDEN : value.slice(1)}`;
  });
}

/** Long, of letters and digits, and no words. */
function isLikeToken(word: string): boolean {
  return word.length >= 16 && /\d/.test(word) && /[a-z]/i.test(word);
}
