import { describe, expect, it } from "vitest";
import { order, tolerance } from "../../../src/engine/rules/conditions/comparison.ts";
import { relationOf } from "../../../src/engine/validation/pair-relation.ts";
import { computeIndicator } from "../../../src/indicators/indicator-set.ts";
import { flatBars, indicator, readBars, USUAL_NAMES } from "../../indicators/series.ts";
import { accepted, conditionsOf, draftOf, violationsOf } from "./drafts.ts";

function refusals(texts: string, changes: object = {}): readonly string[] {
  return violationsOf(draftOf({ side: "LONG", entryIndicators: conditionsOf(texts), ...changes }));
}

function warnings(texts: string, changes: object = {}): readonly string[] {
  const { warnings } = accepted(draftOf({ side: "LONG", entryIndicators: conditionsOf(texts), ...changes }));
  return warnings.filter((text) => !text.startsWith("side"));
}

describe("comparisons of two indicators that can never hold are refused (R43)", () => {
  it.each([
    ["CLOSE < LOW", "CLOSE is never below LOW"],
    ["LOW > CLOSE", "LOW is never above CLOSE"],
    ["LOW > HIGH", "LOW is never above HIGH"],
    ["CLOSE > HIGH", "CLOSE is never above HIGH"],
    ["HIGH < OPEN", "HIGH is never below OPEN"],
    ["LOW > OPEN", "LOW is never above OPEN"],
    ["CLOSE crosses_below LOW", "CLOSE is never below LOW"],
    ["CLOSE crosses_above HIGH", "CLOSE is never above HIGH"],
    ["HIGH crosses_below LOW", "HIGH is never below LOW"],
    ["HIGH < SMA_1", "HIGH is never below SMA_1"],
    ["BB_LOWER > BB_UPPER", "BB_LOWER_20_2 is never above BB_UPPER_20_2"],
    ["BB_UPPER_20_1 < BB_LOWER_20_3", "BB_UPPER_20_1 is never below BB_LOWER_20_3"],
    ["BB_MIDDLE > BB_UPPER", "BB_MIDDLE_20_2 is never above BB_UPPER_20_2"],
    ["BB_LOWER crosses_above SMA_20", "BB_LOWER_20_2 is never above SMA_20"],
    ["BB_UPPER_20_2 > BB_UPPER_20_2.5", "BB_UPPER_20_2 is never above BB_UPPER_20_2.5"],
    ["BB_LOWER_20_2 < BB_LOWER_20_2.5", "BB_LOWER_20_2 is never below BB_LOWER_20_2.5"],
    ["LOWEST_10 > HIGHEST_55", "LOWEST_10 is never above HIGHEST_55"],
    ["HIGHEST_20 > HIGHEST_55", "HIGHEST_20 is never above HIGHEST_55"],
    ["LOWEST_20 < LOWEST_55", "LOWEST_20 is never below LOWEST_55"],
    ["AROON_OSC > AROON_UP", "AROON_OSC_14 is never above AROON_UP_14"],
    [
      "CLOSE > DONCHIAN_UPPER",
      "CLOSE is never above DONCHIAN_UPPER_20 \\(DONCHIAN_UPPER_20 holds the current bar; HIGHEST_20 does not\\)",
    ],
    [
      "DONCHIAN_LOWER_55 > LOW",
      "DONCHIAN_LOWER_55 is never above LOW \\(DONCHIAN_LOWER_55 holds the current bar; LOWEST_55 does not\\)",
    ],
    ["DONCHIAN_UPPER_20 > DONCHIAN_UPPER_55", "DONCHIAN_UPPER_20 is never above DONCHIAN_UPPER_55"],
    ["KELTNER_LOWER > KELTNER_UPPER", "KELTNER_LOWER_20_2_10 is never above KELTNER_UPPER_20_2_10"],
    ["VWAP > VWAP_UPPER", "VWAP is never above VWAP_UPPER_1"],
    ["HA_OPEN > HA_HIGH", "HA_OPEN is never above HA_HIGH"],
    ["PIVOT_S1 > PIVOT_R2", "PIVOT_S1 is never above PIVOT_R2"],
    ["WILLR > RSI", "WILLR_14 is never above RSI_14"],
    ["SMA_20 > BB_MIDDLE_20_3", "SMA_20 is the same as BB_MIDDLE_20_3"],
    ["SMA_20 != BB_MIDDLE", "SMA_20 is the same as BB_MIDDLE_20_2"],
    ["EMA_1 crosses_above CLOSE", "EMA_1 is the same as CLOSE"],
  ])("%s", (text, reason) => {
    expect(refusals(text)).toEqual([
      expect.stringMatching(
        new RegExp(`^entry_indicators\\[0\\]: .* can never hold: ${reason}; change the operator or one side$`),
      ),
    ]);
    expect(refusals(`RSI < 30; ${text}`, { entryLogic: "ANY" })).toHaveLength(1);
  });

  it.each([
    "CLOSE <= LOW",
    "CLOSE == HIGH",
    "CLOSE != HIGH",
    "HIGH crosses_above LOW",
    "CLOSE crosses_above LOW",
    "CLOSE > OPEN",
    "OPEN crosses_below CLOSE",
    "BB_LOWER_20 > BB_UPPER_50",
    "BB_UPPER_50_2 > BB_UPPER_20_3",
    "CLOSE > BB_UPPER",
    "LOW < LOWEST_20",
    "HIGH > HIGHEST_20",
    "STOCH_K < STOCH_D",
    "STOCH_K_14_3_3 > STOCH_D_21_3_3",
    "AROON_OSC > AROON_DOWN",
    "MACD_HIST > MACD",
    "ADX > PLUS_DI",
    "SMA_1 > EMA_20",
  ])("but %s is possible", (text) => {
    expect(refusals(text)).toEqual([]);
  });

  it("holds across timeframes only where both sides are of the same bar, as they always are", () => {
    expect(refusals("CLOSE < LOW on 4h")).toHaveLength(1);
  });
});

