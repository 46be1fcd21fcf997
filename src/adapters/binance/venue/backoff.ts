/**
 * How long to wait after the n-th failure in a row (from 0), ms: a random part of a bound that
 * doubles, so that many clients cut at once do not come back at once.
 */
export function backoffMs(failures: number, firstMs: number, longestMs: number, random: () => number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(failures, 30)) * random();
}
