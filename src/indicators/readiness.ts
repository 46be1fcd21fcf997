import { type Timeframe, timeframeMs } from "../domain/timeframe.ts";
import type { Indicator } from "./indicator.ts";

/**
 * Bars that a series must hold before the indicator is defined, or settled (R10).
 * VWAP needs no number of bars but the one that opens at 00:00, so it is 1 here: see `historyBars`.
 */
export function barsNeeded(indicator: Indicator, settled: boolean): number {
  return indicator.firstIndex + 1 + (settled ? indicator.settleBars : 0);
}

/** How many more bars a series of `bars` needs until the indicator is ready (R11); 0 for VWAP. */
export function missingBars(indicator: Indicator, bars: number, settled: boolean): number {
  return indicator.intradayOnly ? 0 : Math.max(0, barsNeeded(indicator, settled) - bars);
}

/**
 * Bars of history to load so that the indicator is ready whatever the time of day (R11): for VWAP
 * those of a whole day.
 */
export function historyBars(indicator: Indicator, timeframe: Timeframe): number {
  const { intradayOnly, wholeDays = 1 } = indicator;
  return intradayOnly ? (wholeDays * timeframeMs("1d")) / timeframeMs(timeframe) : barsNeeded(indicator, true);
}
