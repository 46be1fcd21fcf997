import type { Violation } from "../domain/errors.ts";
import { shownValue } from "../domain/secrets.ts";
import { type FileMode, openSecretFault } from "./secret-file.ts";
import { type Address, isLoopback, type Setting } from "./setting.ts";
import { SETTINGS } from "./settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What keeps callers out, as far as the settings could be read. */
interface Protection {
  readonly grpcAddress?: Address;
  readonly webAddress?: Address | "off";
  readonly webCorsOrigins?: readonly string[];
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly tlsClients?: string;
  readonly authTokens?: string;
  readonly readableSecrets?: boolean;
  readonly insecure?: boolean;
}

const ALL: readonly Setting<unknown>[] = Object.values(SETTINGS);

/** What would leave the service less protected than whoever set this believes. */
export function protectionFaults(
  config: Protection,
  env: Environment,
  stat: (path: string) => FileMode,
): readonly Violation[] {
  return [
    ...halves(config),
    ...openAddresses(config, env),
    ...anyPage(config),
    ...emptyVariables(env),
    ...unknownVariables(env),
    ...openSecrets(config, env, stat),
  ];
}

/** For the log: tokens that anyone on the way can read. */
export function plaintextTokens(config: Protection): readonly string[] {
  const reachable = reachableOf(config).map(([variable]) => variable);
  return reachable.length === 0 || config.authTokens === undefined || config.tlsCert !== undefined
    ? []
    : [
        `tokens go over the network in plaintext, and whoever reads one may use it: ${reachable.join(" and ")} can be reached by other machines; set TLS_CERT and TLS_KEY`,
      ];
}

function halves({ tlsCert, tlsKey, tlsClientCa, tlsClients }: Protection): readonly Violation[] {
  const faults: Violation[] = [];
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    const field = tlsCert === undefined ? "TLS_CERT" : "TLS_KEY";
    faults.push({ field, description: "is not set: TLS needs both TLS_CERT and TLS_KEY" });
  }
  if (tlsClientCa !== undefined && tlsCert === undefined) {
    faults.push({ field: "TLS_CLIENT_CA", description: "is set without TLS_CERT and TLS_KEY" });
  }
  if (tlsClients !== undefined && tlsClientCa === undefined) {
    faults.push({ field: "TLS_CLIENTS", description: "is set without TLS_CLIENT_CA: no certificate is asked for" });
  }
  return faults;
}

function reachableOf({ grpcAddress, webAddress }: Protection): readonly (readonly [string, Address])[] {
  const addresses = [
    [SETTINGS.grpcAddress.variable, grpcAddress],
    [SETTINGS.webAddress.variable, webAddress],
  ] as const;
  return addresses.flatMap(([variable, address]) =>
    address === undefined || address === "off" || isLoopback(address) ? [] : [[variable, address] as const],
  );
}

/** TLS alone says who the service is, and nothing of who calls. */
function openAddresses(config: Protection, env: Environment): readonly Violation[] {
  const { authTokens, tlsClientCa, insecure } = config;
  if (authTokens !== undefined || tlsClientCa !== undefined || insecure !== false) {
    return [];
  }
  return reachableOf(config).map(([field]) => ({
    field,
    description: `is ${shownValue(env[field] ?? "")}, which other machines can reach without a token or a client certificate; listen on 127.0.0.1, set AUTH_TOKENS or TLS_CLIENT_CA, or INSECURE=1 if that is meant`,
  }));
}

/** A page can bring no token along unless it has one; a certificate the browser adds by itself. */
function anyPage({ webCorsOrigins, authTokens }: Protection): readonly Violation[] {
  return webCorsOrigins?.includes("*") && authTokens === undefined
    ? [
        {
          field: SETTINGS.webCorsOrigins.variable,
          description:
            "is *, so that any page may trade and halt without a token: name the origins, or set AUTH_TOKENS",
        },
      ]
    : [];
}

function emptyVariables(env: Environment): readonly Violation[] {
  const variables = ALL.flatMap(({ variable, isProtection, isSecret }) =>
    isProtection ? [variable] : isSecret ? [`${variable}_FILE`] : [],
  );
  return variables
    .filter((field) => env[field]?.trim() === "")
    .map((field) => ({ field, description: "is set to nothing: give it a path, or unset it" }));
}

/** Elsewhere a misspelt variable is worth a warning; here it would leave the service open. */
function unknownVariables(env: Environment): readonly Violation[] {
  const known = new Set(
    ALL.flatMap(({ variable, isSecret }) => (isSecret ? [variable, `${variable}_FILE`] : [variable])),
  );
  const isMeant = (name: string) => /^(TLS_|AUTH_TOKEN)/.test(name) || known.has(name.replace(/_FILE$/, ""));
  return Object.keys(env)
    .filter((name) => env[name] !== undefined && isMeant(name) && !known.has(name))
    .map((field) => ({ field, description: `is no setting: there are ${settingsLike(field, known)}` }));
}

function settingsLike(field: string, known: ReadonlySet<string>): string {
  const [start = ""] = field.split("_");
  return [...known].filter((name) => name.startsWith(`${start}_`)).join(", ");
}

/** Files with secrets that others on this machine may read, unless that is meant. */
function openSecrets(
  { readableSecrets }: Protection,
  env: Environment,
  stat: (path: string) => FileMode,
): readonly Violation[] {
  const secrets = ALL.flatMap(({ variable, isSecret, isSecretFile }) =>
    isSecretFile ? [variable] : isSecret ? [`${variable}_FILE`] : [],
  );
  return secrets.flatMap((field) => {
    const path = env[field]?.trim() ?? "";
    const description = path === "" || readableSecrets ? undefined : openSecretFault(path, stat);
    return description === undefined ? [] : [{ field, description }];
  });
}
