import type { Bar } from "../../domain/bar.ts";

/**
 * What one bar adds to an indicator that is summed up from the first bar on; NaN where that needs a
 * bar before and there is none. Only differences of such sums mean the same wherever history
 * starts.
 */
export type Increment = (bar: Bar, before: Bar | undefined) => number;

/** On balance volume: all of the volume, for or against. */
export const onBalance: Increment = (bar, before) =>
  before === undefined ? Number.NaN : Math.sign(bar.close - before.close) * bar.volume;

/** Accumulation and distribution: the volume by where the bar closes between its low and high. */
export const accumulated: Increment = ({ high, low, close, volume }) =>
  high === low ? 0 : ((close - low - (high - close)) / (high - low)) * volume;

/** Price and volume trend: the volume by how much the close changed. */
export const byChange: Increment = (bar, before) =>
  before === undefined ? Number.NaN : (bar.volume * (bar.close - before.close)) / before.close;

/** Williams' accumulation: how far a rising close is above the true low, a falling one below the true high. */
export const williams: Increment = (bar, before) => {
  if (before === undefined) {
    return Number.NaN;
  }
  if (bar.close > before.close) {
    return bar.close - Math.min(bar.low, before.close);
  }
  return bar.close < before.close ? bar.close - Math.max(bar.high, before.close) : 0;
};

/** Change of the close where less was traded than on the bar before, as a logarithm. */
export const whileLess: Increment = (bar, before) => changeWhere(bar, before, (a, b) => a < b);

/** Change of the close where more was traded than on the bar before, as a logarithm. */
export const whileMore: Increment = (bar, before) => changeWhere(bar, before, (a, b) => a > b);

function changeWhere(bar: Bar, before: Bar | undefined, is: (volume: number, before: number) => boolean): number {
  if (before === undefined) {
    return Number.NaN;
  }
  return is(bar.volume, before.volume) ? Math.log(bar.close / before.close) : 0;
}
