import type { Indicator } from "../indicators/indicator.ts";
import { nextDown, nextUp } from "./doubles.ts";
import type { Expression } from "./expression.ts";

/**
 * All doubles from `low` to `high`, both included; an end that is not known is infinite, for values
 * are finite.
 */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

const UNKNOWN: Interval = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** What an indicator can be. */
export function intervalOf({ range }: Indicator): Interval {
  return { low: range.lowOpen ? nextUp(range.low) : range.low, high: range.high };
}

/**
 * R43: what an expression can be, by interval arithmetic. Rounding keeps the order of doubles, so
 * that the ends are those of the values as they are computed.
 */
export function rangeOf(expression: Expression): Interval {
  switch (expression.kind) {
    case "number":
      return { low: expression.value, high: expression.value };
    case "reading":
      return intervalOf(expression.reading);
    case "negative":
      return negated(rangeOf(expression.of));
    case "+":
      return sum(rangeOf(expression.left), rangeOf(expression.right));
    case "-":
      return sum(rangeOf(expression.left), negated(rangeOf(expression.right)));
    case "*":
      return product(rangeOf(expression.left), rangeOf(expression.right));
    case "/":
      return quotient(rangeOf(expression.left), rangeOf(expression.right));
    case "ABS":
    case "MIN":
    case "MAX":
      return ofFunction(expression.kind, expression.operands.map(rangeOf));
    default:
      return expression satisfies never;
  }
}

/** The range that an indicator would have. */
export function asRange({ low, high }: Interval): Indicator["range"] {
  const lowOpen = low === Number.MIN_VALUE;
  return { low: lowOpen ? 0 : low, high, lowOpen };
}

export function negated({ low, high }: Interval): Interval {
  return { low: 0 - high, high: 0 - low };
}

export function sum(a: Interval, b: Interval): Interval {
  return { low: a.low + b.low, high: a.high + b.high };
}

export function product(a: Interval, b: Interval): Interval {
  return hull([a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]);
}

/** Division by 0 has no value, so that a divisor from 0 on is one above 0. */
export function quotient(a: Interval, b: Interval): Interval {
  const low = b.low === 0 ? nextUp(0) : b.low;
  const high = b.high === 0 ? nextDown(0) : b.high;
  if (low > high || (low < 0 && high > 0)) {
    return UNKNOWN;
  }
  return hull([a.low / low, a.low / high, a.high / low, a.high / high]);
}

/**
 * The least and the largest of the ends. One that is no number comes of an end that is not known,
 * and lies between the others.
 */
function hull(ends: readonly number[]): Interval {
  const known = ends.filter((end) => !Number.isNaN(end));
  return known.length === 0 ? UNKNOWN : { low: Math.min(...known), high: Math.max(...known) };
}

function ofFunction(name: "ABS" | "MIN" | "MAX", operands: readonly Interval[]): Interval {
  const lows = operands.map(({ low }) => low);
  const highs = operands.map(({ high }) => high);
  switch (name) {
    case "ABS": {
      const [{ low, high } = UNKNOWN] = operands;
      return { low: Math.max(0, low, 0 - high), high: Math.max(0 - low, high) };
    }
    case "MIN":
      return { low: Math.min(...lows), high: Math.min(...highs) };
    case "MAX":
      return { low: Math.max(...lows), high: Math.max(...highs) };
    default:
      return name satisfies never;
  }
}
