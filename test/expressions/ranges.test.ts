import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partTolerance } from "../../src/engine/rules/conditions/comparison.ts";
import { mostTolerance } from "../../src/engine/validation/most-tolerance.ts";
import type { Expression } from "../../src/expressions/expression.ts";
import { parseExpression } from "../../src/expressions/parse-expression.ts";
import { Program } from "../../src/expressions/program.ts";
import { intervalOf, rangeOf } from "../../src/expressions/ranges.ts";
import { expressionText } from "./arbitraries.ts";

function expressionOf(text: string): Expression | undefined {
  const parsed = parseExpression(text);
  return "fault" in parsed ? undefined : parsed.expression;
}

/** Expressions whose ranges have ends, as the generator's mostly have none. */
const bounded = fc
  .array(
    fc.constantFrom("RSI", "WILLR", "(RSI - 50)", "(WILLR/RSI)", "MIN(RSI, CCI)", "ABS(WILLR)", "CLOSE", "3", "ADX"),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .chain((operands) =>
    fc
      .array(fc.constantFrom("+", "-", "*", "/"), { minLength: operands.length, maxLength: operands.length })
      .map((signs) => operands.map((operand, i) => (i === 0 ? operand : `${signs[i]}${operand}`)).join("")),
  );

describe("the range of an expression", () => {
  it("holds every value that it can have, and its tolerance is no larger than the most (R43)", () => {
    let ends = 0;
    const share = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 0.5));
    fc.assert(
      fc.property(
        fc.oneof(bounded, expressionText),
        fc.array(share, { minLength: 1, maxLength: 8 }),
        (text, shares) => {
          const expression = expressionOf(text);
          if (expression === undefined) {
            return;
          }
          const program = new Program(expression);
          const values = Float64Array.from(program.parts, ({ reading }, i) => {
            const { low, high } = intervalOf(reading);
            const [from, to] = [Math.max(low, -1e6), Math.min(high, 1e6)];
            return from + (to - from) * (shares[i % shares.length] ?? 0);
          });
          const columns = { values, at: Int32Array.from(program.parts, (_, i) => i), step: 1 };
          const value = program.value(columns, 0);
          if (Number.isNaN(value)) {
            return;
          }
          const { low, high } = rangeOf(expression);
          expect(value).toBeGreaterThanOrEqual(low);
          expect(value).toBeLessThanOrEqual(high);
          ends += Number.isFinite(low) || Number.isFinite(high) ? 1 : 0;
          const tolerances = Float64Array.from(program.parts, ({ reading }, i) =>
            partTolerance(reading.unit, values[i] ?? 0, 1e6),
          );
          const tolerance = program.tolerance(columns, 0, tolerances);
          expect(Number.isNaN(tolerance) ? 0 : tolerance * (1 - 1e-9)).toBeLessThanOrEqual(mostTolerance(expression));
        },
      ),
      { numRuns: 1_000 },
    );
    expect(ends).toBeGreaterThan(100);
  });

  it.each([
    ["RSI - 50", -50, 50],
    ["-RSI", -100, 0],
    ["RSI*WILLR", -10_000, 0],
    ["(RSI - 50)*(RSI - 40)", -3_000, 3_000],
    ["ABS(RSI - 60)", 0, 60],
    ["MIN(RSI, 30)", 0, 30],
    ["MAX(RSI, CCI)", 0, Number.POSITIVE_INFINITY],
    ["1/RSI", 0.01, Number.POSITIVE_INFINITY],
    ["1/(RSI - 50)", Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    ["SMA_5(RSI)", 0, 100],
    ["SUM_5(RSI)", 0, 500],
    ["RSI(VOLUME)", 0, 100],
    ["MOM(RSI)", Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])("of %s is from %d to %d", (text, low, high) => {
    const expression = expressionOf(text);
    expect(expression && rangeOf(expression)).toEqual({ low: low + 0, high: high + 0 });
  });
});
