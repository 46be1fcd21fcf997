import type { Operator } from "../../../domain/strategy.ts";
import type { Indicator, Unit } from "../../../indicators/indicator.ts";

const ROUNDING = 1e-12;
/** R13: the share by which `==` lets two numbers differ. */
export const EQUALITY = 1e-6;

/**
 * R13: the distance within which two indicators' values count as equal. `close` is that of the bar
 * read, NaN where there is none.
 */
export function tolerance(left: Indicator, right: Indicator, a: number, b: number, close: number): number {
  const larger = Math.max(Math.abs(a), Math.abs(b));
  if (left.unit === "price" && right.unit === "price") {
    return ROUNDING * (Number.isNaN(close) ? larger : close);
  }
  if (left.unit === "dimensionless" && right.unit === "dimensionless") {
    return ROUNDING * Math.max(100, larger);
  }
  return ROUNDING * larger;
}

/** R13: how far a part of an expression counts as equal; `close` as for `tolerance`. */
export function partTolerance(unit: Unit, value: number, close: number): number {
  const size = Math.abs(value);
  switch (unit) {
    case "price":
      return ROUNDING * (Number.isNaN(close) ? size : close);
    case "dimensionless":
      return ROUNDING * Math.max(100, size);
    case "volume":
    case "mixed":
      return ROUNDING * size;
    default:
      return unit satisfies never;
  }
}

/**
 * -1, 0 or 1 as left is below, equal to or above right, where `within` is the distance that counts
 * as equal.
 */
export function order(left: number, right: number, within: number): -1 | 0 | 1 {
  if (left === right || Math.abs(left - right) <= within) {
    return 0;
  }
  return left < right ? -1 : 1;
}

/** R13, for the operators that need no previous bar. */
export function holds(
  operator: Exclude<Operator, `crosses_${string}`>,
  left: number,
  right: number,
  within: number,
): boolean {
  const sign = order(left, right, within);
  switch (operator) {
    case "<":
      return sign < 0;
    case "<=":
      return sign <= 0;
    case ">":
      return sign > 0;
    case ">=":
      return sign >= 0;
    case "==":
      return nearlyEqual(left, right, sign);
    case "!=":
      return !nearlyEqual(left, right, sign);
    default:
      return operator satisfies never;
  }
}

function nearlyEqual(left: number, right: number, sign: -1 | 0 | 1): boolean {
  return sign === 0 || Math.abs(left - right) <= EQUALITY * Math.max(Math.abs(left), Math.abs(right));
}

/** R14: the order was the other way round (or equal) on the previous bar and is this way now. */
export function crosses(
  operator: "crosses_above" | "crosses_below",
  previous: -1 | 0 | 1,
  current: -1 | 0 | 1,
): boolean {
  return operator === "crosses_above" ? previous <= 0 && current > 0 : previous >= 0 && current < 0;
}
