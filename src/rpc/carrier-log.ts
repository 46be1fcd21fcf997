import type { RuntimeError } from "../domain/errors.ts";

/** What the carrier has to say beyond what callers hear. */
export type CarrierEvent =
  /** A call failed for a reason that the caller was not told in full: `error.cause` has it. */
  | { readonly kind: "failed"; readonly method: string; readonly peer: string; readonly error: RuntimeError }
  /** A call was not let in, for want of a token that is known or of a role that may. */
  | { readonly kind: "refused"; readonly method: string; readonly peer: string; readonly error: RuntimeError }
  /** A connection was closed because its reader took nothing for too long. */
  | { readonly kind: "evicted"; readonly method: string; readonly peer: string; readonly stalledMs: number };

/** Must not throw. */
export type CarrierLog = (event: CarrierEvent) => void;
