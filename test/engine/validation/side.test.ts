import { describe, expect, it } from "vitest";
import { OPERATORS } from "../../../src/domain/strategy.ts";
import { mirrored, voteOf } from "../../../src/engine/validation/side.ts";
import { parseIndicator } from "../../../src/indicators/grammar.ts";
import { accepted, conditionOf, conditionsOf, draftOf, violationsOf } from "./drafts.ts";

function vote(text: string): string {
  const { name, operator, value, indicator } = conditionOf(text);
  const known = OPERATORS.find((candidate) => candidate === operator);
  if (known === undefined) {
    throw new Error(text);
  }
  return voteOf({ left: indicatorOf(name), operator: known, right: value ?? indicatorOf(indicator ?? "") }) ?? "none";
}

function indicatorOf(text: string) {
  const parsed = parseIndicator(text);
  if ("fault" in parsed) {
    throw new Error(parsed.fault);
  }
  return parsed.indicator;
}

/** One line a rule of R17: conditions, then the vote of each. */
const VOTES: readonly (readonly [string, string])[] = [
  // Oscillators against a number: p = 0.4 and p = 0.6 are the ends of the zones.
  ["RSI < 30", "LONG"],
  ["RSI <= 40", "LONG"],
  ["RSI < 40.0001", "none"],
  ["RSI < 70", "none"],
  ["RSI > 70", "SHORT"],
  ["RSI >= 60", "SHORT"],
  ["RSI > 59.9999", "none"],
  ["RSI > 30", "none"],
  ["RSI crosses_above 30", "LONG"],
  ["RSI crosses_above 40", "LONG"],
  ["RSI crosses_above 50", "none"],
  ["RSI crosses_above 70", "none"],
  ["RSI crosses_below 70", "SHORT"],
  ["RSI crosses_below 60", "SHORT"],
  ["RSI crosses_below 50", "none"],
  ["RSI crosses_below 30", "none"],
  ["RSI == 30", "none"],
  ["RSI != 70", "none"],
  ["STOCH_K < 20", "LONG"],
  ["STOCH_D > 80", "SHORT"],
  ["MFI crosses_above 20", "LONG"],
  ["WILLR < -60", "LONG"],
  ["WILLR < -59", "none"],
  ["WILLR > -40", "SHORT"],
  ["WILLR > -41", "none"],
  ["CCI < -40", "LONG"],
  ["CCI < -300", "LONG"],
  ["CCI > 40", "SHORT"],
  ["CCI > 300", "SHORT"],
  ["CCI < 0", "none"],
  // The form of candles is no direction by itself.
  ["CDL_ENGULFING > 0", "none"],
  ["CDL_EVENINGSTAR < 0", "none"],
  ["CLOSE > SUPERTREND", "LONG"],
  ["SUPERTREND_DIR > 0", "LONG"],
  ["SUPERTREND_DIR crosses_below 0", "SHORT"],
  ["CLOSE > ICHIMOKU_SENKOU_A", "LONG"],
  ["CLOSE < VWMA", "SHORT"],
  ["STOCHRSI_K < 20", "LONG"],
  ["RMI > 70", "SHORT"],
  ["CMF > 0.05", "LONG"],
  ["CTI < -0.8", "none"],
  ["CHOP < 38.2", "none"],
  ["CLOSE > PIVOT_R1", "none"],
  ["CLOSE < KELTNER_LOWER", "none"],
  ["BB_PERCENT < 0.4", "LONG"],
  ["BB_PERCENT < -0.2", "LONG"],
  ["BB_PERCENT > 0.6", "SHORT"],
  ["BB_PERCENT crosses_below 1", "SHORT"],
  // Trend against a number.
  ["MACD > 0", "LONG"],
  ["MACD > 1.5", "LONG"],
  ["MACD > -1", "none"],
  ["MACD < 0", "SHORT"],
  ["MACD < 1", "none"],
  ["MACD_HIST crosses_above 0", "LONG"],
  ["MACD_SIGNAL crosses_below 0", "SHORT"],
  ["SMA_CROSS > 0", "LONG"],
  ["SMA_CROSS >= 1", "LONG"],
  ["SMA_CROSS == 1", "none"],
  ["EMA_CROSS <= -1", "SHORT"],
  ["ROC >= 0", "LONG"],
  ["MOM < -2", "SHORT"],
  ["AROON_OSC crosses_above 50", "LONG"],
  // Price against average, average against a slower one of the same name.
  ["CLOSE > EMA_50", "LONG"],
  ["PRICE crosses_below SMA", "SHORT"],
  ["LOW >= VWAP", "LONG"],
  ["HIGH < WMA_9", "SHORT"],
  ["CLOSE == EMA_50", "none"],
  ["EMA_20 > EMA_50", "LONG"],
  ["EMA_20 crosses_below EMA_50", "SHORT"],
  ["EMA_20 > SMA_50", "none"],
  ["EMA_20 != EMA_50", "none"],
  // Bands and extremes.
  ["CLOSE > BB_MIDDLE", "LONG"],
  ["CLOSE < BB_MIDDLE", "SHORT"],
  ["CLOSE < BB_LOWER", "LONG"],
  ["LOW crosses_below BB_LOWER", "LONG"],
  ["CLOSE > BB_LOWER", "none"],
  ["CLOSE crosses_above BB_LOWER", "none"],
  ["CLOSE > BB_UPPER", "SHORT"],
  ["CLOSE < BB_UPPER", "none"],
  ["CLOSE > HIGHEST", "LONG"],
  ["CLOSE < HIGHEST", "none"],
  ["CLOSE < LOWEST_55", "SHORT"],
  ["CLOSE > LOWEST", "none"],
  // Partners with equal parameters.
  ["MACD > MACD_SIGNAL", "LONG"],
  ["MACD crosses_below MACD_SIGNAL", "SHORT"],
  ["MACD > MACD_SIGNAL_5_35_5", "none"],
  ["MACD > MACD_HIST", "none"],
  ["PLUS_DI > MINUS_DI", "LONG"],
  ["PLUS_DI_7 < MINUS_DI_7", "SHORT"],
  ["PLUS_DI_7 < MINUS_DI", "none"],
  ["AROON_UP >= AROON_DOWN", "LONG"],
  ["AROON_UP_10 <= AROON_DOWN_10", "SHORT"],
  ["STOCH_K crosses_above STOCH_D", "LONG"],
  ["STOCH_K < STOCH_D", "SHORT"],
  ["STOCH_K < STOCH_D_5", "none"],
  // Families without a rule.
  ["CLOSE > 100", "none"],
  ["EMA_20 > 100", "none"],
  ["BB_UPPER < 5", "none"],
  ["HIGHEST > 5", "none"],
  ["ATR > 5", "none"],
  ["ADX > 25", "none"],
  ["PLUS_DI > 25", "none"],
  ["AROON_UP > 70", "none"],
  ["VOLUME > VOLUME_SMA", "none"],
  ["RSI_7 > RSI_14", "none"],
  ["BB_MIDDLE > EMA_20", "none"],
  ["CLOSE > OPEN", "none"],
];

