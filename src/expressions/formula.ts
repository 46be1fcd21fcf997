import type { Timeframe } from "../domain/timeframe.ts";
import type { Indicator, Unit } from "../indicators/indicator.ts";
import { canonicalText } from "./canonical.ts";
import type { Expression, Reading } from "./expression.ts";
import { parseExpression } from "./parse-expression.ts";
import { Program } from "./program.ts";
import { type Interval, rangeOf } from "./ranges.ts";
import { unitOf } from "./units.ts";

/** A reading of a formula, with the timeframe of the series that it is read from. */
export interface FormulaPart {
  readonly reading: Reading;
  readonly timeframe: Timeframe;
}

/** An expression as it stands in a condition, ready to be computed. */
export interface Formula {
  /** Canonical text (R52). */
  readonly name: string;
  /** Of the readings that name none, and the one in which bars before are counted (R56). */
  readonly timeframe: Timeframe;
  readonly expression: Expression;
  readonly program: Program;
  /** Those of the program, in its order. */
  readonly parts: readonly FormulaPart[];
  /** Undefined for numbers alone. */
  readonly unit: Unit | undefined;
  readonly range: Interval;
}

/** Whether a side of a condition is an expression, and no plain indicator (R55). */
export function isFormula(side: Indicator | Formula | number): side is Formula {
  return typeof side !== "number" && "program" in side;
}

/** Formulas come from callers, so the memory of them is bounded; the oldest goes first. */
const MOST = 8_192;
const FORMULAS = new Map<string, Formula>();

/** The formula of an expression on a timeframe. */
export function formulaOf(expression: Expression, timeframe: Timeframe): Formula {
  const name = canonicalText(expression, timeframe);
  const key = `${name} on ${timeframe}`;
  const known = FORMULAS.get(key);
  if (known !== undefined) {
    return known;
  }
  if (FORMULAS.size >= MOST) {
    FORMULAS.delete(FORMULAS.keys().next().value ?? "");
  }
  const program = new Program(expression);
  const formula: Formula = {
    name,
    timeframe,
    expression,
    program,
    parts: program.parts.map((part) => ({ reading: part.reading, timeframe: part.timeframe ?? timeframe })),
    unit: unitOf(expression),
    range: rangeOf(expression),
  };
  FORMULAS.set(key, formula);
  return formula;
}

/**
 * The formula of a canonical text; a fault here is a programming error, since validated strategies
 * hold only texts that parse.
 */
export function formulaNamed(text: string, timeframe: Timeframe): Formula {
  const parsed = parseExpression(text);
  if ("fault" in parsed) {
    throw new Error(parsed.fault);
  }
  return formulaOf(parsed.expression, timeframe);
}
