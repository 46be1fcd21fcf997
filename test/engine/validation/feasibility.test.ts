import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ConditionDraft, OPERATORS, type Operator } from "../../../src/domain/strategy.ts";
import { crosses, holds } from "../../../src/engine/rules/conditions/comparison.ts";
import { nextDown, nextUp } from "../../../src/expressions/doubles.ts";
import { parseIndicator } from "../../../src/indicators/grammar.ts";
import { accepted, conditionsOf, draftOf, violationsOf } from "./drafts.ts";

function refusals(texts: string, entryLogic = "ALL"): readonly string[] {
  return violationsOf(draftOf({ side: "LONG", entryLogic, entryIndicators: conditionsOf(texts) }));
}

function warnings(texts: string, changes = {}): readonly string[] {
  return accepted(draftOf({ side: "LONG", entryIndicators: conditionsOf(texts), ...changes })).warnings.filter(
    (warning) => !warning.startsWith("side"),
  );
}

describe("conditions that can never hold (R43)", () => {
  it.each([
    "RSI > 100",
    "RSI < 0",
    "RSI >= 100.0001",
    "RSI <= -1",
    "RSI == 101",
    "RSI == -1",
    "RSI crosses_above 100",
    "RSI crosses_above 120",
    "RSI crosses_above -0.001",
    "RSI crosses_below 0",
    "RSI crosses_below 100.001",
    "WILLR > 0",
    "CLOSE < 0",
    "CLOSE <= 0",
    "CLOSE == 0",
    "CLOSE crosses_above 0",
    "CLOSE < 5e-324",
    "CLOSE > 1.7976931348623157e308",
    "VOLUME < 0",
    "ROC < -100",
    "ROC crosses_below -100",
    "SMA_CROSS > 1",
    "SMA_CROSS == 0.5",
    "EMA_CROSS crosses_above 1",
    "CDL_HAMMER < 0",
    "CDL_HAMMER == 1",
    "CDL_ENGULFING == 50",
    "CDL_HIKKAKE > 200",
    "AROON_OSC < -100",
    "ADX > 100",
    "BB_WIDTH < 0",
    "MACD > 1.7976931348623157e308",
    "RSI < 30; RSI > 70",
    "RSI_14 < 30; rsi > 70",
    "RSI < 30; RSI >= 30",
    "RSI == 30; RSI == 31",
    "RSI == 30; RSI != 30",
    "RSI == 50; RSI == 50.0002",
    "RSI crosses_above 50; RSI crosses_below 60",
    "RSI crosses_below 50; RSI crosses_above 60",
    "RSI crosses_above 50; RSI < 50",
    "RSI crosses_below 50; RSI >= 50",
    "RSI <= 0; RSI != 0",
    "RSI >= 50; RSI != 50.00007; RSI != 50; RSI <= 50.00008",
    "RSI > 99.99995; RSI != 100",
    "VOLUME <= 0; VOLUME != 0",
    "CLOSE > 1; CLOSE < 1.0000000000000004; CLOSE != 1",
    "SMA_CROSS > 0.5; SMA_CROSS < 0.9",
    "SMA_CROSS > -1; SMA_CROSS < 0",
    "SMA_CROSS != -1; SMA_CROSS != 0; SMA_CROSS != 1",
    "SMA_CROSS crosses_above 0.2; SMA_CROSS crosses_above -0.5; SMA_CROSS <= 0",
    "RSI < 30 on 4h; MACD > 0; RSI > 70 on 4h",
  ])("refuses %s", (texts) => {
    const found = refusals(texts);
    expect(found).not.toEqual([]);
    expect(found.every((text) => text.includes("can never hold"))).toBe(true);
  });

  it.each([
    "RSI >= 100",
    "RSI <= 0",
    "RSI == 100",
    "RSI == 100.00005",
    "RSI crosses_above 0",
    "RSI crosses_below 100",
    "RSI != 50",
    "CLOSE <= 5e-324",
    "CLOSE >= 1.7976931348623157e308",
    "VOLUME <= 0",
    "CLOSE crosses_below 5e-300",
    "CCI > 100000",
    "BB_PERCENT < -3",
    "BB_LOWER < 0",
    "ROC <= -100",
    "CDL_HAMMER > 0",
    "CDL_HIKKAKE == -200",
    "CDL_ENGULFING crosses_above 80",
    "SMA_CROSS == 1",
    "SMA_CROSS == 0.9999995",
    "SMA_CROSS crosses_above 0.5",
    "SMA_CROSS > -0.5; SMA_CROSS < 0.5",
    "RSI > 30; RSI < 70",
    "RSI < 30; RSI == 30",
    "RSI <= 30; RSI >= 30",
    "RSI == 50; RSI == 50.00005",
    "RSI >= 30; RSI <= 30; RSI == 30.00001",
    "RSI crosses_above 60; RSI crosses_above 50",
    "RSI crosses_above 30; RSI < 31",
    "RSI > 30; RSI < 30.000000000000007",
    "CLOSE >= 1; CLOSE < 1.0000000000000002",
    "RSI < 30; RSI_7 > 70",
    "RSI < 30; RSI > 70 on 4h",
    "RSI != 0; RSI != 50; RSI != 100",
    "CLOSE > EMA_20; CLOSE < EMA_20",
  ])("accepts %s", (texts) => {
    expect(refusals(texts)).toEqual([]);
  });

  it("judges each condition by itself under ANY", () => {
    expect(refusals("RSI < 30; RSI > 70", "ANY")).toEqual([]);
    expect(refusals("RSI < 30; RSI > 100", "ANY")).toHaveLength(1);
  });

  it("names the conditions that conflict and no others, at the last of them", () => {
    expect(refusals("RSI < 60; RSI < 30; RSI != 45; RSI > 70; RSI > 101; ADX < 0")).toEqual([
      "entry_indicators[3]: RSI_14 < 30 and RSI_14 > 70 can never hold together: change one of them, or use entry_logic ANY",
      "entry_indicators[4]: RSI_14 > 101 can never hold: RSI_14 is from 0 to 100; change the operator or the value",
      "entry_indicators[5]: ADX_14 < 0 can never hold: ADX_14 is from 0 to 100; change the operator or the value",
    ]);
  });

  it("refuses equal sides, however they are spelt", () => {
    expect(refusals("EMA_20 > EMA")).toEqual([
      "entry_indicators[0].indicator: is EMA_20, as the left side: compare with another indicator or a number",
    ]);
    expect(refusals("PRICE >= close")).toHaveLength(1);
  });
});

