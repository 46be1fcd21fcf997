import { type ErrorCode, RuntimeError } from "../domain/errors.ts";
import type { Principal } from "./auth/principal.ts";
import type { CarrierLog } from "./carrier-log.ts";

/**
 * What no caller may exceed, or all callers share: places of streams, the size of a request, the
 * entries of its lists, the pieces it comes in, the time until it has come, and the bytes of all
 * requests in flight.
 */
export const LIMITS = ["streams", "size", "entries", "pieces", "time", "bytes_in_flight"] as const;
export type Limit = (typeof LIMITS)[number];

/** A call that is refused for such a limit. The log and the metrics tell of it. */
export class LimitRefusal extends RuntimeError {
  readonly limit: Limit;

  constructor(limit: Limit, code: ErrorCode, message: string, options?: ConstructorParameters<typeof RuntimeError>[2]) {
    super(code, message, options);
    this.limit = limit;
  }
}

/** Whom the log names. */
export interface Refused {
  /** "strategyruntime.v1.PolicyService/GetPolicy". */
  readonly method: string;
  readonly peer: string;
  readonly principal?: Principal | undefined;
}

/** Tells the log where a call was refused for a limit; of anything else, whoever threw it tells. */
export function tellOfLimit(log: CarrierLog, { method, peer, principal }: Refused, thrown: unknown): void {
  if (thrown instanceof LimitRefusal) {
    log({ kind: "exhausted", method, peer, ...(principal && { principal }), error: thrown, limit: thrown.limit });
  }
}
