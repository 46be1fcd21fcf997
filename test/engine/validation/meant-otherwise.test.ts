import { describe, expect, it } from "vitest";
import type { StrategyDraft } from "../../../src/domain/strategy.ts";
import { accepted, conditionsOf, draftOf, violationsOf } from "./drafts.ts";

function warnings(changes: Partial<StrategyDraft>): readonly string[] {
  return accepted(draftOf({ side: "LONG", ...changes })).warnings;
}

function warningsOf(texts: string): readonly string[] {
  return warnings({ entryIndicators: conditionsOf(texts) }).filter((text) => text.startsWith("entry_indicators"));
}

describe("percent where a fraction belongs", () => {
  it("is refused with the fractions, those of stop and target together", () => {
    expect(violationsOf(draftOf({ stopLossPct: 2, takeProfitPct: 4 }))).toEqual([
      "stop_loss_pct: is 2, must be above 0 and below 1 (0.02 is 2 %): did you mean 0.02?",
      "take_profit_pct: is 4, which is 400 %, and stop_loss_pct seems to be in percent, too: did you mean 0.04?",
    ]);
    expect(violationsOf(draftOf({ stopLossPct: 1.1, takeProfitPct: 30 }))).toEqual([
      "stop_loss_pct: is 1.1, must be above 0 and below 1 (0.02 is 2 %): did you mean 0.011?",
      "take_profit_pct: is 30, must be above 0 and at most 10 (0.05 is 5 %): did you mean 0.3?",
    ]);
    expect(violationsOf(draftOf({ takeProfitPct: 6, side: "SHORT" }))).toEqual([
      "take_profit_pct: is 6, must be above 0 and below 1 for SHORT (0.05 is 5 %): did you mean 0.06?",
    ]);
    expect(violationsOf(draftOf({ stopLossPct: 2, takeProfitPct: 0.05 }))).toHaveLength(1);
  });

  it("is no suggestion where no percentage can be meant", () => {
    expect(violationsOf(draftOf({ stopLossPct: 5_000 }))[0]).not.toContain("did you mean");
    expect(violationsOf(draftOf({ minConfidence: 101 }))[0]).not.toContain("did you mean");
  });

  it("is refused without its sign, where a stop is written below 0", () => {
    const must = "must be above 0 and below 1 (0.02 is 2 %)";
    expect(violationsOf(draftOf({ stopLossPct: -0.1, takeProfitPct: 1.5 }))).toEqual([
      `stop_loss_pct: is -0.1, ${must}: did you mean 0.1?`,
    ]);
    expect(violationsOf(draftOf({ stopLossPct: -2, takeProfitPct: 4 }))).toEqual([
      `stop_loss_pct: is -2, ${must}: did you mean 0.02?`,
      "take_profit_pct: is 4, which is 400 %, and stop_loss_pct seems to be in percent, too: did you mean 0.04?",
    ]);
  });

  it("is refused in a confidence and a score, with the share", () => {
    expect(violationsOf(draftOf({ minConfidence: 60, fitnessScore: 78.5 }))).toEqual([
      "min_confidence: is 60, must be from 0 to 1: did you mean 0.6?",
      "fitness_score: is 78.5, must be from 0 to 1: did you mean 0.785?",
    ]);
  });

  it("is warned of where it is allowed: a target above 1, a stop above 0.3 with its target", () => {
    expect(warnings({ stopLossPct: 0.02, takeProfitPct: 4 })).toEqual([
      "take_profit_pct: is 4, which is 400 % of the entry price: give 0.04 if percent is meant",
    ]);
    expect(warnings({ stopLossPct: 0.5, takeProfitPct: 1.5 })).toEqual([
      "stop_loss_pct: is 0.5, which is 50 % of the entry price: give 0.005, and take_profit_pct 0.015 if percent is meant",
      "take_profit_pct: is 1.5, which is 150 % of the entry price: give 0.015, and stop_loss_pct 0.005 if percent is meant",
    ]);
    expect(warnings({ stopLossPct: 0.4, takeProfitPct: 0.8 })).toEqual([
      "stop_loss_pct: is 0.4, which is 40 % of the entry price: give 0.004, and take_profit_pct 0.008 if percent is meant",
    ]);
    expect(warnings({ stopLossPct: 0.3, takeProfitPct: 1 })).toEqual([]);
  });
});

describe("a name of a set in another case", () => {
  it("is refused with the one that is meant, as rows that others write may have it", () => {
    expect(violationsOf(draftOf({ status: "live", side: "Long" }))).toEqual([
      'status: is "live", must be one of CANDIDATE, SHADOW, LIVE, DISABLED: did you mean LIVE?',
      'side: is "Long", must be one of LONG, SHORT: did you mean LONG?',
    ]);
  });
});

