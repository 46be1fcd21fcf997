import type { Timeframe } from "../domain/timeframe.ts";
import type { Indicator } from "../indicators/indicator.ts";

/**
 * A value of one series: an indicator, or what is derived from one. Whatever takes an indicator
 * takes a reading, by its canonical name: "SMA_20(VOLUME)[3]".
 */
export interface Reading extends Indicator {
  /** Absent for a plain one (R55), which is the indicator itself. */
  readonly derived?: Derived;
}

/** How a reading comes from its indicator. */
export interface Derived {
  readonly indicator: Indicator;
  /** R54: what stands in place of the close. No reading in it has a timeframe. */
  readonly source?: Expression;
  /** R55: bars before the one read; 0 for this one. */
  readonly lag: number;
}

/** A reading where it stands in an expression. */
export interface Term {
  readonly kind: "reading";
  readonly reading: Reading;
  /** R56; absent: that of the condition. */
  readonly timeframe?: Timeframe;
}

export interface Literal {
  readonly kind: "number";
  /** Finite and not below 0. */
  readonly value: number;
}

export interface Negative {
  readonly kind: "negative";
  readonly of: Expression;
}

export const SIGNS = ["+", "-", "*", "/"] as const;
export type Sign = (typeof SIGNS)[number];

export interface Operation {
  readonly kind: Sign;
  readonly left: Expression;
  readonly right: Expression;
}

/** Functions by the most operands that they take; the least is 1 for ABS, else 2. */
export const FUNCTIONS = { ABS: 1, MIN: Number.POSITIVE_INFINITY, MAX: Number.POSITIVE_INFINITY } as const;
export type FunctionName = keyof typeof FUNCTIONS;

export interface Call {
  readonly kind: FunctionName;
  readonly operands: readonly Expression[];
}

/** R52, as a tree. */
export type Expression = Literal | Term | Negative | Operation | Call;

/** The readings of an expression, in the order of its text; those of sources are not among them. */
export function termsOf(expression: Expression): readonly Term[] {
  switch (expression.kind) {
    case "number":
      return [];
    case "reading":
      return [expression];
    case "negative":
      return termsOf(expression.of);
    case "+":
    case "-":
    case "*":
    case "/":
      return [...termsOf(expression.left), ...termsOf(expression.right)];
    case "ABS":
    case "MIN":
    case "MAX":
      return expression.operands.flatMap(termsOf);
    default:
      return expression satisfies never;
  }
}
