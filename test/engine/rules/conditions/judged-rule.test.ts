import { describe, expect, it } from "vitest";
import type { Combination } from "../../../../src/domain/rule.ts";
import type { Rule } from "../../../../src/domain/strategy.ts";
import { compileRule } from "../../../../src/engine/rules/conditions/compiled-rule.ts";
import { explainRule } from "../../../../src/engine/rules/conditions/explanation.ts";
import { holdingParts, judgeRule } from "../../../../src/engine/rules/conditions/judged-rule.ts";
import type { MarketReading } from "../../../../src/engine/rules/conditions/market-reading.ts";
import { strengthOf } from "../../../../src/engine/rules/conditions/strength.ts";

/** Values by name; any other indicator is not ready. */
function readingOf(values: Readonly<Record<string, number>>): MarketReading {
  return { seriesAt: () => undefined, given: (_, { name }) => values[name] ?? Number.NaN };
}

/** CLOSE is 100, RSI_14 20 and MFI_14 unknown. */
const READING = readingOf({ CLOSE: 100, RSI_14: 20 });

function condition(name: string, operator: "<" | ">", operand: number, tag?: string): Rule {
  return { kind: "condition", condition: { name, operator, operand, timeframe: "1h" }, ...(tag && { tag }) };
}

const YES = condition("CLOSE", ">", 50);
const NO = condition("CLOSE", "<", 50);
const UNKNOWN = condition("MFI_14", "<", 20);

const combined = (kind: Combination, ...rules: readonly Rule[]): Rule => ({ kind, rules });

describe("a rule (R15, R59)", () => {
  it.each<[Combination, readonly Rule[], boolean | undefined]>([
    ["all", [YES, YES], true],
    ["all", [YES, UNKNOWN], undefined],
    ["all", [UNKNOWN, NO], false],
    ["any", [NO, NO], false],
    ["any", [NO, UNKNOWN], undefined],
    ["any", [UNKNOWN, YES], true],
    ["none", [NO, NO], true],
    ["none", [NO, UNKNOWN], undefined],
    ["none", [UNKNOWN, YES], false],
    ["none", [combined("none", YES)], true],
    ["none", [combined("all", UNKNOWN, NO)], true],
    ["all", [combined("none", UNKNOWN), YES], undefined],
  ])("%s of %j is %s", (kind, rules, met) => {
    expect(judgeRule(compileRule(combined(kind, ...rules)), READING, 0).met).toBe(met);
  });

  it("lists its conditions in the order of the tree, each with its path", () => {
    const rule = compileRule(combined("all", YES, combined("any", NO, combined("none", UNKNOWN)), YES));
    expect(judgeRule(rule, READING, 0).conditions.map(({ condition: text, path }) => [text, path])).toEqual([
      ["CLOSE > 50", "all[0]"],
      ["CLOSE < 50", "all[1].any[0]"],
      ["MFI_14 < 20", "all[1].any[1].none[0]"],
      ["CLOSE > 50", "all[2]"],
    ]);
    expect(judgeRule(compileRule(YES), READING, 0).conditions).toEqual([
      { condition: "CLOSE > 50", timeframe: "1h", left: 100, right: 50, met: true, missingBars: 0 },
    ]);
  });

  it("is told with its parts", () => {
    const rule = compileRule(combined("all", YES, combined("none", NO, UNKNOWN)));
    const { conditions } = judgeRule(rule, READING, 0);
    expect(explainRule(rule, conditions, "1h")).toBe(
      "all (CLOSE is 100, holds (> 50); none (CLOSE is 100, needs < 50 (50 away); MFI_14 < 20 is undefined on this bar))",
    );
  });
});

describe("the parts of a rule that count", () => {
  const tagged = (rule: Rule, tag: string): Rule => ({ ...rule, tag });
  const partsOf = (rule: Rule) => {
    const compiled = compileRule(rule);
    return holdingParts(compiled, judgeRule(compiled, READING, 0).conditions);
  };

  it("give their tags, in the order of the tree, each once, and none from under a none", () => {
    const rule = combined(
      "all",
      tagged(combined("any", tagged(NO, "no"), tagged(YES, "b"), tagged(YES, "a"), tagged(YES, "b")), "either"),
      tagged(combined("none", tagged(NO, "under"), combined("none", tagged(YES, "under"))), "not"),
    );
    expect(partsOf(tagged(rule, "whole")).tags).toEqual(["whole", "either", "b", "a", "not"]);
  });

  it("are none within a part that does not hold, or of which nobody knows", () => {
    const rule = combined(
      "any",
      combined("all", tagged(YES, "a"), NO),
      combined("all", tagged(YES, "b"), UNKNOWN),
      YES,
    );
    expect(partsOf(rule)).toEqual({ conditions: [expect.objectContaining({ path: "any[2]" })], tags: [] });
  });

  it("alone have a say in the strength (R20)", () => {
    const strong = condition("RSI_14", "<", 30);
    const weak = condition("RSI_14", "<", 25);
    const none = { macd: 0, macdSignal: 0, momentum: 0, macdConfirms: false, momentumConfirms: false };
    const strength = (rule: Rule) => strengthOf(partsOf(rule).conditions, none);
    expect(strength(combined("any", strong, weak))).toBe(0.5 + (10 / 30 + 5 / 25) / 2);
    expect(strength(combined("any", strong, combined("all", weak, NO)))).toBe(0.5 + 10 / 30);
    expect(strength(combined("all", strong, combined("none", combined("none", weak))))).toBe(0.5 + 10 / 30);
  });
});
