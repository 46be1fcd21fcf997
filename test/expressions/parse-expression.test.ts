import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalText } from "../../src/expressions/canonical.ts";
import { termsOf } from "../../src/expressions/expression.ts";
import { parseExpression } from "../../src/expressions/parse-expression.ts";
import { expressionText, noise } from "./arbitraries.ts";

function canonical(text: string): string {
  const parsed = parseExpression(text);
  return "fault" in parsed ? `fault: ${parsed.fault}` : canonicalText(parsed.expression);
}

function fault(text: string): string {
  const parsed = parseExpression(text);
  return "fault" in parsed ? parsed.fault : `no fault: ${canonicalText(parsed.expression)}`;
}

describe("an expression", () => {
  it.each([
    ["rsi", "RSI_14"],
    ["price", "CLOSE"],
    ["1.5*volume_sma_20", "1.5*VOLUME_SMA_20"],
    ["close [ 3 ]", "CLOSE[3]"],
    ["(EMA_5-EMA_35)/CLOSE", "(EMA_5 - EMA_35)/CLOSE"],
    ["sma(volume)", "SMA_20(VOLUME)"],
    ["ema_9 ( rsi )", "EMA_9(RSI_14)"],
    ["RSI[1] @ 4h", "RSI_14[1]@4h"],
    ["SMA_3(SMA_2(HIGH - LOW)[2])[1]@1d", "SMA_3(SMA_2(HIGH - LOW)[2])[1]@1d"],
    ["BB_UPPER_20_2.50-bb_lower_20_2.5", "BB_UPPER_20_2.5 - BB_LOWER_20_2.5"],
    ["abs(close-open)", "ABS(CLOSE - OPEN)"],
    ["Max(close,open ,1e-7)", "MAX(CLOSE, OPEN, 1e-7)"],
    ["2", "2"],
    ["-30.50", "-30.5"],
    ["1000000000000000000000000*CLOSE", "1e+24*CLOSE"],
  ])("%j is written %j", (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  it.each([
    ["CLOSE - (OPEN - LOW)", "CLOSE - (OPEN - LOW)"],
    ["(CLOSE - OPEN) - LOW", "CLOSE - OPEN - LOW"],
    ["CLOSE + (OPEN + LOW)", "CLOSE + (OPEN + LOW)"],
    ["CLOSE * (OPEN / LOW)", "CLOSE*(OPEN/LOW)"],
    ["(CLOSE * OPEN) / LOW", "CLOSE*OPEN/LOW"],
    ["(CLOSE * OPEN) - LOW", "CLOSE*OPEN - LOW"],
    ["CLOSE * (OPEN - LOW)", "CLOSE*(OPEN - LOW)"],
    ["(((CLOSE)))", "CLOSE"],
    ["CLOSE - (-OPEN)", "CLOSE - -OPEN"],
    ["(-CLOSE)*2", "-CLOSE*2"],
    ["-(CLOSE*2)", "-(CLOSE*2)"],
    ["-(-CLOSE)", "-(-CLOSE)"],
    ["CLOSE*(-2)", "CLOSE*-2"],
    ["ABS((CLOSE))", "ABS(CLOSE)"],
  ])("%j keeps the parentheses that it needs, as %j", (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  it("does not repeat the timeframe of its condition", () => {
    const parsed = parseExpression("RSI_14@4h - RSI_14@1d + RSI_14[1]@4h");
    expect("expression" in parsed && canonicalText(parsed.expression, "4h")).toBe("RSI_14 - RSI_14@1d + RSI_14[1]");
  });

  it.each([
    ["CLOSE + )", `at character 9: expected an indicator, a number or "(", found ")"`],
    ["CLOSE +", `at character 8: expected an indicator, a number or "(", found the end`],
    ["CLOSE OPEN)", `at character 7: expected "+", "-", "*", "/" or the end, found "OPEN"`],
    ["(CLOSE", `at character 7: expected "+", "-", "*", "/" or ")", found the end`],
    ["--3", `at character 2: expected an indicator, a number or "(", found "-"`],
    ["CLOSE > 3", 'found ">": what it is compared with stands in operator, and in value or indicator'],
    ["CLOSE and OPEN - 1", 'found "and": give each comparison as a condition of its own'],
    ["close.shift(2)", '"close.shift(2)" is no indicator: did you mean CLOSE[2]?'],
    ["RSI_14.shift(1) - 3", "did you mean RSI_14[1]?"],
    ["SMA_20(3)", "at character 8: the source of SMA_20 needs an indicator"],
    ["SMA_20(close, 20)", "at character 13: the source of SMA_20 is one expression: its parameters stand in its name"],
    ["CLOSE*1e999", "at character 7: 1e999 is not a finite number"],
    ["CLOSE[0]", `at character 7: expected bars before this one, 1 to 500, found "0": write CLOSE for the bar itself`],
    ["CLOSE[501]", `at character 7: expected bars before this one, 1 to 500, found "501"`],
    ["CLOSE[1.5]", `found "1.5"`],
    ["RSI@4h[1]", "at character 7: bars before stand in front of the timeframe, as in RSI_14[1]@4h"],
    ["RSI@1H + 1", `at character 5: expected a timeframe, one of 1s 1m`],
    ["RSI@1H + 1", `case-sensitive, found "1H": did you mean 1h?`],
    ["SMA_20(CLOSE@4h)", "at character 13: no reading in a source has a timeframe"],
    ["SMA_20(5*2)", "at character 8: the source of SMA_20 needs an indicator"],
    ["STOCH_K(VOLUME) + 1", "at character 8: STOCH_K takes no source"],
    ["MIN(CLOSE)", `at character 10: expected "," and another operand of MIN, found ")"`],
    ["ABS(CLOSE, OPEN)", `at character 10: expected "+", "-", "*", "/" or ")", found ","`],
    ["1 + ABS", "at character 5: ABS is a function: write ABS(…)"],
    ["(".repeat(9), "at character 9: at most 8 parentheses may be open at once"],
    [Array(33).fill("1").join("+"), "at character 65: at most 32 indicators and numbers are taken"],
    [" ".repeat(513), "has 513 characters, at most 512 are read"],
    [Array(32).fill("bb_upper_500_2.75[500]@15m").join("+").slice(0, 800), "at most 512 are read"],
  ])("%j says where its fault is", (text, expected) => {
    expect(fault(text)).toContain(expected);
  });

  it.each([
    ["CLOSE + RSJ_14", `at character 9: unknown indicator "RSJ_14": did you mean RSI_14?`],
    ["RSI(14)", "did you mean RSI_14?"],
    ["2*SMA(CLOSE, 20)", "did you mean SMA_20?"],
    ["EMA(5) - EMA(35)", "did you mean EMA_5?"],
    ["ta.rsi(close, 14)", "did you mean RSI_14?"],
    ["RSI 14", "did you mean RSI_14?"],
    ["OBV - OBV[3]", "at character 1: indicator OBV is not offered: its level depends on where history starts"],
  ])("%j names what is near", (text, expected) => {
    expect(fault(text)).toContain(expected);
  });

  it("may be longer in canonical form than as written, and is accepted again so", () => {
    const written = Array(32).fill("macd_signal").join("+");
    const text = canonical(written);
    expect([written.length, text.length]).toEqual([383, 701]);
    expect(canonical(text)).toBe(text);
    expect(fault(text.toLowerCase())).toContain("has 701 characters, at most 512 are read");
    expect(fault(`${text} +`)).toContain("at most 512 are read");
  });

  it("has a canonical text that parses to itself", () => {
    let accepted = 0;
    fc.assert(
      fc.property(expressionText, (text) => {
        const first = parseExpression(text);
        if ("fault" in first) {
          // Only what is beyond a bound may be refused.
          expect(first.fault).toMatch(/at most \d+/);
          return;
        }
        accepted++;
        const written = canonicalText(first.expression);
        const second = parseExpression(written);
        expect("expression" in second && second.expression).toStrictEqual(withoutKernels(first.expression, second));
        expect(canonical(written)).toBe(written);
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it("is refused with its place, whatever the text, and never crashes or hangs", () => {
    fc.assert(
      fc.property(noise, (text) => {
        const parsed = parseExpression(text);
        if ("fault" in parsed) {
          expect(parsed.fault.length).toBeGreaterThan(10);
          expect(parsed.fault.length).toBeLessThan(1_000);
          expect(parsed.fault.isWellFormed()).toBe(true);
        } else {
          expect(canonical(canonicalText(parsed.expression))).toBe(canonicalText(parsed.expression));
          expect(termsOf(parsed.expression).length).toBeLessThanOrEqual(32);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Trees are compared by their texts where readings hold functions. */
function withoutKernels(expression: unknown, other: object): unknown {
  return "expression" in other && JSON.stringify(expression) === JSON.stringify(other.expression)
    ? other.expression
    : expression;
}