describe("conditions that say nothing (R43)", () => {
  it.each([
    "CDL_HAMMER >= 0",
    "RSI >= 0",
    "RSI <= 100",
    "RSI > -1",
    "RSI != 101",
    "CLOSE > 0",
    "CLOSE != 0",
    "VOLUME >= 0",
    "SMA_CROSS != 0.5",
    "ROC >= -100",
  ])("warns that %s always holds", (text) => {
    expect(warnings(text)).toEqual([expect.stringMatching(/^entry_indicators\[0\]: .* always holds: /)]);
  });

  it.each([
    "RSI > 0",
    "RSI != 100",
    "CLOSE >= 0.01",
    "VOLUME > 0",
    "RSI crosses_above 0",
    "CCI > -200",
    "SMA_CROSS != 0",
  ])("does not warn of %s", (text) => {
    expect(warnings(text)).toEqual([]);
  });

  it("warns of a duplicate, mirrored or spelt differently", () => {
    expect(warnings("RSI < 30; MACD > 0; rsi_14 < 30.0")).toEqual([
      "entry_indicators[2]: RSI_14 < 30 says the same as entry_indicators[0]",
    ]);
    expect(warnings("CLOSE > EMA_50; EMA_50 < PRICE")).toEqual([
      "entry_indicators[1]: EMA_50 < CLOSE says the same as entry_indicators[0]",
    ]);
    expect(warnings("RSI < 30; RSI < 30 on 1h; RSI < 30 on 4h")).toHaveLength(1);
    expect(warnings("RSI < 30; RSI <= 30; CLOSE > EMA_50; EMA_50 != CLOSE")).toEqual([]);
  });

  it("warns that an EDGE strategy whose conditions always hold never fires", () => {
    const edge = { trigger: "EDGE" };
    expect(warnings("RSI >= 0", edge)).toContainEqual(expect.stringContaining("never fires"));
    expect(warnings("RSI >= 0; RSI < 30", edge)).not.toContainEqual(expect.stringContaining("never fires"));
    expect(warnings("RSI >= 0; RSI < 30", { ...edge, entryLogic: "ANY" })).toContainEqual(
      expect.stringContaining("never fires"),
    );
  });
});

