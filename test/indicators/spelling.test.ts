import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nearestTo } from "../../src/indicators/edit-distance.ts";
import { parseIndicator } from "../../src/indicators/grammar.ts";
import { definitionOf } from "../../src/indicators/registry.ts";
import { indicatorWith, meantBy } from "../../src/indicators/spelling/meant.ts";
import { NOT_OFFERED } from "../../src/indicators/spelling/not-offered.ts";
import { TABLE } from "../../src/indicators/spelling/table.ts";
import { indicator } from "./series.ts";
import { suggestedBases, waysOf } from "./suggestions.ts";

/**
 * Usual ways to write an indicator, by pandas-ta, ta, TA-Lib, TradingView and people, and what is
 * meant by each.
 */
const SPELLINGS: readonly (readonly [string, string])[] = readFileSync(
  join(import.meta.dirname, "spellings.tsv"),
  "utf8",
)
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => line.split("\t") as [string, string]);

/** MAX always says its n, so that no text without a number stands for it. */
function withItsNumber(text: string, bases: readonly string[]): string {
  const parameters = bases.flatMap((base) => definitionOf(base)?.parameters ?? []);
  return parameters.some((parameter) => parameter.default === undefined) ? `${text}_20` : text;
}

function fault(text: string): string {
  const parsed = parseIndicator(text);
  return "fault" in parsed ? parsed.fault : `accepted as ${parsed.indicator.name}`;
}

describe("a usual spelling is accepted, or refused with the canonical name that is meant and no other", () => {
  it("of 91 and more", () => {
    expect(SPELLINGS.length).toBeGreaterThanOrEqual(91);
  });

  it.each(SPELLINGS)("%s: %s", (written, meant) => {
    const [name = ""] = meant.split(" on timeframe ");
    expect(indicator(name).name, "a canonical name").toBe(name);
    const accepted = fault(written) === `accepted as ${meant}`;
    expect(accepted || fault(written)).toEqual(accepted || expect.stringContaining(`: did you mean ${meant}?`));
  });

  it.each(TABLE.flatMap(({ targets, names }) => names.map((name) => [name, targets.map(({ base }) => base)] as const)))(
    "%s: %j",
    (name, bases) => {
      // Only the letters of "BB B", %B, are another's: BBB, the bands' width.
      for (const text of waysOf(name).filter((way) => way !== "BBB" || name === "BBB")) {
        expect(suggestedBases(withItsNumber(text, bases)), text).toEqual(bases);
      }
    },
  );
});

describe("a well-known indicator that is not offered", () => {
  it.each([
    ["FUNDING_RATE", "indicator FUNDING_RATE is not offered: conditions read bars only"],
    ["funding rate", "indicator FUNDING_RATE is not offered"],
    ["OBV", "indicator OBV is not offered: its level depends on where history starts"],
    ["OBV_20", "write OBV_CHANGE_20, what 20 bars added, or OBV_SLOPE_20"],
    ["ICHIMOKU_9_26_52", "write its lines: ICHIMOKU_TENKAN_9"],
    ["CHIKOU", "compare CLOSE with CLOSE[26]"],
    ["open interest", "indicator OPEN_INTEREST is not offered"],
    ["ORDER_BOOK_IMBALANCE", "a custom evaluator can bring it in"],
    ["SENTIMENT", "indicator SENTIMENT is not offered"],
    ["MAXIMUM", "indicator MAXIMUM is not offered: write MAX_20, with the number of bars in the name"],
    ["MINMAX", "write MIN_20 or MAX_20"],
    ["ALMA_20", "what comes near is KAMA, T3, HMA, EMA, WMA or SMA"],
    ["VOLUME_SURGE", "compare VOLUME with 2*VOLUME_SMA_20, or read RVOL"],
    ["NVI_255", "write NVI_ROC_20"],
    ["MACDEXT", "write it as an expression, such as SMA_12 - EMA_26"],
    ["ADD", "write it as an expression"],
    ["REGIME", "list them in allowed_regimes"],
  ])("%s: %s", (text, sentence) => {
    expect(fault(text)).toContain(sentence);
    expect(fault(text)).not.toContain("did you mean");
  });

  it.each(NOT_OFFERED.map(({ names, why }) => [names[0], why] as const))("%s: %s", (name, why) => {
    for (const text of waysOf(name)) {
      expect(meantBy(text), text).toMatchObject({ why });
    }
  });
});

describe("what fits several indicators gives all of them", () => {
  it.each([
    ["AROON_14", "AROON_UP_14, AROON_DOWN_14 or AROON_OSC_14"],
    ["BBANDS_20_2", "BB_UPPER_20_2, BB_MIDDLE_20_2 or BB_LOWER_20_2"],
    ["STOCH_14_3_3", "STOCH_K_14_3_3 or STOCH_D_14_3_3"],
    ["DI_14", "PLUS_DI_14 or MINUS_DI_14"],
    ["DMI", "ADX_14, PLUS_DI_14 or MINUS_DI_14"],
    ["DONCHIAN_20", "DONCHIAN_UPPER_20, DONCHIAN_MIDDLE_20 or DONCHIAN_LOWER_20"],
    ["MA_CROSS_9_21", "SMA_CROSS_9_21 or EMA_CROSS_9_21"],
  ])("%s: %s", (text, names) => {
    expect(fault(text)).toContain(`did you mean ${names}?`);
  });
});

