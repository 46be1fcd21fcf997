import { lastClose, TIMEFRAMES, type Timeframe, timeframeMs } from "../../../domain/timeframe.ts";
import type { Cohort, Cohorts } from "../../strategies/cohorts.ts";

/** A close that nobody has swept yet, and who is to be judged at it. */
export interface DueClose {
  readonly timeframe: Timeframe;
  readonly close: number;
  readonly cohorts: readonly Cohort[];
  /** Closes before it that market time passed before anybody asked: nobody will sweep them. */
  readonly missed: number;
}

const NONE: readonly DueClose[] = [];

/**
 * Says each close once, as market time comes to it: the newest of each timeframe that a strategy
 * uses (R40).
 */
export class DueCloses {
  readonly #newest = new Map<Timeframe, number>();
  /** Market time before which nothing closes on any timeframe of these cohorts. */
  #next = Number.NEGATIVE_INFINITY;
  #cohorts: Cohorts | undefined;
  /** Market time up to which an earlier process judged; kept until the first closes are taken. */
  #judgedUntil: number | undefined;
  #isStart = true;

  /**
   * `judgedUntil`: market time up to which an earlier process has judged every close; undefined
   * where none has.
   */
  begin(judgedUntil: number | undefined): void {
    this.#judgedUntil = judgedUntil;
  }

  /**
   * The closes that have come, short timeframes first (R37). The first call answers with the newest
   * close of each timeframe that no earlier process has judged (R7). `reached`: market time up to
   * which closes of timeframes not used before count as judged.
   */
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
      const before = this.#newest.get(timeframe) ?? this.#judgedBefore(close, timeframe, reached);
      const newest = Math.max(before, close);
      this.#newest.set(timeframe, newest);
      this.#next = Math.min(this.#next, newest + timeframeMs(timeframe));
      if (close > before) {
        due.push({ timeframe, close, cohorts: own, missed: Math.round((close - before) / timeframeMs(timeframe)) - 1 });
      }
    }
    this.#isStart = false;
    return due;
  }

  /** The last close of a timeframe, first used now, that counts as judged. */
  #judgedBefore(close: number, timeframe: Timeframe, reached: number): number {
    if (!this.#isStart) {
      return close > reached ? close - timeframeMs(timeframe) : close;
    }
    // A time to come is that of other market data, such as of a replay that went further.
    const isOfThisMarket = this.#judgedUntil !== undefined && this.#judgedUntil <= close + timeframeMs(timeframe);
    return isOfThisMarket ? lastClose(this.#judgedUntil ?? 0, timeframe) : close - timeframeMs(timeframe);
  }
}
