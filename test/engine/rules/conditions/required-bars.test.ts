import { describe, expect, it } from "vitest";
import type { StrategyDraft } from "../../../../src/domain/strategy.ts";
import { requiredBars } from "../../../../src/engine/rules/conditions/required-bars.ts";
import { accepted, conditionsOf, draftOf } from "../../validation/drafts.ts";

function bars(texts: string, changes: Partial<StrategyDraft> = {}): Record<string, number> {
  const { config } = accepted(draftOf({ side: "LONG", entryIndicators: conditionsOf(texts), ...changes }));
  return Object.fromEntries(requiredBars(config));
}

/**
 * First index 33, and 484 bars more until it has settled (TA-Lib's table in
 * test/golden/settle.csv).
 */
const MACD_BARS = 33 + 1 + 484;

describe("bars that a strategy needs (R10, R11)", () => {
  it("are those of MACD on its own timeframe where its conditions need fewer", () => {
    expect(bars("RSI < 30")).toEqual({ "1h": MACD_BARS });
    expect(bars("CLOSE > 5 on 4h")).toEqual({ "1h": MACD_BARS, "4h": 1 });
  });

  it("are those of the longest indicator of each timeframe, on either side", () => {
    expect(bars("RSI < 30 on 4h; ADX_14 > 25 on 4h; CLOSE > EMA_50; CLOSE > HIGHEST_20 on 1d")).toEqual({
      "1h": 49 + 1 + 691,
      "4h": 27 + 1 + 746,
      "1d": 21,
    });
  });

  it("are one more for a cross, and one more for the bar before that EDGE looks at", () => {
    expect(bars("RSI crosses_above 30 on 4h")["4h"]).toBe(14 + 1 + 373 + 1);
    expect(bars("CLOSE crosses_above EMA_50")["1h"]).toBe(49 + 1 + 691 + 1);
    expect(bars("RSI < 30 on 4h", { trigger: "EDGE" })["4h"]).toBe(14 + 1 + 373 + 1);
    expect(bars("RSI crosses_above 30 on 4h", { trigger: "EDGE" })["4h"]).toBe(14 + 1 + 373 + 2);
    expect(bars("RSI < 30", { trigger: "EDGE" })).toEqual({ "1h": MACD_BARS });
  });

  it("reach back over a whole day for VWAP", () => {
    expect(bars("CLOSE > VWAP", { timeframe: "1m" })).toEqual({ "1m": 1_440 });
    expect(bars("CLOSE crosses_above VWAP", { timeframe: "1m" })).toEqual({ "1m": 1_441 });
  });
});