describe("nothing is suggested", () => {
  it.each(
    [
      "PROFIT NEW PRICE_ACTION LOG LOSS RISK FOO_20 ALPHA GAMMA MODEL SCORE CONFIDENCE PREDICTION ENTRY EXIT STOP TARGET LEVERAGE",
      "BUY SELL LONG SHORT TRUE FALSE NULL NONE NAN ATM BTCUSDT ETH X XX 14 _ 14_RSI_20 VOLUME_RSI RSI_VOLUME EMA_HIGH_20",
      "AROON_DP BBX BBX_20_2 STOCHX DMX XDI MACDX AROONX_14 XMA_20",
    ].flatMap((texts) => texts.split(" ")),
  )("for %s", (text) => {
    expect(meantBy(text) ?? {}).not.toHaveProperty("names");
  });

  it.each([
    "RSI < 30",
    "CLOSE[1]",
    "EMA_9 - EMA_21",
    "CLOSE*1.02",
    "EMA_9/EMA_21",
    "CLOSE-EMA_20",
    "HIGH - LOW",
    "VOLUME_24H",
    "RSI=14",
  ])("for the expression %s", (text) => {
    expect(meantBy(text)).toBeUndefined();
  });

  it.each([
    ["RSI_501", 'n is "501", must be a whole number from 2 to 500'],
    ["EMA1000", 'unknown indicator "EMA1000"'],
    ["RSI_14_3", "RSI takes at most 1 (n), 2 given"],
    ["BB_UPPER_20_2.0001", 'k is "2.0001"'],
    ["BBL_20_2.0_3.0", "unknown indicator"],
    ["CCI_20_0.02", "CCI takes at most 1"],
    ["SMA_CROSS_200_50", "fast must be below slow"],
    ["SMA_CROSS_50", "fast is 50 and slow 50, fast must be below slow: give both"],
    ["RSI_14_1h_4h", "RSI takes at most 1 (n), 3 given"],
    ["RSI_14_1M", "RSI takes at most 1 (n), 2 given"],
    ["RSI_14d_4h", "RSI takes at most 1 (n), 2 given"],
  ])("where the numbers fit nothing: %s", (text, reason) => {
    expect(fault(text)).toContain(reason);
    expect(fault(text)).not.toContain("did you mean");
  });
});

describe("parameters that were given apart from the name", () => {
  it.each([
    ["RSI", { length: 21 }, "RSI_21"],
    ["rsi", { period: "21" }, "RSI_21"],
    ["RSI", 21, "RSI_21"],
    ["MACD", [12, 26, 9], "MACD_12_26_9"],
    ["MACD_SIGNAL", { fastPeriod: 5, slowPeriod: 35, signalPeriod: 5 }, "MACD_SIGNAL_5_35_5"],
    ["BBL", { length: 20, std: 2.5, source: "close" }, "BB_LOWER_20_2.5"],
    ["STOCH_K", { k: 14, d: 5, smooth_k: 3 }, "STOCH_K_14_3_5"],
    ["STOCH_D", { length: 9 }, "STOCH_D_9_3_3"],
    ["RSI", {}, "RSI_14"],
    ["RSI_14", 21, undefined],
    ["RSI", { length: 1 }, undefined],
    ["RSI", { offset: 1 }, undefined],
    ["SMA", { length: 20, source: "high" }, undefined],
    ["AROON", { length: 14 }, undefined],
    ["RSI_1h", { length: 14 }, undefined],
    ["RSI", "a", undefined],
    ["RSI", null, undefined],
    ["OBV", 14, undefined],
  ])("%s with %j is %s", (name, parameters, canonical) => {
    expect(indicatorWith(name, parameters)).toBe(canonical);
  });
});

describe("nearestTo", () => {
  it("counts a swap of neighbours as one edit", () => {
    expect(nearestTo("AOTR", ["AROON", "ATR"])).toEqual(["ATR"]);
    expect(nearestTo("NARTR", ["NARTX_YZ", "NATRR"])).toEqual(["NATRR"]);
  });

  it("gives all that are as near, and none beyond one edit in up to five letters, two in more", () => {
    expect(nearestTo("SMAX", ["SMA", "SMAXY", "EMA"])).toEqual(["SMA", "SMAXY"]);
    expect(nearestTo("AB", ["AC"])).toEqual([]);
    expect(nearestTo("ABCDE", ["ABCXY"])).toEqual([]);
    expect(nearestTo("ABCDEF", ["ABCDXY", "ABCXYZ"])).toEqual(["ABCDXY"]);
  });
});
