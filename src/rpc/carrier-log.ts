import type { RuntimeError } from "../domain/errors.ts";
import type { Principal } from "./auth/principal.ts";
import type { Limit } from "./limit-refusal.ts";

/** What the carrier has to say beyond what callers hear. */
export type CarrierEvent =
  /** A call failed for a reason that the caller was not told in full: `error.cause` has it. */
  | { readonly kind: "failed"; readonly method: string; readonly peer: string; readonly error: RuntimeError }
  /** A call was not let in, for want of a token that is known or of a role that may. */
  | {
      readonly kind: "refused";
      /** One of the server's own, or `UNKNOWN_METHOD`: what else a path holds may be a secret. */
      readonly method: string;
      readonly peer: string;
      /** Who called, where that is known. */
      readonly principal?: Principal;
      readonly error: RuntimeError;
    }
  /** A call was not let in because its caller, or all callers together, have used what they may. */
  | {
      readonly kind: "exhausted";
      readonly method: string;
      readonly peer: string;
      readonly principal?: Principal;
      readonly error: RuntimeError;
      /** Which limit, where it is none of the caller's budgets. */
      readonly limit?: Limit;
    }
  /** A connection was closed because its reader took nothing for too long. */
  | { readonly kind: "evicted"; readonly method: string; readonly peer: string; readonly stalledMs: number }
  /** A fault of this program, for which nobody waits. */
  | { readonly kind: "thrown"; readonly where: "listener" | "page" | "timer"; readonly error: unknown };

/** Tells the log of each error that the answer is called with. */
export function thrownTo(
  log: CarrierLog,
  where: (CarrierEvent & { readonly kind: "thrown" })["where"],
): (error: unknown) => void {
  return (error) => log({ kind: "thrown", where, error });
}

/** Must not throw. */
export type CarrierLog = (event: CarrierEvent) => void;

export const UNKNOWN_METHOD = "an unknown method";
