import { describe, expect, it } from "vitest";
import { validateStrategy } from "../../../src/engine/validation/validate-strategy.ts";
import { conditionsOf, draftOf } from "./drafts.ts";

interface Sides {
  readonly name: string;
  readonly operator?: string;
  readonly value?: number;
  readonly indicator?: string;
  readonly timeframe?: string;
}

function validated(conditions: readonly Sides[], changes: object = {}) {
  const entryIndicators = conditions.map(({ operator = ">", timeframe = "", ...sides }) => ({
    operator,
    timeframe,
    ...sides,
  }));
  return validateStrategy(draftOf({ entryIndicators, side: "LONG", timeframe: "1h", ...changes }), {});
}

function faults(...conditions: readonly Sides[]): readonly string[] {
  const result = validated(conditions);
  return "violations" in result ? result.violations.map(({ field, description }) => `${field}: ${description}`) : [];
}

function warnings(...conditions: readonly Sides[]): readonly string[] {
  const result = validated(conditions);
  return "warnings" in result ? result.warnings : ["refused"];
}

function stored(condition: Sides) {
  const result = validated([condition]);
  return "config" in result ? result.config.entryIndicators[0] : result;
}

describe("a condition with expressions", () => {
  it("is stored in canonical form, which is accepted again unchanged", () => {
    const condition = { name: "( ema_5-ema_35 )/close", operator: ">", indicator: "1.50*volume_sma/volume@1h" };
    const canonical = {
      name: "(EMA_5 - EMA_35)/CLOSE",
      operator: ">",
      operand: "1.5*VOLUME_SMA_20/VOLUME",
      timeframe: "1h",
    };
    expect(stored(condition)).toEqual(canonical);
    expect(stored({ ...condition, name: canonical.name, indicator: canonical.operand })).toEqual(canonical);
  });

  it.each([
    ["rsi@1h", "RSI_14"],
    ["(rsi)", "RSI_14"],
    ["rsi[2] @1h", "RSI_14[2]"],
    ["rsi@4h", "RSI_14@4h"],
  ])("names %s as %s on 1h", (name, expected) => {
    expect(stored({ name, value: 30 })).toMatchObject({ name: expected });
  });

  it.each([
    ["-30.5", -30.5],
    ["(2)", 2],
    ["-(2)", -2],
    ["0", 0],
  ])("stores the right side %s as a value", (indicator, operand) => {
    expect(stored({ name: "CCI", indicator })).toMatchObject({ operand });
  });

  it("needs an indicator on its left side", () => {
    expect(faults({ name: "5", value: 3 })).toEqual([
      expect.stringContaining(`entry_indicators[0].name: is "5", a number`),
    ]);
    expect(faults({ name: "2*3", indicator: "CLOSE" })).toEqual([expect.stringContaining(`is "2*3", a number`)]);
  });

  it("names the place of a fault", () => {
    expect(faults({ name: "CLOSE + )", indicator: "RSJ_14*2" })).toEqual([
      `entry_indicators[0].name: "CLOSE + )", at character 9: expected an indicator, a number or "(", found ")"`,
      `entry_indicators[0].indicator: "RSJ_14*2", at character 1: unknown indicator "RSJ_14": did you mean RSI_14?`,
    ]);
  });

  it("reads no timeframe shorter than its own", () => {
    expect(faults({ name: "CLOSE - CLOSE@15m", value: 0 })).toEqual([
      "entry_indicators[0].name: has CLOSE on 15m, shorter than the condition's 1h: give 1h or a longer one",
    ]);
    expect(faults({ name: "CLOSE@1h - CLOSE", value: 0, timeframe: "4h" })).toHaveLength(1);
  });

  it("reads nothing on 1d that starts afresh every day, not even in a source", () => {
    expect(faults({ name: "EMA_9(VWAP)@1d", value: 5 })).toEqual([expect.stringContaining("use a timeframe below 1d")]);
    expect(faults({ name: "CLOSE/VWAP[3]", value: 5, timeframe: "1d" })).toHaveLength(1);
    expect(faults({ name: "EMA_9(VWAP)@4h", value: 5 })).toEqual([]);
  });

  it("compares no expression with itself", () => {
    expect(faults({ name: "CLOSE - OPEN", indicator: "close-open" })).toEqual([
      expect.stringContaining("is CLOSE - OPEN, as the left side"),
    ]);
  });

  it("votes for no side", () => {
    const result = validated([{ name: "RSI_14[1]", operator: "<", value: 30 }], { side: "" });
    expect("violations" in result && result.violations).toEqual([
      { field: "side", description: "side is required: no condition votes for one; give LONG or SHORT" },
    ]);
  });

  it.each<[string, Sides]>([
    ["ABS(CLOSE - OPEN) is from 0 up", { name: "ABS(CLOSE - OPEN)", operator: "<", value: 0 }],
    ["MAX(RSI_14, 50) is from 50 to 100", { name: "MAX(RSI,50)", operator: "<", value: 50 }],
    ["RSI_14[1] is from 0 to 100", { name: "RSI[1]@1h", operator: ">", value: 100 }],
    ["SMA_5(RSI_14) is from 0 to 100", { name: "SMA_5(RSI)", operator: "crosses_above", value: 100 }],
    ["EMA_5(VOLUME) is from 0 up", { name: "EMA_5(VOLUME)", operator: "<", value: 0 }],
    ["-CLOSE is at most", { name: "-CLOSE", operator: ">", value: 0 }],
    ["RSI_14/100 is from 0 to 1", { name: "RSI/100", operator: ">=", value: 1.1 }],
    ["CLOSE/OPEN is from 0 up", { name: "CLOSE/OPEN", operator: "<", value: 0 }],
    ["never above", { name: "RSI_14[1]", operator: ">", indicator: "100 + ATR" }],
  ])("is refused where it can never hold: %s", (reason, condition) => {
    const [fault, ...others] = faults(condition);
    expect(fault).toContain("can never hold");
    expect(fault).toContain(reason);
    expect(others).toEqual([]);
  });

  it.each<[string, Sides]>([
    ["equal within the tolerance", { name: "RSI_14[1]", operator: ">=", value: 100 + 5e-11 }],
    ["at the end of the range", { name: "MAX(RSI,50)", operator: "<=", value: 50 }],
    ["of prices, whose tolerance has no bounds", { name: "MIN(CLOSE, 50)", operator: ">=", value: 50.1 }],
    ["of a divisor that may be 0", { name: "CLOSE/MACD", operator: "<", value: -5 }],
    ["of a price that is multiplied by 0", { name: "MIN(50, CLOSE*0 + 50)", operator: "<=", value: 50 }],
    ["of a source below 0", { name: "ROC_3(MACD)", operator: "<", value: -200 }],
  ])("is accepted where it may hold: %s", (_, condition) => {
    expect(faults(condition)).toEqual([]);
  });

  it("is refused under ALL together with others on the same expression, but for lags", () => {
    const spread = { name: "EMA_5 - EMA_35" };
    expect(faults({ ...spread, operator: ">", value: 5 }, { ...spread, operator: "<", value: 3 })).toEqual([
      expect.stringContaining("can never hold together"),
    ]);
    expect(faults({ name: "RSI[1]", operator: ">", value: 70 }, { name: "RSI[1]", operator: "<", value: 30 })).toEqual(
      [],
    );
  });

  it("warns where it always holds", () => {
    expect(warnings({ name: "ABS(CLOSE - OPEN)", operator: ">=", value: 0 })).toEqual([
      expect.stringContaining("ABS(CLOSE - OPEN) >= 0 always holds: ABS(CLOSE - OPEN) is from 0 up"),
    ]);
  });

  it("warns of what looks like a period, of units, and of sources that need volume", () => {
    expect(warnings({ name: "RSI[14]", value: 30 })).toEqual([
      "entry_indicators[0].name: RSI[14] is RSI_14 14 bars before: write RSI_14 where its period is meant",
    ]);
    expect(warnings({ name: "CLOSE", indicator: "EMA-50" })).toEqual([
      "entry_indicators[0].indicator: EMA-50 is EMA_20 less 50: write EMA_50 where its period is meant",
    ]);
    expect(warnings({ name: "CLOSE - OPEN", indicator: "2*VOLUME" })).toEqual([
      expect.stringContaining("compares CLOSE - OPEN, in units of price, with 2*VOLUME, in units of volume"),
    ]);
    expect(warnings({ name: "EMA_9(CLOSE/VOLUME)", value: 3 })).toEqual([
      expect.stringContaining("the source CLOSE/VOLUME is undefined on bars without volume"),
    ]);
    expect(warnings({ name: "EMA_50 - 50", value: 3 }, { name: "CLOSE[14]", value: 3 })).toEqual([]);
  });

  it("is refused where it needs more than 20,000 bars; a plain one is not", () => {
    expect(faults({ name: "RSI_500(RSI_500)", value: 50 })).toEqual([
      expect.stringMatching(/^entry_indicators: RSI_500\(RSI_500\) needs 2\d,\d*|needs 2\d{4} bars of 1h/),
    ]);
    expect(faults({ name: "ADX_500", value: 50 })).toEqual([]);
  });

  it("leaves plain conditions as they are", () => {
    const entryIndicators = conditionsOf("RSI < 30; CLOSE crosses_above EMA_50 on 4h");
    const result = validateStrategy(draftOf({ entryIndicators }), {});
    expect("config" in result && result.config.entryIndicators).toEqual([
      { name: "RSI_14", operator: "<", operand: 30, timeframe: "1h" },
      { name: "CLOSE", operator: "crosses_above", operand: "EMA_50", timeframe: "4h" },
    ]);
  });
});
