import type { Operator } from "../../domain/strategy.ts";
import { nextDown, nextUp } from "../../expressions/doubles.ts";
import type { Interval } from "../../expressions/ranges.ts";
import { EQUALITY, holds } from "../rules/conditions/comparison.ts";

/** A comparison with a number: the part of a condition that is right of its indicator. */
export interface Threshold {
  readonly operator: Operator;
  readonly value: number;
}

/**
 * Every finite double: values of indicators are finite. An interval is empty where `low` is above
 * `high`.
 */
export const EVERYTHING: Interval = { low: -Number.MAX_VALUE, high: Number.MAX_VALUE };

/**
 * What a threshold asks of the current value and of the one on the bar before; the two are
 * independent of each other.
 */
export interface Demand {
  readonly current: Interval;
  /** What the current value must avoid; absent: nothing. */
  readonly gap?: Interval;
  readonly previous: Interval;
}

/** R13 and R14, for a number on the right side. */
export function demandOf({ operator, value }: Threshold): Demand {
  const above = { low: nextUp(value), high: EVERYTHING.high };
  const below = { low: EVERYTHING.low, high: nextDown(value) };
  const atLeast = { low: value, high: EVERYTHING.high };
  const atMost = { low: EVERYTHING.low, high: value };
  switch (operator) {
    case "<":
      return { current: below, previous: EVERYTHING };
    case "<=":
      return { current: atMost, previous: EVERYTHING };
    case ">":
      return { current: above, previous: EVERYTHING };
    case ">=":
      return { current: atLeast, previous: EVERYTHING };
    case "==":
      return { current: equalTo(value), previous: EVERYTHING };
    case "!=":
      return { current: EVERYTHING, gap: equalTo(value), previous: EVERYTHING };
    case "crosses_above":
      return { current: above, previous: atMost };
    case "crosses_below":
      return { current: below, previous: atLeast };
    default:
      return operator satisfies never;
  }
}

/** The threshold that holds exactly where this one does not; a cross has none. */
export function negation({ operator, value }: Threshold): Threshold | undefined {
  switch (operator) {
    case "<":
      return { operator: ">=", value };
    case "<=":
      return { operator: ">", value };
    case ">":
      return { operator: "<=", value };
    case ">=":
      return { operator: "<", value };
    case "==":
      return { operator: "!=", value };
    case "!=":
      return { operator: "==", value };
    case "crosses_above":
    case "crosses_below":
      return undefined;
    default:
      return operator satisfies never;
  }
}

/**
 * The doubles that are `==` to `value`: without a hole, since the difference of two doubles this
 * close is exact. The ends come from the formula to within a few doubles, and from there by asking
 * the comparison itself.
 */
function equalTo(value: number): Interval {
  if (value === 0) {
    return { low: 0, high: 0 };
  }
  const size = Math.abs(value);
  const equal = (x: number) => holds("==", x, size, 0);
  let low = size * (1 - EQUALITY);
  while (equal(nextDown(low))) {
    low = nextDown(low);
  }
  while (!equal(low)) {
    low = nextUp(low);
  }
  let high = Math.min(size / (1 - EQUALITY), Number.MAX_VALUE);
  while (high < Number.MAX_VALUE && equal(nextUp(high))) {
    high = nextUp(high);
  }
  while (!equal(high)) {
    high = nextDown(high);
  }
  return value > 0 ? { low, high } : { low: -high, high: -low };
}
