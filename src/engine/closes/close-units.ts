import { type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import type { JudgeMarket } from "../judging/judge.ts";
import { unavailableBars } from "../market/live-reading.ts";
import type { MarketReading, SeriesAt } from "../market/reading.ts";
import type { SeriesLookup } from "../market/series.ts";
import type { Cohort } from "../strategies/cohorts.ts";
import type { StrategySet } from "../sweep/strategy-set.ts";
import type { SweepUnit } from "../sweep/sweep-run.ts";

/** The strategies of a cohort on one symbol, at the bar that has just closed. */
class CloseUnit implements SweepUnit, MarketReading {
  readonly set: StrategySet;
  readonly timestamp: number;
  readonly #series: SeriesLookup;
  readonly #marketNow: () => number;
  readonly #cohort: Cohort;
  readonly #symbol: string;
  /** Of the cohort's bars, ms. */
  readonly #length: number;
  /** What was read last, which is nearly always read again; forgotten when the market is asked for, before which other work may have had its turn. */
  #read: { readonly timeframe: Timeframe; readonly time: number; readonly series: SeriesAt | undefined } | undefined;

  constructor(series: SeriesLookup, marketNow: () => number, cohort: Cohort, symbol: string, close: number) {
    this.set = cohort.set;
    this.timestamp = close;
    this.#series = series;
    this.#marketNow = marketNow;
    this.#cohort = cohort;
    this.#symbol = symbol;
    this.#length = timeframeMs(cohort.timeframe);
  }

  seriesAt(timeframe: Timeframe, time: number): SeriesAt | undefined {
    if (this.#read?.timeframe !== timeframe || this.#read.time !== time) {
      this.#read = { timeframe, time, series: this.#series.series(this.#symbol, timeframe)?.at(time) };
    }
    return this.#read.series;
  }

  entryPrice(): number {
    return this.seriesAt(this.#cohort.timeframe, this.timestamp)?.close(0) ?? Number.NaN;
  }

  market(): JudgeMarket {
    const { reads, timeframe } = this.#cohort;
    const close = this.timestamp;
    const own = this.#series.series(this.#symbol, timeframe);
    const series = own?.at(close);
    this.#read = { timeframe, time: close, series };
    if (
      reads.length === 1 &&
      series !== undefined &&
      own?.fault === undefined &&
      close + this.#length > this.#marketNow()
    ) {
      // As nearly all are. The words of `unavailableBars` are for the others.
      return { symbol: this.#symbol, reading: this, barClose: close };
    }
    const unavailable = unavailableBars(this.#series, this.#symbol, reads, close, this.#marketNow(), timeframe);
    const market = { symbol: this.#symbol, reading: this, barClose: close };
    return unavailable === undefined ? market : { ...market, unavailable };
  }
}

/** What is judged at a close: these symbols, by cohort. What is in force now counts, not what was when the bar closed. */
export function closeUnits(
  series: SeriesLookup,
  marketNow: () => number,
  cohorts: readonly Cohort[],
  taken: (cohort: Cohort) => ReadonlySet<string> | undefined,
  close: number,
): readonly SweepUnit[] {
  const units: SweepUnit[] = [];
  for (const cohort of cohorts) {
    for (const symbol of taken(cohort) ?? []) {
      units.push(new CloseUnit(series, marketNow, cohort, symbol, close));
    }
  }
  return units;
}
