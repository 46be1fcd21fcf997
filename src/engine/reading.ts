import type { Bar } from "../domain/bar.ts";
import type { Timeframe } from "../domain/timeframe.ts";
import type { Indicator } from "../indicators/indicator.ts";
import { missingBars } from "../indicators/readiness.ts";

/** A series as it was when one of its bars had just closed. */
export interface SeriesAt {
  /** Bars up to and including that one. */
  readonly bars: number;
  /** R11: on the runtime's own data an indicator is ready once settled, on bars given in a request once defined. */
  readonly settled: boolean;
  /** The bar itself, or the one before it. */
  bar(back: 0 | 1): Bar | undefined;
  /** NaN where undefined or not computed. */
  value(indicator: Indicator, back: 0 | 1): number;
}

/** Where judging gets its values for one symbol. */
export interface MarketReading {
  /** Whether values are ready once settled, rather than defined (R11); where there is a series, it says so itself. */
  readonly settled?: boolean;
  /** The series as of the bar that closed at exactly `closeTime`; undefined where there is no such bar. */
  seriesAt(timeframe: Timeframe, closeTime: number): SeriesAt | undefined;
  /** A value given in a request, which stands in for a computed one (R48). */
  given?(timeframe: Timeframe, indicator: Indicator): number | undefined;
}

/** One value as a condition reads it. */
export interface ReadValue {
  /** NaN where not ready. */
  readonly value: number;
  readonly missingBars: number;
  /** Close of the bar read; NaN without a bar. */
  readonly close: number;
}

/** Reads a computed value `back` bars before the bar of `series`: NaN unless it is ready (R11). */
export function readComputed(
  series: SeriesAt | undefined,
  indicator: Indicator,
  back: 0 | 1,
  settled = false,
): ReadValue {
  if (series === undefined) {
    return { value: Number.NaN, missingBars: missingBars(indicator, -back, settled), close: Number.NaN };
  }
  const missing = missingBars(indicator, series.bars - back, series.settled);
  return {
    value: missing > 0 ? Number.NaN : series.value(indicator, back),
    missingBars: missing,
    close: series.bar(back)?.close ?? Number.NaN,
  };
}
