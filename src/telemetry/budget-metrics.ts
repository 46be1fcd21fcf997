import { capOf, OTHER } from "./label-cap.ts";
import type { Metrics } from "./metrics.ts";

/** Counts what callers use of their budgets. */
export function budgetMetrics(metrics: Metrics) {
  const refused = capOf(metrics, "budget_refused_total");
  const spent = capOf(metrics, "caller_processor_seconds_total");
  return {
    onRefused(budget: string, caller: string): void {
      metrics.budgetRefused.inc({ budget, caller: refused.admits(budget, caller) ? caller : OTHER });
    },
    onSpent(ms: number, caller: string): void {
      metrics.processorSeconds.inc({ caller: spent.admits(caller) ? caller : OTHER }, ms / 1_000);
    },
    /**
     * Shows, each time the metrics are asked for, the greatest part of each budget that one caller
     * uses.
     */
    watch<B extends string>(names: readonly B[], mostUsed: (budget: B) => number): void {
      metrics.onScrape(() => {
        for (const budget of names) {
          metrics.budgetUsed.set({ budget }, mostUsed(budget));
        }
      });
    },
  };
}
