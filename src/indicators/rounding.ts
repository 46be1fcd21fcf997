/** Relative to the close, or to the slow average: what is smaller comes from rounding (R9). */
const ROUNDING = 1e-12;

/**
 * A difference of prices, or exactly 0 where it is no more than rounding of prices of this size
 * (R9). The series in place of the close may be below 0.
 */
export function withoutRounding(difference: number, price: number): number {
  return Math.abs(difference) <= ROUNDING * Math.abs(price) ? 0 : difference;
}

/** A change in percent, or exactly 0 where prices that differ in their rounding alone would do. */
export function percentWithoutRounding(percent: number): number {
  return Math.abs(percent) <= 100 * ROUNDING ? 0 : percent;
}
