import type { PolicyChange } from "../../domain/policy.ts";
import type { Clock } from "../../ports/clock.ts";
import type { OrderedPolicy } from "../api.ts";
import { withinLimit } from "../concurrency/time-limit.ts";

/** Wall time for which the answer to an order waits for what was decided before it. */
const WAIT_MS = 1_000;

export interface SettledOrdersOptions {
  readonly clock: Clock;
  readonly give: (order: PolicyChange) => Promise<OrderedPolicy>;
  /** Resolves once what is on its way to the journal by now is journaled, or never will be. */
  readonly written: () => Promise<unknown>;
}

/**
 * Gives orders whose answer no decision of before comes behind: a write that is on its way to the
 * journal could arrive after it. Where that takes too long, the answer says that it is pending.
 */
export function settledOrders(options: SettledOrdersOptions): (order: PolicyChange) => Promise<OrderedPolicy> {
  const { clock, give, written } = options;
  return async (order) => {
    const answer = await give(order);
    try {
      await withinLimit(clock, WAIT_MS, "the decision journal", written());
      return answer;
    } catch {
      return { ...answer, pending: true };
    }
  };
}
