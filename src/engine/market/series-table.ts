import type { Bar } from "../../domain/bar.ts";
import type { Timeframe } from "../../domain/timeframe.ts";
import type { RequiredSeries } from "../rules/conditions/required-series.ts";
import { Series, type SeriesLookup } from "./series.ts";
import { takeNewest } from "./series-loader.ts";

/** Series without a feed: whoever has the bars adds them, oldest first. */
export class SeriesTable implements SeriesLookup {
  readonly #required: RequiredSeries;
  readonly #series = new Map<string, Series>();

  constructor(required: RequiredSeries) {
    this.#required = required;
  }

  series(symbol: string, timeframe: Timeframe): Series | undefined {
    return this.#series.get(`${symbol} ${timeframe}`);
  }

  /**
   * Gaps and invalid bars are treated as in a history (R3, R5). Bars of a timeframe that no
   * strategy reads are left out.
   */
  add(symbol: string, timeframe: Timeframe, bars: readonly Bar[]): void {
    const series = this.series(symbol, timeframe) ?? this.#begin(symbol, timeframe);
    if (series !== undefined) {
      takeNewest(series, bars);
    }
  }

  #begin(symbol: string, timeframe: Timeframe): Series | undefined {
    const requirement = this.#required.get(timeframe);
    if (requirement === undefined) {
      return undefined;
    }
    const options = { capacity: requirement.requiredBars, settled: true };
    const series = new Series({ symbol, timeframe }, requirement.indicators, options);
    this.#series.set(`${symbol} ${timeframe}`, series);
    return series;
  }
}
