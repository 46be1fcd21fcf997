import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Expression } from "../../src/expressions/expression.ts";
import { parseExpression } from "../../src/expressions/parse-expression.ts";
import { Program } from "../../src/expressions/program.ts";
import { expressionText } from "./arbitraries.ts";

function expressionOf(text: string): Expression {
  const parsed = parseExpression(text);
  if ("fault" in parsed) {
    throw new Error(parsed.fault);
  }
  return parsed.expression;
}

/** R53 by the tree itself: a second way to the same value. */
function byTree(expression: Expression, valueNamed: (name: string) => number): number {
  const of = (part: Expression) => byTree(part, valueNamed);
  const finite = (value: number) => (Number.isFinite(value) ? value + 0 : Number.NaN);
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "reading":
      return valueNamed(`${expression.reading.name}@${expression.timeframe ?? ""}`);
    case "negative":
      return 0 - of(expression.of);
    case "+":
      return finite(of(expression.left) + of(expression.right));
    case "-":
      return finite(of(expression.left) - of(expression.right));
    case "*":
      return finite(of(expression.left) * of(expression.right));
    case "/":
      return finite(of(expression.left) / of(expression.right));
    case "ABS":
      return Math.max(...expression.operands.map((operand) => Math.abs(of(operand))));
    case "MIN":
      return Math.min(...expression.operands.map(of));
    case "MAX":
      return Math.max(...expression.operands.map(of));
    default:
      return expression satisfies never;
  }
}

function valueAt(text: string, ...values: readonly number[]): number {
  const program = new Program(expressionOf(text));
  const at = Int32Array.from(program.parts, (_, i) => i);
  return program.value({ values: Float64Array.from(values), at, step: 1 }, 0);
}

describe("the value of an expression", () => {
  it.each([
    ["CLOSE - OPEN - LOW", [10, 4, 3], 3],
    ["CLOSE - (OPEN - LOW)", [10, 4, 3], 9],
    ["-CLOSE*2 + OPEN/4", [3, 8], -4],
    ["ABS(CLOSE - OPEN)", [3, 8], 5],
    ["MIN(CLOSE, OPEN, 5)", [7, 6], 5],
    ["MAX(CLOSE, OPEN, 5)", [7, 6], 7],
    ["CLOSE + CLOSE*CLOSE", [3], 12],
    ["0*CLOSE", [-3], 0],
    ["CLOSE/OPEN", [1, 0], Number.NaN],
    ["1/(CLOSE*1e300*1e300)", [1], Number.NaN],
    ["MIN(CLOSE, OPEN)", [1, Number.NaN], Number.NaN],
  ])("of %s at %j is %d", (text, values, expected) => {
    expect(valueAt(text, ...values)).toBe(expected);
  });

  it("is computed in the order of its tree, in one place as in a column of places", () => {
    const value = fc.oneof(
      fc.double({ noDefaultInfinity: true }),
      fc.constantFrom(0, 1, -1, 1e308, 5e-324, Number.NaN),
    );
    fc.assert(
      fc.property(expressionText, fc.array(value, { minLength: 1, maxLength: 40 }), (text, pool) => {
        const parsed = parseExpression(text);
        if ("fault" in parsed) {
          return;
        }
        const program = new Program(parsed.expression);
        const { parts } = program;
        const places = 3;
        // The columns stand in another order than the parts.
        const at = Int32Array.from(parts, (_, i) => parts.length - 1 - i);
        const values = Float64Array.from({ length: parts.length * places }, (_, i) => pool[i % pool.length] ?? 0);
        for (let place = 0; place < places; place++) {
          const named = new Map(
            parts.map(({ reading, timeframe }, i) => [
              `${reading.name}@${timeframe ?? ""}`,
              values[(at[i] ?? 0) * places + place] ?? 0,
            ]),
          );
          const expected = byTree(parsed.expression, (name) => named.get(name) ?? 0);
          expect(program.value({ values, at, step: places }, place)).toBe(expected);
        }
      }),
    );
  });
});

describe("the tolerance of an expression", () => {
  it.each([
    ["CLOSE + OPEN", [10, 4], [0.1, 0.2], 0.1 + 0.2],
    ["CLOSE - 7", [10], [0.1], 0.1],
    ["CLOSE*OPEN", [10, -4], [0.1, 0.2], 10 * 0.2 + 4 * 0.1],
    ["-2*CLOSE", [10], [0.1], 0.2],
    ["CLOSE/OPEN", [10, -4], [0.1, 0.2], (0.1 + 2.5 * 0.2) / 4],
    ["ABS(CLOSE)", [-10], [0.1], 0.1],
    ["MIN(CLOSE, OPEN, 1)", [10, 4], [0.1, 0.2], 0.2],
    ["MAX(CLOSE, OPEN)", [10, 4], [0.1, 0.2], 0.2],
    ["5", [], [], 0],
  ])("of %s goes through the tree as an error does", (text, values, tolerances, expected) => {
    const program = new Program(expressionOf(text));
    const at = Int32Array.from(program.parts, (_, i) => i);
    const columns = { values: Float64Array.from(values), at, step: 1 };
    expect(program.tolerance(columns, 0, Float64Array.from(tolerances))).toBe(expected);
  });
});