describe("the neighbours of a double", () => {
  it("are next to it, across zero and at the ends", () => {
    expect([nextUp(1), nextDown(1)]).toEqual([1 + 2 ** -52, 1 - 2 ** -53]);
    expect([nextUp(0), nextDown(0), nextUp(-0)]).toEqual([5e-324, -5e-324, 5e-324]);
    expect(Object.is(nextUp(-5e-324), 0) && Object.is(nextDown(5e-324), 0)).toBe(true);
    expect([nextUp(Number.MAX_VALUE), nextDown(-Number.MAX_VALUE)]).toEqual([Infinity, -Infinity]);
  });

  it("leave no double between", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(nextUp(x)).toBeGreaterThan(x);
        expect(nextDown(nextUp(x))).toBe(x + 0);
        const middle = x / 2 + nextUp(x) / 2;
        expect(middle === x || middle === nextUp(x) || Math.abs(x) < 1e-300).toBe(true);
      }),
    );
  });
});

describe("refusal as impossible, against every pair of a grid", () => {
  /**
   * Each with thresholds about its range: ends, middle, and some a tolerance of == or one double
   * apart.
   */
  const CASES = [
    { name: "RSI", thresholds: [-1, 0, 30, 50, 50.00003, 50.00007, nextUp(50), 99.99995, 100, 101] },
    { name: "CLOSE", thresholds: [-1, 0, 5e-324, 1, nextUp(1), 1.000001, 1e300] },
    { name: "MACD", thresholds: [-2, -1.000001, -1, 0, 1e-320, 1, Number.MAX_VALUE, -Number.MAX_VALUE] },
    { name: "ROC", thresholds: [-101, -100, -99.99999, -1, 0, 5] },
    { name: "SMA_CROSS", thresholds: [-2, -1, -0.5, 0, 0.5, 0.9999995, 0.9, 1, 1.0000005, 2] },
  ] as const;

  const conditions = fc.constantFrom(...CASES).chain(({ name, thresholds }) =>
    fc.array(
      fc
        .record({ operator: fc.constantFrom(...OPERATORS), value: fc.constantFrom(...thresholds) })
        .map((threshold): ConditionDraft & { operator: Operator; value: number } => ({
          name,
          timeframe: "",
          ...threshold,
        })),
      { minLength: 1, maxLength: 4 },
    ),
  );

  it("happens exactly where no pair passes", () => {
    let impossible = 0;
    const runs = 3_000;
    fc.assert(
      fc.property(conditions, (drafts) => {
        const refused = violationsOf(draftOf({ side: "LONG", entryIndicators: drafts }));
        const possible = somePairPasses(drafts);
        impossible += possible ? 0 : 1;
        expect(refused.length === 0).toBe(possible);
      }),
      { numRuns: runs, seed: 43 },
    );
    expect(impossible).toBeGreaterThan(runs / 10);
    expect(impossible).toBeLessThan((runs * 9) / 10);
  });

  function somePairPasses(drafts: readonly { name: string; operator: Operator; value: number }[]): boolean {
    const grid = gridOf(
      drafts[0]?.name ?? "",
      drafts.map((draft) => draft.value),
    );
    return grid.some((current) =>
      grid.some((previous) => drafts.every(({ operator, value }) => passes(operator, value, previous, current))),
    );
  }

  function passes(operator: Operator, value: number, previous: number, current: number): boolean {
    return operator === "crosses_above" || operator === "crosses_below"
      ? crosses(operator, sign(previous, value), sign(current, value))
      : holds(operator, current, value, 0);
  }

  function sign(a: number, b: number): -1 | 0 | 1 {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  /** Every set of values that thresholds can carve out has a least member that is one of these. */
  function gridOf(name: string, thresholds: readonly number[]): readonly number[] {
    const parsed = parseIndicator(name);
    if ("fault" in parsed) {
      throw new Error(parsed.fault);
    }
    if (name === "SMA_CROSS") {
      return [-1, 0, 1];
    }
    const { low, high, lowOpen } = parsed.indicator.range;
    const edges = thresholds.flatMap((value) => [value, value * (1 - 1e-6), value / (1 - 1e-6)]);
    const near = [...edges, low, high, -Number.MAX_VALUE, Number.MAX_VALUE].flatMap((edge) => {
      const below = nextDown(edge);
      const above = nextUp(edge);
      return [nextDown(nextDown(below)), nextDown(below), below, edge, above, nextUp(above), nextUp(nextUp(above))];
    });
    return [...new Set(near)].filter((x) => Number.isFinite(x) && x <= high && (lowOpen ? x > low : x >= low));
  }
});
