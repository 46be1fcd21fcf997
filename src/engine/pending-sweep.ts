import type { Timeframe } from "../domain/timeframe.ts";
import type { Cohort } from "./cohorts.ts";
import type { SweepRun } from "./sweep-run.ts";

/** A sweep under way: the symbols of one close of one timeframe that are still to be judged. */
export interface CloseSweep {
  readonly timeframe: Timeframe;
  readonly close: number;
  readonly run: SweepRun;
  /** Symbols to judge, by cohort. */
  readonly pending: Map<string, Set<string>>;
  readonly strategies: number;
  readonly symbols: number;
  /** Whether BAR_WAIT is over: whoever comes now is judged at once. */
  isLate: boolean;
  working: number;
  /** Of the part of it that was judged last, where it is traced. */
  traceparent: string | undefined;
  readonly timers: (() => void)[];
  readonly done: PromiseWithResolvers<void>;
}

export function cohortKey(cohort: Pick<Cohort, "reads">): string {
  return cohort.reads.join(",");
}

/** Takes all that is pending. */
export function takeAll(sweep: CloseSweep): ReadonlyMap<string, ReadonlySet<string>> {
  return take(sweep, new Map([...sweep.pending].map(([key, symbols]) => [key, new Set(symbols)])));
}

/** Takes these from what is pending, so that nobody is judged twice. */
export function take(
  sweep: CloseSweep,
  symbols: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, ReadonlySet<string>> {
  for (const [key, taken] of symbols) {
    for (const symbol of taken) {
      sweep.pending.get(key)?.delete(symbol);
    }
  }
  return symbols;
}
