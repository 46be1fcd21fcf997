import { describe, expect, it } from "vitest";
import { loadStored } from "../../../src/engine/strategies/strategy-book.ts";
import { accepted, draftOf, violationsOf } from "./drafts.ts";

function refusals(others: Readonly<Record<string, unknown>>, condition: object = {}): readonly string[] {
  const rsi = { name: "RSI", operator: "<", value: 30, timeframe: "", ...condition, others };
  return violationsOf(draftOf({ side: "LONG", entryIndicators: [rsi] }));
}

const AT = "entry_indicators[0]";

describe("values that no text can be made of", () => {
  it.each([
    { params: { source: { toString: 1 } } },
    { source: { toString: 1 } },
    { enabled: { toString: 1, valueOf: 1 } },
    { period: { length: { toString: 1 } } },
    { tf: { toString: 1 } },
  ])("are refused as all others: %j", (others) => {
    expect(refusals(others)).toHaveLength(1);
  });
});

describe("keys of a table row's condition that mean something elsewhere are refused, with the way to write it (R44)", () => {
  it.each([
    [
      { period: 21 },
      `${AT}.period: is 21, and parameters are part of the name, write "name": "RSI_21" and leave it out`,
    ],
    [{ length: "21" }, `${AT}.length: is "21", and parameters are part of the name, write "name": "RSI_21"`],
    [
      { params: { length: 21 } },
      `${AT}.params: is {"length":21}, and parameters are part of the name, write "name": "RSI_21"`,
    ],
    [{ params: [21] }, `write "name": "RSI_21"`],
    [{ parameters: 21 }, `write "name": "RSI_21"`],
    [{ period: 1_000 }, `${AT}.period: is 1000, and parameters are part of the name, such as RSI_21: write them there`],
    [{ tf: "4H" }, `${AT}.tf: is "4H", and the key is timeframe: write "timeframe": "4h"`],
    [{ period: "4h" }, `write "timeframe": "4h"`],
    [{ interval: "5m" }, `write "timeframe": "5m"`],
    [{ resolution: "1w" }, "and the key is timeframe: call it so"],
    [{ shift: 1 }, `${AT}.shift: is 1, and bars before are written in the name, as in RSI_14[1]: write them there`],
    [{ offset: -1 }, "bars before are written in the name"],
    [
      { source: "hl2" },
      `${AT}.source: is "hl2", and a source is written in the name, as in SMA_20(VOLUME): write it there`,
    ],
    [{ threshold: 20 }, `${AT}.threshold: is 20, and value is there already: leave it out`],
    [{ op: ">" }, `${AT}.op: is ">", and operator is there already`],
    [{ conditions: [] }, "combine them by the strategy's entry_logic"],
    [{ negate: true }, 'a condition is turned round by its operator, as ">=" for "<"'],
    [{ max: 70 }, 'a condition has one bound: write two conditions, with ">=" and with "<="'],
    [{ enabled: true }, "each condition counts: leave it out"],
    [{ enabled: false }, "a condition that is switched off is not written: leave the whole condition out"],
    [{ disabled: "false" }, "each condition counts: leave it out"],
    [{ symbol: "BTCUSDT" }, "list it in the strategy's symbols"],
    [{ weight: 0.5 }, "a condition knows no weights"],
    [{ within_bars: "3" }, "a whole number from 2 to 500"],
    [
      { timefrme: "4h" },
      `${AT}.timefrme: is "4h", and a condition has name, operator, value, indicator, timeframe, for_bars, within_bars: did you mean timeframe?`,
    ],
    [{ TimeFrame: "4h" }, "did you mean timeframe?"],
    [{ Value: 20 }, "did you mean value?"],
    [
      { exotic: 1 },
      `${AT}.exotic: is 1, and a condition has name, operator, value, indicator, timeframe, for_bars, within_bars: leave it out, or begin it with "_"`,
    ],
    [{ "a b": 1 }, `${AT}["a b"]: is 1`],
  ])("%j", (others, refusal) => {
    expect(refusals(others)).toEqual([expect.stringContaining(refusal)]);
  });

  it("takes the parameters of one name together, in the order that the name has here", () => {
    const macd = { name: "MACD_SIGNAL", operator: ">", value: 0 };
    expect(refusals({ fast: 5, slow: 35, signal: 5 }, macd)).toEqual(
      ["fast", "slow", "signal"].map((key) => expect.stringMatching(new RegExp(`${key}: is .*MACD_SIGNAL_5_35_5`))),
    );
    expect(refusals({ k: 14, d: 5, smooth_k: 3 }, { name: "STOCH_K" })[0]).toContain("STOCH_K_14_3_5");
    expect(refusals({ length: 20, std: 2.5 }, { name: "BB_LOWER", operator: ">", value: 5 })[0]).toContain(
      "BB_LOWER_20_2.5",
    );
  });

  it("says where a side or an operator belongs that stands in another key", () => {
    const bare = { operator: "", value: undefined, indicator: undefined };
    expect(refusals({ op: "crosses above", threshold: 30 }, bare)).toEqual([
      `${AT}.op: is "crosses above", and the key is operator: write "operator": "crosses_above"`,
      `${AT}.threshold: is 30, and the key is value: write "value": 30`,
      expect.stringContaining(`${AT}.operator: is required`),
      expect.stringContaining("is required: give a value or an indicator"),
    ]);
    expect(refusals({ right: "EMA_50" }, bare)).toContainEqual(
      `${AT}.right: is "EMA_50", and the key is indicator: write "indicator": "EMA_50"`,
    );
    expect(refusals({ left: "RSI" }, { name: "" })).toContainEqual(
      `${AT}.left: is "RSI", and the key is name: write "name": "RSI"`,
    );
  });

  it("are told of together, so many at most, cut where they are long", () => {
    expect(refusals({ period: 21, tf: "4h", shift: 1 })).toHaveLength(3);
    expect(refusals(Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`key${i}`, i])))).toHaveLength(20 + 1);
    expect(refusals({ [`k${"x".repeat(999)}`]: "\ud800".repeat(9_999) })[0]?.length).toBeLessThan(400);
  });
});

describe("a row with such a key", () => {
  it("is listed as rejected, with the path and the way to write it (R44)", () => {
    const rsi = { name: "RSI", operator: "<", value: 30, timeframe: "", others: { period: 21 } };
    const stored = {
      strategyId: "a",
      draft: draftOf({ entryIndicators: [rsi] }),
      version: 1,
      createdAt: 0,
      updatedAt: 0,
    };
    expect(loadStored(stored, {})).toEqual({
      rejected: {
        strategyId: "a",
        explanation: `${AT}.period: is 21, and parameters are part of the name, write "name": "RSI_21" and leave it out`,
      },
    });
  });
});

describe("keys for notes", () => {
  it("are left alone", () => {
    const others = {
      note: "mine",
      comment: 1,
      description: {},
      tags: ["a"],
      id: 7,
      _anything: 1,
      _period: 9,
      period: null,
    };
    const condition = { name: "RSI", operator: "<", value: 30, timeframe: "", others };
    const { config, warnings } = accepted(draftOf({ entryIndicators: [condition] }));
    expect(config).toEqual(accepted(draftOf()).config);
    expect(warnings).toEqual([]);
  });
});