describe("comparisons of two indicators that say nothing (R43)", () => {
  it.each(["CLOSE >= LOW", "LOW <= HIGH", "BB_UPPER >= SMA_20", "SMA_20 == BB_MIDDLE", "RSI >= WILLR"])(
    "warns that %s always holds",
    (text) => {
      expect(warnings(text)).toEqual([expect.stringMatching(/^entry_indicators\[0\]: .* always holds: /)]);
      expect(warnings(text, { trigger: "EDGE" })).toContainEqual(expect.stringContaining("never fires"));
    },
  );

  it("warns of pairs that can never hold together under ALL, at the last of them", () => {
    expect(warnings("CLOSE > EMA_50; RSI < 30; EMA_50 >= CLOSE")).toEqual([
      "entry_indicators[2]: CLOSE > EMA_50 and EMA_50 >= CLOSE can never hold together: change one of them, or use entry_logic ANY",
    ]);
    expect(warnings("EMA_9 crosses_above EMA_21; EMA_9 crosses_below EMA_21")).toHaveLength(1);
    expect(warnings("CLOSE >= LOW; CLOSE <= LOW; CLOSE != LOW")).toHaveLength(2);
    expect(warnings("CLOSE == OPEN; CLOSE != OPEN")).toHaveLength(1);
    expect(warnings("CLOSE == OPEN; CLOSE > OPEN")).toEqual([]);
    expect(warnings("CLOSE > EMA_50; CLOSE < EMA_50", { entryLogic: "ANY" })).toEqual([]);
    expect(warnings("CLOSE > EMA_50; CLOSE < EMA_50 on 4h")).toEqual([]);
    expect(warnings("EMA_9 crosses_above EMA_21; EMA_9 > EMA_21")).toEqual([]);
  });
});

describe("what is called certain", () => {
  const markets = [
    readBars("BTCUSD-30m", 600),
    flatBars(Array.from({ length: 200 }, (_, i) => 100 + Math.sin(i) * (i % 50 === 0 ? 0 : 5))),
    flatBars(Array.from({ length: 200 }, (_, i) => 64_123.37 * (1 + (i % 3) * 1e-13))),
  ];
  const names = [
    ...USUAL_NAMES,
    ..."SMA_1 EMA_1 SMA_50 VOLUME_SMA_1 HIGHEST_5 LOWEST_5 HIGHEST_50 LOWEST_50 BB_UPPER_20_0.5 BB_LOWER_20_0.5".split(
      " ",
    ),
    ..."BB_UPPER_50_2 BB_LOWER_50_2 BB_MIDDLE_50_2 AROON_UP_5 AROON_OSC_5 BB_MIDDLE_2_3".split(" "),
  ].map(indicator);

  it("is so on every bar of real and of dead markets, within R13's tolerance", () => {
    let certain = 0;
    const wrong: string[] = [];
    for (const bars of markets) {
      const values = new Map(names.map((one) => [one.name, computeIndicator(one, bars)]));
      for (const left of names) {
        for (const right of names) {
          const relation = relationOf(left, right);
          if (relation === "any" || left.name === right.name) {
            continue;
          }
          certain++;
          const allowed = { same: [0], "never above": [-1, 0], "never below": [0, 1] }[relation];
          bars.forEach((bar, i) => {
            const a = values.get(left.name)?.[i] ?? Number.NaN;
            const b = values.get(right.name)?.[i] ?? Number.NaN;
            const compared = !Number.isNaN(a) && !Number.isNaN(b);
            if (compared && !allowed.includes(order(a, b, tolerance(left, right, a, b, bar.close)))) {
              wrong.push(`${left.name} ${a}, ${right.name} ${b}, bar ${i}`);
            }
          });
        }
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(certain).toBeGreaterThan(300);
  });
});
