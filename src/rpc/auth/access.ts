import { RuntimeError } from "../../domain/errors.ts";
import type { ClientCertificate } from "./certificate.ts";
import type { Clients } from "./clients.ts";
import { type Audience, METHOD_ROLES } from "./method-roles.ts";
import type { Principal } from "./principal.ts";
import type { Tokens } from "./tokens.ts";

/** What a caller shows of itself before the body of a call. */
export interface Credentials {
  /** All `authorization` headers. */
  readonly authorization: readonly string[];
  /** The certificate of the connection, where the server asks for one. */
  readonly certificate?: ClientCertificate;
}

/**
 * Decides on calls by what comes before their body. For every carrier: gRPC, and the web server.
 */
export interface Access {
  /**
   * Who may call `method` ("strategyruntime.v1.PolicyService/GetPolicy") with these credentials;
   * where the method is open to anyone, undefined for whoever is not known. Fails with
   * `unauthenticated` without a token that is known, with `permission_denied` where its role may
   * not.
   */
  admit(method: string, credentials: Credentials): Principal | undefined;
  /**
   * Whose credentials these are, whatever the role. Fails with `unauthenticated`, and with
   * `permission_denied` where the certificate is nobody's.
   */
  identify(credentials: Credentials): Principal;
}

const BEARER = /^bearer +(\S+) *$/i;

/** By what callers are known. */
export interface Identities {
  /** Absent: tokens are not used. */
  readonly tokens?: Tokens;
  /**
   * Whom client certificates stand for, where no token is sent; absent: certificates alone let
   * nobody in.
   */
  readonly clients?: Clients;
  /** Wall time, ms, by which tokens expire; the system's by default. */
  readonly now?: () => number;
}

/** Access by bearer tokens. A method without a row in the table is refused to everyone. */
export function tokenAccess(tokens: Tokens, table?: Readonly<Record<string, Audience>>): Access {
  return accessBy({ tokens }, table);
}

/**
 * Access by tokens, client certificates, or both. A method without a row in the table is refused to
 * everyone.
 */
export function accessBy(
  { tokens, clients, now = Date.now }: Identities,
  table: Readonly<Record<string, Audience>> = METHOD_ROLES,
): Access {
  const identify = ({ authorization, certificate }: Credentials): Principal => {
    const byToken = tokens !== undefined && (authorization.length > 0 || clients === undefined);
    const principal = byToken ? authenticated(tokens, authorization, now()) : certified(clients, certificate);
    return certificate === undefined ? principal : { ...principal, subject: certificate.subject };
  };
  const known = (credentials: Credentials): Principal | undefined => {
    try {
      return identify(credentials);
    } catch {
      return undefined;
    }
  };
  return {
    admit(method, credentials) {
      const audience = Object.hasOwn(table, method) ? table[method] : [];
      if (audience === "anyone") {
        return known(credentials);
      }
      const principal = identify(credentials);
      if (!audience?.includes(principal.role)) {
        throw new RuntimeError("permission_denied", denial(principal, method, audience ?? []));
      }
      return principal;
    },
    identify,
  };
}

/**
 * Every certificate of the authority may do everything: for an operator who gives them to nobody
 * else.
 */
export const ANY_CERTIFICATE: Clients = {
  find: ({ subject, names }) => ({ name: names[0] ?? subject, role: "admin" }),
};

function certified(clients: Clients | undefined, certificate: ClientCertificate | undefined): Principal {
  if (certificate === undefined) {
    throw new RuntimeError("unauthenticated", "a client certificate is required: connect with one");
  }
  const principal = clients?.find(certificate);
  if (principal === undefined) {
    const { subject } = certificate;
    throw new RuntimeError(
      "permission_denied",
      `the certificate of ${JSON.stringify(subject)} is nobody's: ask the operator for a line in TLS_CLIENTS`,
    );
  }
  return principal;
}

function authenticated(tokens: Tokens, [authorization, ...others]: readonly string[], now: number): Principal {
  if (authorization === undefined) {
    throw new RuntimeError("unauthenticated", "a token is required: send metadata `authorization: Bearer <token>`");
  }
  if (others.length > 0) {
    throw new RuntimeError("unauthenticated", `there are ${others.length + 1} authorizations: send one`);
  }
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) {
    throw new RuntimeError("unauthenticated", "the authorization is no bearer token: send `Bearer <token>`");
  }
  const principal = tokens.find(token);
  if (principal === undefined) {
    throw new RuntimeError(
      "unauthenticated",
      "the token is not known: ask the operator for one that is in AUTH_TOKENS",
    );
  }
  if (principal.expiresAt !== undefined && now >= principal.expiresAt) {
    const end = new Date(principal.expiresAt).toISOString();
    throw new RuntimeError("unauthenticated", `the token expired at ${end}: ask the operator for a new one`);
  }
  return principal;
}

function denial({ name, role }: Principal, method: string, audience: readonly string[]): string {
  const who = audience.length === 0 ? "no role may" : `roles that may: ${audience.join(", ")}`;
  return `${name} has the role ${role}, which may not call ${method}; ${who}`;
}