describe("a threshold on another scale than its indicator's", () => {
  it.each([
    ["RSI < 0.3", "entry_indicators[0].value: is 0.3, and RSI_14 is on a scale of 0..100: did you mean 30?"],
    ["STOCH_K crosses_below 0.8", "STOCH_K_14_3_3 is on a scale of 0..100: did you mean 80?"],
    ["MFI > 0.85", "did you mean 85?"],
    ["ADX > 0.25", "did you mean 25?"],
    ["PLUS_DI >= 1", "did you mean 100?"],
    ["AROON_UP > 0.7", "did you mean 70?"],
    ["AROON_OSC < -0.5", "AROON_OSC_14 is on a scale of -100..100: did you mean -50?"],
    ["WILLR < -0.8", "WILLR_14 is on a scale of -100..0: did you mean -80?"],
    ["BB_PERCENT < 20", "BB_PERCENT_20_2 is on a scale of about 0..1: did you mean 0.2?"],
    ["BB_WIDTH < 4", "BB_WIDTH_20_2 is on a scale of fractions of the price: did you mean 0.04?"],
  ])("is warned of: %s", (text, warning) => {
    expect(warningsOf(text)).toEqual([expect.stringContaining(warning)]);
  });

  it.each([
    "RSI < 30",
    "RSI > 0",
    "RSI > 1.5",
    "CCI > 0.5",
    "MACD > 0.3",
    "ROC > 0.5",
    "NATR < 0.5",
    "EMA_CROSS > 0.5",
    "BB_PERCENT > 1.2",
    "BB_PERCENT < -2",
    "BB_WIDTH < 0.04",
    "CLOSE > 0.5",
  ])("is not: %s", (text) => {
    expect(warningsOf(text)).toEqual([]);
  });
});

describe("sides of different units", () => {
  it("are warned of", () => {
    expect(warningsOf("RSI > CLOSE; VOLUME > ATR; CLOSE > EMA_50; RSI > MFI")).toEqual([
      "entry_indicators[0]: RSI_14 > CLOSE compares RSI_14, which has no unit, with CLOSE, in units of price: check that it is meant",
      "entry_indicators[1]: VOLUME > ATR_14 compares VOLUME, in units of volume, with ATR_14, in units of price: check that it is meant",
    ]);
  });
});

describe("words that look like all or none", () => {
  it("are names of regimes, which a warning says", () => {
    expect(warnings({ allowedRegimes: ["any"] })).toEqual([
      'allowed_regimes[0]: "any" is taken for the name of a regime: leave allowed_regimes empty where any regime will do',
    ]);
    expect(warnings({ allowedRegimes: ["BULL", "*"] })).toHaveLength(1);
    expect(warnings({ allowedRegimes: ["BULL", "small"] })).toEqual([]);
  });
});

describe("a size below one dollar", () => {
  it("is warned of: a share of the capital is meant more often", () => {
    expect(warnings({ baseSizeUsd: 0.1 })).toEqual([
      "base_size_usd: is 0.1, which is 0.1 USD: give dollars if a share of the capital is meant",
    ]);
    expect(warnings({ baseSizeUsd: 1 })).toEqual([]);
  });
});

describe("an operator that stands for two conditions, or for one of two", () => {
  const known = "must be one of <, <=, >, >=, ==, !=, crosses_above, crosses_below";
  it.each([
    ["between", 'write two conditions, with ">=" and with "<="'],
    ["in range", 'write two conditions, with ">=" and with "<="'],
    ["crosses", "give crosses_above or crosses_below"],
    ["rising", "compare with the bar before, as CLOSE with CLOSE[1]"],
  ])("is refused with what to write: %s", (operator, write) => {
    const condition = { name: "RSI", operator, value: 30, timeframe: "" };
    expect(violationsOf(draftOf({ side: "LONG", entryIndicators: [condition] }))).toEqual([
      `entry_indicators[0].operator: is "${operator}", ${known}: ${write}`,
    ]);
  });
});

describe("an operator between blanks", () => {
  it("is refused with the one that is meant", () => {
    const condition = { name: "RSI", operator: " < ", value: 30, timeframe: "" };
    expect(violationsOf(draftOf({ entryIndicators: [condition] }))[0]).toMatch(/: did you mean <\?$/);
  });
});

describe("an operand that could not be read", () => {
  it.each(["value", "indicator"])("is not asked for again: %s", (key) => {
    const field = `entry_indicators[0].${key}`;
    const faults = [{ field, description: "is a list", lost: true }];
    const condition = { name: "RSI", operator: "<", timeframe: "" };
    expect(violationsOf(draftOf({ side: "LONG", entryIndicators: [condition], faults }))).toEqual([
      `${field}: is a list`,
    ]);
  });
});
