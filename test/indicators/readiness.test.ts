import { describe, expect, it } from "vitest";
import { barsNeeded, historyBars, missingBars } from "../../src/indicators/readiness.ts";
import { indicator } from "./series.ts";

describe("bars that an indicator needs (R10, R11)", () => {
  it.each([
    ["CLOSE", 1, 1],
    ["SMA_200", 200, 200],
    ["RSI_14", 15, 388],
    ["MACD", 34, 518],
    ["ROC_4", 5, 5],
    ["ADX_14", 28, 774],
    ["EMA_1", 1, 1],
    ["ATR_1", 2, 2],
    ["EMA_CROSS_20_50", 50, 741],
    ["MACD_2_3_1", 3, 43],
    ["TEMA_20", 58, 889],
    ["T3_5_0.7", 25, 439],
    ["TRIX_15", 44, 665],
    ["KAMA_10", 11, 494],
    ["SAR_0.02_0.2", 2, 402],
    ["HT_DCPERIOD", 33, 633],
    ["MAMA_0.5_0.05", 33, 794],
    ["ADXR_14", 41, 787],
    ["OBV_CHANGE_20", 21, 21],
    ["OBV_SLOPE_20", 20, 20],
  ] as const)("%s is defined with %i and settled with %i", (name, defined, settled) => {
    const one = indicator(name);
    expect([barsNeeded(one, false), barsNeeded(one, true)]).toEqual([defined, settled]);
    expect(missingBars(one, defined - 1, false)).toBe(1);
    expect(missingBars(one, settled + 5, true)).toBe(0);
    expect(historyBars(one, "1m")).toBe(settled);
  });

  it("VWAP misses no number of bars, and is loaded with a whole day", () => {
    const vwap = indicator("VWAP");
    expect([missingBars(vwap, 0, true), missingBars(vwap, 0, false)]).toEqual([0, 0]);
    expect([historyBars(vwap, "30m"), historyBars(vwap, "1s")]).toEqual([48, 86_400]);
  });

  it("pivots are loaded with the whole day before", () => {
    const pivot = indicator("PIVOT_R1");
    expect(missingBars(pivot, 0, true)).toBe(0);
    expect([historyBars(pivot, "30m"), historyBars(pivot, "12h")]).toEqual([96, 4]);
  });
});
