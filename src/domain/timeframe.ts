/**
 * R1. Bars are aligned to the UTC epoch; a bar that opens at `t` covers `[t, t + length)`. Times
 * are ms since the epoch.
 */
const LENGTH_MS = {
  "1s": 1_000,
  "1m": 60_000,
  "3m": 180_000,
  "5m": 300_000,
  "15m": 900_000,
  "30m": 1_800_000,
  "1h": 3_600_000,
  "2h": 7_200_000,
  "4h": 14_400_000,
  "6h": 21_600_000,
  "8h": 28_800_000,
  "12h": 43_200_000,
  "1d": 86_400_000,
} as const;

export type Timeframe = keyof typeof LENGTH_MS;

/** All timeframes, short to long. */
export const TIMEFRAMES = Object.keys(LENGTH_MS) as readonly Timeframe[];

export function isTimeframe(text: string): text is Timeframe {
  return Object.hasOwn(LENGTH_MS, text);
}

export function timeframeMs(timeframe: Timeframe): number {
  return LENGTH_MS[timeframe];
}

/** The newest close of the timeframe at or before `time`: `floor(time, tf)` of R6 and R7. */
export function lastClose(time: number, timeframe: Timeframe): number {
  const length = LENGTH_MS[timeframe];
  return Math.floor(time / length) * length;
}
