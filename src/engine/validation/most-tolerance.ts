import type { Expression } from "../../expressions/expression.ts";
import { type Interval, intervalOf, quotient, rangeOf } from "../../expressions/ranges.ts";
import { partTolerance } from "../rules/conditions/comparison.ts";

/** R13: the most by which values of an expression may differ from a number and count as equal. */
export function mostTolerance(expression: Expression): number {
  switch (expression.kind) {
    case "number":
      return 0;
    case "reading": {
      const { reading } = expression;
      // Of a price the tolerance is that of a close, which has no bounds.
      return partTolerance(reading.unit, sizeOf(intervalOf(reading)), Number.POSITIVE_INFINITY);
    }
    case "negative":
      return mostTolerance(expression.of);
    case "+":
    case "-":
      return mostTolerance(expression.left) + mostTolerance(expression.right);
    case "*": {
      const { left, right } = expression;
      return scaled(sizeOf(rangeOf(left)), mostTolerance(right)) + scaled(sizeOf(rangeOf(right)), mostTolerance(left));
    }
    case "/": {
      const { left, right } = expression;
      const ratio = sizeOf(quotient(rangeOf(left), rangeOf(right)));
      const numerator = mostTolerance(left) + scaled(ratio, mostTolerance(right));
      return scaled(1 / leastSize(rangeOf(right)), numerator);
    }
    case "ABS":
    case "MIN":
    case "MAX":
      return Math.max(...expression.operands.map(mostTolerance));
    default:
      return expression satisfies never;
  }
}

/** What is exact stays exact, whatever it is multiplied with; and nothing is left of what is 0. */
function scaled(size: number, tolerance: number): number {
  return tolerance === 0 || size === 0 ? 0 : size * tolerance;
}

function sizeOf({ low, high }: Interval): number {
  return Math.max(Math.abs(low), Math.abs(high));
}

function leastSize({ low, high }: Interval): number {
  return low <= 0 && high >= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high));
}
