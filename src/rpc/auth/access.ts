import { RuntimeError } from "../../domain/errors.ts";
import { type Audience, METHOD_ROLES } from "./method-roles.ts";
import type { Principal } from "./principal.ts";
import type { Tokens } from "./tokens.ts";

/** Decides on calls by what comes before their body. For every carrier: gRPC, and the web server. */
export interface Access {
  /**
   * Who may call `method` ("strategyruntime.v1.PolicyService/GetPolicy") with this `authorization` header; undefined where the method is
   * open to anyone. Fails with `unauthenticated` without a token that is known, with `permission_denied` where its role may not.
   */
  admit(method: string, authorization: string | undefined): Principal | undefined;
}

const BEARER = /^bearer +(\S+) *$/i;

/** Access by bearer tokens. A method without a row in the table is refused to everyone. */
export function tokenAccess(tokens: Tokens, table: Readonly<Record<string, Audience>> = METHOD_ROLES): Access {
  return {
    admit(method, authorization) {
      const audience = Object.hasOwn(table, method) ? table[method] : [];
      if (audience === "anyone") {
        return undefined;
      }
      const principal = authenticated(tokens, authorization);
      if (!audience?.includes(principal.role)) {
        throw new RuntimeError("permission_denied", denial(principal, method, audience ?? []));
      }
      return principal;
    },
  };
}

function authenticated(tokens: Tokens, authorization: string | undefined): Principal {
  if (authorization === undefined) {
    throw new RuntimeError("unauthenticated", "a token is required: send metadata `authorization: Bearer <token>`");
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
  return principal;
}

function denial({ name, role }: Principal, method: string, audience: readonly string[]): string {
  const who = audience.length === 0 ? "no role may" : `roles that may: ${audience.join(", ")}`;
  return `${name} has the role ${role}, which may not call ${method}; ${who}`;
}
