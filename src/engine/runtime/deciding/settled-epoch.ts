import { RuntimeError } from "../../../domain/errors.ts";
import type { Lease } from "../../../ports/lease.ts";

/**
 * Answers with what resolves once this process may decide: it holds the lease, and under the epoch
 * in force `settle` has brought what the engine remembers in line with what the stores hold (R101).
 * `start`: the epoch under which the state was read. Fails with `unavailable`.
 */
export function settledEpoch(lease: Lease, start: number, settle: () => Promise<void>): () => Promise<void> {
  let settledFor = start;
  return async () => {
    const epoch = await lease.settled();
    const fault = lease.fault();
    if (fault !== undefined) {
      throw new RuntimeError("unavailable", `no decision was made: ${fault}`);
    }
    if (settledFor !== epoch) {
      await settle();
      settledFor = epoch;
    }
  };
}
