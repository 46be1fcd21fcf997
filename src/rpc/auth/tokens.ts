import { createHash, timingSafeEqual } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { invalid, RuntimeError, type Violation } from "../../domain/errors.ts";
import { shownPath } from "../../domain/secrets.ts";
import { isPrincipalName, isRole, type Principal, ROLES } from "./principal.ts";

/** Finds whose token one is. Keeps hashes only. */
export interface Tokens {
  find(token: string): Principal | undefined;
}

/** RFC 6750's b64token; long enough that nobody guesses it. */
const TOKEN = /^[A-Za-z0-9._~+/-]{16,512}={0,2}$/;
const HASHED_TOKEN = /^sha256:([0-9a-f]{64})$/;

interface Entry {
  readonly hash: Buffer;
  readonly principal: Principal;
}

/**
 * Reads a file of `token principal role` lines; fails with `invalid`, naming the file and every
 * line at fault.
 */
export async function readTokens(path: string): Promise<Tokens> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Without the cause, whose text quotes the path: it may be a token.
    const text = `AUTH_TOKENS: cannot read ${shownPath(path, existsSync)} (${code}): name a file that this process may read`;
    throw new RuntimeError("invalid", text);
  }
  return parseTokens(text, path);
}

/**
 * Parses `token principal role` lines, with a date where the token is to expire; blank ones, and
 * those that begin with `#`, are skipped. A token may be given as `sha256:<64 hex digits>`, so that
 * the file holds no secret. A principal may have several tokens, to change them without a gap.
 *
 * No word of the file is ever quoted: where columns are swapped, any of them may be the token.
 */
export function parseTokens(text: string, path: string): Tokens {
  const entries: Entry[] = [];
  const faults: Violation[] = [];
  const lineOf = new Map<string, number>();
  for (const [index, raw] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) {
      continue;
    }
    const read = parseLine(line);
    const known = typeof read === "string" ? undefined : lineOf.get(read.hash.toString("hex"));
    if (typeof read === "string" || known !== undefined) {
      const description = typeof read === "string" ? read : `has the token of line ${known} again: give each its own`;
      faults.push({ field: "AUTH_TOKENS", description: `${path} line ${index + 1} ${description}` });
    } else {
      lineOf.set(read.hash.toString("hex"), index + 1);
      entries.push(read);
    }
  }
  if (entries.length === 0 && faults.length === 0) {
    faults.push({ field: "AUTH_TOKENS", description: `${path} has no token: nobody could call; add a line` });
  }
  if (faults.length > 0) {
    throw invalid(faults);
  }
  return tokensOf(entries);
}

/** The entry, or what is wrong with the line. */
function parseLine(line: string): Entry | string {
  const [token = "", name = "", role = "", end, ...rest] = line.split(/\s+/);
  if (role === "" || rest.length > 0) {
    return "does not have three words: write `token principal role`, and a date where the token is to expire";
  }
  const expiresAt = end === undefined ? undefined : endOf(end);
  if (expiresAt === null) {
    return "has no valid date fourth: write the last day, 2026-12-31, or the moment of the end, 2026-12-31T18:00:00Z (UTC)";
  }
  const hashed = HASHED_TOKEN.exec(token)?.[1];
  if (hashed === undefined && !TOKEN.test(token)) {
    return "has no valid token first: use 16 to 512 of A-Z a-z 0-9 . _ ~ + / - or sha256: and 64 lower-case hex digits";
  }
  if (!isPrincipalName(name)) {
    return "has no valid principal second: use 1 to 64 of A-Z a-z 0-9 _ . @ -, a letter or digit first";
  }
  if (!isRole(role)) {
    return `has no known role third: use one of ${ROLES.join(", ")}`;
  }
  const principal = { name, role, ...(expiresAt !== undefined && { expiresAt }) };
  return { hash: hashed === undefined ? sha256(token) : Buffer.from(hashed, "hex"), principal };
}

const END = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}Z)?$/;
const DAY_MS = 86_400_000;

/** Wall time, ms, of the end of a day, or of a moment, in UTC; null where it is neither. */
function endOf(text: string): number | null {
  const [, day, time] = END.exec(text) ?? [];
  const start = Date.parse(`${day}${time ?? "T00:00:00Z"}`);
  // A day that its month does not have would pass for one of the next month.
  if (day === undefined || Number.isNaN(start) || !new Date(start).toISOString().startsWith(day)) {
    return null;
  }
  return time === undefined ? start + DAY_MS : start;
}

function tokensOf(entries: readonly Entry[]): Tokens {
  // How long the lookup takes tells a guesser the beginning of a hash that it knows anyway, and
  // nothing of ours beyond that.
  const byKey = Map.groupBy(entries, ({ hash }) => hash.readUInt32BE(0));
  return {
    find(token) {
      const hash = sha256(token);
      const candidates = byKey.get(hash.readUInt32BE(0)) ?? [];
      return candidates.find((entry) => timingSafeEqual(entry.hash, hash))?.principal;
    },
  };
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}
