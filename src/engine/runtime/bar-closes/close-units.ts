import type { Timeframe } from "../../../domain/timeframe.ts";
import { unavailableBars } from "../../market/live-reading.ts";
import type { Series, SeriesLookup } from "../../market/series.ts";
import type { MarketReading, SeriesAt } from "../../rules/conditions/market-reading.ts";
import type { JudgeMarket } from "../../rules/judging/judge.ts";
import type { StrategySet } from "../../rules/sets/strategy-set.ts";
import type { Cohort } from "../../strategies/cohorts.ts";
import { type Part, partsOf } from "../../strategies/short-history.ts";
import type { SweepUnit } from "../sweeps/judging-pass.ts";

/** The strategies of a cohort on one symbol, at the bar that has just closed. */
class CloseUnit implements SweepUnit, MarketReading, SeriesLookup {
  readonly set: StrategySet;
  readonly timestamp: number;
  readonly #lookup: SeriesLookup;
  readonly #marketNow: () => number;
  readonly #cohort: Cohort;
  readonly symbol: string;
  /**
   * The series found last, which is nearly always asked for again. The unit forgets it whenever the
   * market is asked for: other work may have had its turn before.
   */
  #foundOn: Timeframe | undefined = undefined;
  #found: Series | undefined = undefined;
  /** History that the strategies wait for, where they do. */
  readonly #waitsFor: string | undefined;

  constructor(
    lookup: SeriesLookup,
    marketNow: () => number,
    cohort: Cohort,
    symbol: string,
    close: number,
    part: Part,
  ) {
    this.set = part.set;
    this.#waitsFor = part.waitsFor;
    this.timestamp = close;
    this.#lookup = lookup;
    this.#marketNow = marketNow;
    this.#cohort = cohort;
    this.symbol = symbol;
  }

  series(symbol: string, timeframe: Timeframe): Series | undefined {
    if (this.#foundOn !== timeframe) {
      this.#foundOn = timeframe;
      this.#found = this.#lookup.series(symbol, timeframe);
    }
    return this.#found;
  }

  delayOf(symbol: string, timeframe: Timeframe): string | undefined {
    return this.#lookup.delayOf?.(symbol, timeframe);
  }

  seriesAt(timeframe: Timeframe, time: number): SeriesAt | undefined {
    return this.series(this.symbol, timeframe)?.at(time);
  }

  entryPrice(): number {
    return this.seriesAt(this.#cohort.timeframe, this.timestamp)?.close(0) ?? Number.NaN;
  }

  market(): JudgeMarket {
    this.#foundOn = undefined;
    const { reads, timeframe } = this.#cohort;
    const close = this.timestamp;
    const unavailable =
      unavailableBars(this, this.symbol, reads, close, this.#marketNow(), timeframe) ?? this.#waitsFor;
    const market = { symbol: this.symbol, reading: this, barClose: close };
    return unavailable === undefined ? market : { ...market, unavailable };
  }
}

/** The units to judge at a close: these symbols, by cohort, with the strategies in force now. */
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
      const parts = partsOf(cohort.set, cohort.reads, (timeframe) => series.series(symbol, timeframe)?.short);
      units.push(...parts.map((part) => new CloseUnit(series, marketNow, cohort, symbol, close, part)));
    }
  }
  return units;
}
