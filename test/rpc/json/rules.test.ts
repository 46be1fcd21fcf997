import { describe, expect, it } from "vitest";
import { strategyOf } from "./strategy-of.ts";

const RSI = { name: "RSI", operator: "<", value: 30 };
const EMA = { name: "CLOSE", operator: ">", indicator: "EMA_50" };
const BARE = 'is a condition by itself: write it as {"condition": {…}}';

describe("a tree as JSON", () => {
  it("is read as the contract has it", async () => {
    const entry = {
      all: { rules: [{ condition: RSI, tag: "dip" }, { none: { rules: [{ condition: EMA }] } }] },
      tag: "whole",
    };
    expect(await strategyOf({ entry })).toEqual({ read: { entry }, faults: [] });
  });

  it.each<[object, readonly string[], object]>([
    [{ entry: RSI }, [`entry: ${BARE}`], { entry: { condition: RSI } }],
    [{ entry: { ...RSI, tag: "dip" } }, [`entry: ${BARE}`], { entry: { condition: RSI, tag: "dip" } }],
    [
      { entry: "RSI < 30" },
      [
        'entry: is the text "RSI < 30", must be an object: write {"condition": {"name": "RSI", "operator": "<", "value": 30}}',
      ],
      { entry: { condition: RSI } },
    ],
    [
      { entry: "RSI < 30 OR CLOSE > EMA_50" },
      [
        'entry: is a text, must be an object: write {"any": {"rules": [{"condition": {…}}, …]}}',
        'entry.any.rules[0]: is the text "RSI < 30", must be an object: write {"condition": {"name": "RSI", "operator": "<", "value": 30}}',
        'entry.any.rules[1]: is the text "CLOSE > EMA_50", must be an object: write {"condition": {"name": "CLOSE", "operator": ">", "indicator": "EMA_50"}}',
      ],
      { entry: { any: { rules: [{ condition: RSI }, { condition: EMA }] } } },
    ],
    [
      { entry: [RSI, EMA] },
      ["entry: is a list of conditions: call it entry_indicators"],
      { entry_indicators: [RSI, EMA] },
    ],
    [
      { entry: [RSI, { any: [EMA] }] },
      [
        'entry: is a list, must be an object: write {"all": {"rules": […]}}',
        `entry.all.rules[0]: ${BARE}`,
        'entry.all.rules[1].any: is a list, must be an object: write {"rules": […]}',
        `entry.all.rules[1].any.rules[0]: ${BARE}`,
      ],
      { entry: { all: { rules: [{ condition: RSI }, { any: { rules: [{ condition: EMA }] } }] } } },
    ],
    [
      { entry: { and: [{ condition: RSI }], not: RSI } },
      [
        "entry.and: is unknown: call it all",
        "entry.not: is unknown: call it none",
        'entry.rule: has all and none, must have one of them: write {"all": {"rules": [{"all": …}, {"none": …}]}} where all must hold',
      ],
      {},
    ],
    [
      { entry: { not: RSI } },
      [
        "entry.not: is unknown: call it none",
        'entry.none: is one rule, must be an object with a list of them: write {"rules": [{…}]}',
        `entry.none.rules[0]: ${BARE}`,
      ],
      { entry: { none: { rules: [{ condition: RSI }] } } },
    ],
    [
      { entry: { combinator: "or", rules: [{ condition: RSI }] } },
      ['entry: says by combinator how its parts combine: write {"any": {"rules": […]}}'],
      { entry: { any: { rules: [{ condition: RSI }] } } },
    ],
    [
      { entry: { all: { conditions: [{ condition: RSI, label: "dip" }] } } },
      ["entry.all.conditions: is unknown: call it rules", "entry.all.rules[0].label: is unknown: call it tag"],
      { entry: { all: { rules: [{ condition: RSI, tag: "dip" }] } } },
    ],
    [
      { all: { rules: [] } },
      ['all: is unknown here: move it into entry, as "entry": {"all": …}'],
      { entry: { all: {} } },
    ],
  ])("that is written otherwise is told how to write it, and read as it is meant: %j", async (json, faults, read) => {
    const found = await strategyOf(json);
    expect(found.faults.slice(0, faults.length)).toEqual(faults);
    if (Object.keys(read).length > 0) {
      expect([found.read, found.faults]).toEqual([read, faults]);
    }
  });

  it.each([
    [{ entry: "RSI < 30 AND CLOSE > EMA_50 OR MFI < 20" }, "entry: is the text"],
    [{ entry: 7 }, "entry: is the number 7, must be an object with condition, all, any, none, tag"],
    [{ entry: { all: { rules: 7 } } }, "entry.all.rules: is the number 7, must be a list"],
    [{ entry: { condition: { any: [RSI] } } }, "entry.condition: is a group, where one condition must be"],
  ])("that may be meant in two ways, or in none, is not guessed at: %j", async (json, fault) => {
    expect((await strategyOf(json)).faults[0]).toContain(fault);
  });
});
