import type { CarrierEvent } from "../carrier-log.ts";
import { toRuntimeError } from "../errors.ts";
import type { Access, Credentials } from "./access.ts";
import type { Principal } from "./principal.ts";

/** What the log hears of a call that was not let in. */
export function refusedCall(
  access: Access,
  credentials: Credentials,
  call: { readonly method: string; readonly peer: string },
  thrown: unknown,
): CarrierEvent & { readonly kind: "refused" } {
  const error = toRuntimeError(thrown);
  // Who has no token that is known is nobody: to look again would cost a flood of made-up ones
  // twice.
  const principal = error.code === "permission_denied" ? whose(access, credentials) : undefined;
  return { kind: "refused", ...call, ...(principal && { principal }), error };
}

function whose(access: Access, credentials: Credentials): Principal | undefined {
  try {
    return access.identify(credentials);
  } catch {
    return undefined;
  }
}