describe("votes on a side (R17)", () => {
  it.each(VOTES)("%s votes %s", (text, expected) => {
    expect(vote(text)).toBe(expected);
  });

  it("reads a pair written the other way round as its mirror image", () => {
    const pairs = VOTES.map(([text]) => text).filter((text) => conditionOf(text).indicator !== undefined);
    expect(pairs.length).toBeGreaterThan(30);
    for (const pair of pairs) {
      const [left, operator, right] = pair.split(" ");
      const known = OPERATORS.find((candidate) => candidate === operator);
      expect(known && vote(`${right} ${mirrored(known)} ${left}`), pair).toBe(vote(pair));
    }
    expect(vote("EMA_50 < CLOSE")).toBe("LONG");
    expect(vote("EMA_50 crosses_above EMA_20")).toBe("SHORT");
    expect(vote("BB_LOWER > CLOSE")).toBe("LONG");
    expect(vote("BB_LOWER < CLOSE")).toBe("none");
  });
});

describe("a strategy's side", () => {
  it.each([
    ["RSI < 30", "LONG"],
    ["RSI < 30; ADX > 25; CLOSE > EMA_50", "LONG"],
    ["RSI > 70; EMA_50 > CLOSE", "SHORT"],
    ["BB_UPPER crosses_below CLOSE", "SHORT"],
  ])("that %s leave open is %s", (texts, side) => {
    expect(accepted(draftOf({ entryIndicators: conditionsOf(texts) })).config.side).toBe(side);
  });

  it("is required where no condition votes", () => {
    expect(violationsOf(draftOf({ entryIndicators: conditionsOf("ADX > 25; RSI == 30") }))).toEqual([
      "side: side is required: no condition votes for one; give LONG or SHORT",
    ]);
  });

  it("is required where votes disagree, and the refusal names them", () => {
    expect(violationsOf(draftOf({ entryIndicators: conditionsOf("RSI < 30; ADX > 25; CLOSE < EMA_50") }))).toEqual([
      "side: side is required: the conditions disagree (RSI_14 < 30 votes LONG, CLOSE < EMA_50 votes SHORT); give LONG or SHORT",
    ]);
  });

  it("is not called missing while a condition that might give it is refused", () => {
    const conditions = [...conditionsOf("ADX > 25"), conditionOf("RSJ < 30")];
    expect(violationsOf(draftOf({ entryIndicators: conditions })).map((text) => text.split(":")[0])).toEqual([
      "entry_indicators[1].name",
    ]);
  });

  it("that is given is taken, with a warning where a vote is against it (R18)", () => {
    const against = accepted(draftOf({ side: "SHORT", entryIndicators: conditionsOf("RSI < 30; CLOSE < EMA_50") }));
    expect(against.config.side).toBe("SHORT");
    expect(against.warnings).toEqual(["side: is SHORT, but RSI_14 < 30 votes LONG: check that it is meant"]);
    expect(accepted(draftOf({ side: "SHORT", entryIndicators: conditionsOf("ADX > 25; RSI > 70") })).warnings).toEqual(
      [],
    );
  });
});
