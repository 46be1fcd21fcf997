import type { Timeframe } from "../domain/timeframe.ts";
import type { Expression, Sign } from "./expression.ts";

/** How tightly a part holds together; a part that stands where a tighter one must has parentheses. */
const SUM = 1;
const PRODUCT = 2;
const UNARY = 3;
const PRIMARY = 4;

const STRENGTH: Readonly<Record<Sign, number>> = { "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT };
const WRITTEN: Readonly<Record<Sign, string>> = { "+": " + ", "-": " - ", "*": "*", "/": "/" };

/**
 * R52: the canonical text, which parses to the same tree. `own`: the timeframe of the condition,
 * which readings do not repeat.
 */
export function canonicalText(expression: Expression, own?: Timeframe): string {
  switch (expression.kind) {
    case "number":
      return String(expression.value);
    case "reading": {
      const { reading, timeframe } = expression;
      return timeframe === undefined || timeframe === own ? reading.name : `${reading.name}@${timeframe}`;
    }
    case "negative":
      return `-${within(PRIMARY, expression.of, own)}`;
    case "+":
    case "-":
    case "*":
    case "/": {
      const strength = STRENGTH[expression.kind];
      const left = within(strength, expression.left, own);
      // Sums and products are read from the left.
      return left + WRITTEN[expression.kind] + within(strength + 1, expression.right, own);
    }
    case "ABS":
    case "MIN":
    case "MAX":
      return `${expression.kind}(${expression.operands.map((operand) => canonicalText(operand, own)).join(", ")})`;
    default:
      return expression satisfies never;
  }
}

function within(least: number, part: Expression, own: Timeframe | undefined): string {
  const text = canonicalText(part, own);
  return strengthOf(part) < least ? `(${text})` : text;
}

function strengthOf({ kind }: Expression): number {
  switch (kind) {
    case "+":
    case "-":
    case "*":
    case "/":
      return STRENGTH[kind];
    case "negative":
      return UNARY;
    default:
      return PRIMARY;
  }
}
