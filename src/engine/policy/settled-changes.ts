import type { PolicyChange } from "../../domain/policy.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ChangedPolicy } from "../api.ts";
import { withinLimit } from "../concurrency/time-limit.ts";

/** Wall time for which the answer to a change waits for what was decided before it. */
const WAIT_MS = 1_000;

export interface SettledChangesOptions {
  readonly clock: Clock;
  readonly give: (change: PolicyChange) => Promise<ChangedPolicy>;
  /** Resolves once what is on its way to the journal by now is journaled, or never will be. */
  readonly written: () => Promise<unknown>;
}

/**
 * Makes changes whose answer no decision of before comes behind: a write that is on its way to the
 * journal could arrive after it. Where that takes too long, the answer says that it is pending.
 */
export function settledChanges(options: SettledChangesOptions): (change: PolicyChange) => Promise<ChangedPolicy> {
  const { clock, give, written } = options;
  return async (change) => {
    const answer = await give(change);
    try {
      await withinLimit(clock, WAIT_MS, "the decision journal", written());
      return answer;
    } catch {
      return { ...answer, pending: true };
    }
  };
}
