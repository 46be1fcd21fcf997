import { type Timeframe, timeframeMs } from "./timeframe.ts";

/** One closed OHLCV candle. Prices in quote units, volume in units of the base asset. */
export interface Bar {
  /** Start of the bar, inclusive; ms since the epoch. */
  readonly openTime: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/**
 * What is wrong with a bar by R3, or undefined. One NaN in an indicator's input can poison it for
 * good, so every bar passes here first.
 */
export function barFault(bar: Bar): string | undefined {
  const { open, high, low, close, volume } = bar;
  const isOrdered = low > 0 && low <= open && low <= close && high >= open && high >= close;
  // NaN fails every comparison. What is wrong with the few others takes longer to say.
  return isOrdered && high < Infinity && volume >= 0 && volume < Infinity ? undefined : faultOf(bar);
}

function faultOf(bar: Bar): string | undefined {
  for (const field of ["open", "high", "low", "close"] as const) {
    if (!Number.isFinite(bar[field]) || bar[field] <= 0) {
      return `${field} is ${bar[field]}, must be finite and above 0`;
    }
  }
  if (!Number.isFinite(bar.volume) || bar.volume < 0) {
    return `volume is ${bar.volume}, must be finite and not negative`;
  }
  if (bar.low > Math.min(bar.open, bar.close)) {
    return `low ${bar.low} is above open ${bar.open} or close ${bar.close}`;
  }
  if (bar.high < Math.max(bar.open, bar.close)) {
    return `high ${bar.high} is below open ${bar.open} or close ${bar.close}`;
  }
  return undefined;
}

/** When the bar closes: its open time plus the timeframe (R1). */
export function closeTime(bar: Bar, timeframe: Timeframe): number {
  return bar.openTime + timeframeMs(timeframe);
}

export function sameBar(a: Bar, b: Bar): boolean {
  return (
    a.openTime === b.openTime &&
    a.open === b.open &&
    a.high === b.high &&
    a.low === b.low &&
    a.close === b.close &&
    a.volume === b.volume
  );
}

/**
 * One bar out of consecutive ones that make it up, oldest first; volumes are added in that order.
 */
export function mergeBars(bars: readonly Bar[]): Bar {
  const first = bars[0];
  const last = bars.at(-1);
  if (first === undefined || last === undefined) {
    throw new RangeError("mergeBars needs at least one bar");
  }
  let { high, low } = first;
  let volume = 0;
  for (const bar of bars) {
    high = Math.max(high, bar.high);
    low = Math.min(low, bar.low);
    volume += bar.volume;
  }
  return { openTime: first.openTime, open: first.open, high, low, close: last.close, volume };
}
