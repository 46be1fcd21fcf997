import { lastClose, TIMEFRAMES, type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import type { Cohort, Cohorts } from "../strategies/cohorts.ts";

/** A close that nobody has swept yet, and who is to be judged at it. */
export interface DueClose {
  readonly timeframe: Timeframe;
  readonly close: number;
  readonly cohorts: readonly Cohort[];
  /** Closes before it that market time passed before anybody asked: nobody will sweep them. */
  readonly missed: number;
}

const NONE: readonly DueClose[] = [];

/** Says each close once, as market time comes to it: the newest of each timeframe that a strategy uses (R40). */
export class DueCloses {
  readonly #newest = new Map<Timeframe, number>();
  /** Market time before which nothing closes on any timeframe of these cohorts. */
  #next = Number.NEGATIVE_INFINITY;
  #cohorts: Cohorts | undefined;

  /** Those that have come, short timeframes first (R37). `reached`: market time up to which closes of timeframes not used before count as swept. */
  take(now: number, reached: number, cohorts: Cohorts): readonly DueClose[] {
    if (now < this.#next && cohorts === this.#cohorts) {
      return NONE;
    }
    this.#cohorts = cohorts;
    this.#next = Number.POSITIVE_INFINITY;
    const due: DueClose[] = [];
    for (const timeframe of TIMEFRAMES) {
      const own = cohorts.get(timeframe);
      if (own === undefined) {
        this.#newest.delete(timeframe);
        continue;
      }
      const close = lastClose(now, timeframe);
      const before = this.#newest.get(timeframe) ?? sweptBefore(close, timeframe, reached);
      const newest = Math.max(before, close);
      this.#newest.set(timeframe, newest);
      this.#next = Math.min(this.#next, newest + timeframeMs(timeframe));
      if (close > before) {
        due.push({ timeframe, close, cohorts: own, missed: Math.round((close - before) / timeframeMs(timeframe)) - 1 });
      }
    }
    return due;
  }
}

/** What counts as swept when a timeframe is first used: all but a close that nobody could have swept yet. */
function sweptBefore(close: number, timeframe: Timeframe, reached: number): number {
  return close > reached ? close - timeframeMs(timeframe) : close;
}
