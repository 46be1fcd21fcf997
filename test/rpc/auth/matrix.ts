import { METHOD_ROLES } from "../../../src/rpc/auth/method-roles.ts";
import { ROLES, type Role } from "../../../src/rpc/auth/principal.ts";

/*
 * The matrix of access: every method, every kind of caller, every way to call. What is expected is
 * written here as rules; access-matrix.test.ts calls each cell, and docs/access.md is printed from
 * it.
 */

/** What a caller is told before its request is looked at. */
export type Outcome = "served" | "unauthenticated" | "permission denied" | "no such call" | "not by GET";

export type Protocol = "gRPC" | "Connect JSON" | "Connect binary" | "gRPC-Web" | "Connect GET";

export interface Way {
  readonly name: string;
  readonly protocol: Protocol;
  readonly connection: "plain" | "TLS" | "client certificate";
}

export const WAYS: readonly Way[] = [
  { name: "gRPC", protocol: "gRPC", connection: "plain" },
  { name: "gRPC over TLS", protocol: "gRPC", connection: "TLS" },
  { name: "gRPC with a client certificate", protocol: "gRPC", connection: "client certificate" },
  { name: "Connect, JSON", protocol: "Connect JSON", connection: "plain" },
  { name: "Connect, JSON, over TLS", protocol: "Connect JSON", connection: "TLS" },
  { name: "Connect, JSON, with a client certificate", protocol: "Connect JSON", connection: "client certificate" },
  { name: "Connect, binary", protocol: "Connect binary", connection: "plain" },
  { name: "gRPC-Web", protocol: "gRPC-Web", connection: "plain" },
  { name: "Connect, GET", protocol: "Connect GET", connection: "plain" },
];

export interface Caller {
  readonly name: string;
  /** `authorization` headers. */
  readonly authorization: readonly string[];
  /** Whose certificate is shown, where the connection has one. */
  readonly certificate: Role | "nobody";
  /** As whom the caller is known; absent: as nobody. */
  readonly role?: Role;
  /** Known by the authority, and to nobody's line of TLS_CLIENTS. */
  readonly isStranger?: boolean;
}

export function tokenOf(role: Role): string {
  return `token-of-the-${role}`;
}

function bearer(role: Role): string {
  return `Bearer ${tokenOf(role)}`;
}

export const EXPIRED_TOKEN = "token-that-has-expired";

/** Faults of credentials, by which nobody is known. */
const UNKNOWN: readonly Pick<Caller, "name" | "authorization">[] = [
  { name: "an unknown token", authorization: ["Bearer token-of-nobody-here"] },
  { name: "an expired token", authorization: [`Bearer ${EXPIRED_TOKEN}`] },
  { name: "no bearer token", authorization: ["Basic YWRtaW46YWRtaW4="] },
  { name: "the admin's token twice", authorization: [bearer("admin"), bearer("admin")] },
  { name: "the admin's token and another", authorization: [bearer("admin"), bearer("viewer")] },
];

/** Who is known by a token; the certificate that is shown besides decides nothing. */
const BY_TOKEN: readonly Caller[] = [
  ...ROLES.map((role) => ({ name: role, authorization: [bearer(role)], certificate: "nobody" as const, role })),
  ...UNKNOWN.map((each) => ({ ...each, certificate: "admin" as const })),
];

const WITHOUT_TOKEN: Caller = { name: "no token", authorization: [], certificate: "nobody" };

const BY_CERTIFICATE: readonly Caller[] = [
  ...ROLES.map((role) => ({ name: `${role}, by certificate`, authorization: [], certificate: role, role })),
  { name: "a certificate of nobody", authorization: [], certificate: "nobody", isStranger: true },
];

/** The callers that come by a way. */
export function callersOf({ connection }: Way): readonly Caller[] {
  return connection === "client certificate" ? [...BY_TOKEN, ...BY_CERTIFICATE] : [...BY_TOKEN, WITHOUT_TOKEN];
}

/** A method that no service has. */
export const NO_SUCH_METHOD = "strategyruntime.v1.PolicyService/SetPolicy";

export const METHODS: readonly string[] = [...Object.keys(METHOD_ROLES), NO_SUCH_METHOD];

/** Services of the contract are on both ports, those of gRPC itself on its own. */
export function isServed(method: string, { protocol }: Way): boolean {
  return method !== NO_SUCH_METHOD && (protocol === "gRPC" || method.startsWith("strategyruntime."));
}

/** What a caller must be told of a method by a way. */
export function expected(method: string, caller: Caller, way: Way): Outcome {
  const audience = METHOD_ROLES[method] ?? [];
  if (isServed(method, way) && audience === "anyone") {
    return "served";
  }
  if (caller.role === undefined) {
    return caller.isStranger === true ? "permission denied" : "unauthenticated";
  }
  if (!isServed(method, way)) {
    return "no such call";
  }
  if (way.protocol === "Connect GET") {
    return "not by GET";
  }
  return audience.includes(caller.role) ? "served" : "permission denied";
}
