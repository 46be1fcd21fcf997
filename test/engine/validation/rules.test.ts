import { describe, expect, it } from "vitest";
import type { Combination } from "../../../src/domain/rule.ts";
import type { RuleDraft, StrategyDraft } from "../../../src/domain/strategy.ts";
import { toDraft } from "../../../src/domain/strategy.ts";
import { accepted, conditionOf, conditionsOf, draftOf, violationsOf } from "./drafts.ts";
import { rule } from "./rule-drafts.ts";

function treeOf(entry: RuleDraft, changes: Partial<StrategyDraft> = {}): StrategyDraft {
  return draftOf({ entryIndicators: [], entry, side: "LONG", ...changes });
}

function nested(depth: number, kind: Combination = "all"): RuleDraft {
  return depth === 0 ? rule("RSI < 30") : { kind, rules: [nested(depth - 1, kind)] };
}

function many(count: number): readonly RuleDraft[] {
  return Array.from({ length: count }, (_, i) => rule(`RSI_${i + 2} < 30`));
}

describe("a tree of conditions (R59)", () => {
  it("is canonical in every condition, keeps its shape and tags, and is taken again unchanged", () => {
    const draft = treeOf({
      kind: "all",
      tag: "dip",
      rules: [rule("rsi < 30"), { kind: "none", rules: [rule("CLOSE < EMA_50 on 4h", "trend")] }],
    });
    const { config } = accepted(draft);
    expect(config.entryIndicators).toEqual([]);
    expect("entryLogic" in config).toBe(false);
    expect(config.entry).toEqual({
      kind: "all",
      tag: "dip",
      rules: [
        { kind: "condition", condition: { name: "RSI_14", operator: "<", operand: 30, timeframe: "1h" } },
        {
          kind: "none",
          rules: [
            {
              kind: "condition",
              tag: "trend",
              condition: { name: "CLOSE", operator: "<", operand: "EMA_50", timeframe: "4h" },
            },
          ],
        },
      ],
    });
    expect(accepted(toDraft(config)).config).toEqual(config);
  });

  it.each<[string, RuleDraft, Partial<StrategyDraft>, string]>([
    [
      "beside a list",
      rule("RSI < 30"),
      { entryIndicators: conditionsOf("RSI < 30") },
      "entry_indicators: is given beside entry: leave one of the two out",
    ],
    [
      "beside a logic",
      rule("RSI < 30"),
      { entryLogic: "ALL" },
      "entry_logic: is ALL beside entry, whose all, any and none say how conditions combine: leave it out",
    ],
    [
      "of nothing",
      { kind: "condition", condition: undefined },
      {},
      "entry: is required: give a condition, or rules in all, any or none",
    ],
    ["of an empty part", { kind: "any", rules: [] }, {}, "entry.any.rules: is required: give 1 to 32 rules"],
    ["of too long a part", { kind: "any", rules: many(33) }, {}, "entry.any.rules: has 33 rules, must have at most 32"],
    [
      "of too many conditions",
      { kind: "all", rules: [1, 2, 3].map(() => ({ kind: "any", rules: many(22) })) },
      {},
      "entry: has 66 conditions, must have at most 64",
    ],
    [
      "too deep",
      nested(9),
      {},
      `entry${".all.rules[0]".repeat(8)}.all: stands under 8 of all, any and none already, and more than so many are not allowed: part the rule otherwise`,
    ],
    [
      "with too long a tag",
      rule("RSI < 30", "x".repeat(65)),
      {},
      'entry.tag: is "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 65 characters long, must have at most 64',
    ],
    [
      "with a wrong name",
      { kind: "all", rules: [rule("RSI < 30"), { kind: "none", rules: [rule("RSJ < 30")] }] },
      {},
      "entry.all.rules[1].none.rules[0].condition.name: ",
    ],
  ])("is refused %s, by the path of the fault", (_, entry, changes, violation) => {
    const violations = violationsOf(treeOf(entry, changes));
    expect(violations).toHaveLength(1);
    expect(violations[0]).toContain(violation);
  });

  it("may have 64 conditions, and 8 parts above each", () => {
    expect(violationsOf(treeOf({ kind: "all", rules: [1, 2].map(() => ({ kind: "any", rules: many(32) })) }))).toEqual(
      [],
    );
    expect(violationsOf(treeOf(nested(8)))).toEqual([]);
  });

  it("says what is wrong with a list as before: a strategy needs one of the two", () => {
    expect(violationsOf(draftOf({ entryIndicators: [] }))).toContain(
      "entry_indicators: is required: give 1 to 32 conditions, or a rule in entry",
    );
  });
});

describe("what a tree can never do (R43)", () => {
  const never = (entry: RuleDraft) => violationsOf(treeOf(entry));
  const any = (...rules: readonly RuleDraft[]): RuleDraft => ({ kind: "any", rules });
  const all = (...rules: readonly RuleDraft[]): RuleDraft => ({ kind: "all", rules });
  const none = (...rules: readonly RuleDraft[]): RuleDraft => ({ kind: "none", rules });

  it("is refused wherever a condition stands that is impossible by itself", () => {
    expect(never(any(rule("RSI < 30"), all(rule("RSI > 100"))))).toEqual([
      "entry.any.rules[1].all.rules[0].condition: RSI_14 > 100 can never hold: RSI_14 is from 0 to 100; change the operator or the value",
    ]);
    expect(never(any(rule("CLOSE < LOW"), rule("RSI < 30")))).toHaveLength(1);
  });

  it("is refused of an ALL together with the ALLs right in it, and of no others", () => {
    expect(never(all(rule("RSI < 30"), all(all(rule("RSI > 70")))))).toEqual([
      "entry.all.rules[1].all.rules[0].all.rules[0].condition: RSI_14 < 30 and RSI_14 > 70 can never hold together: change one of them, or combine them by any",
    ]);
    expect(never(any(rule("MFI < 20"), all(rule("RSI < 30"), rule("RSI > 70"))))).toHaveLength(1);
    expect(never(all(rule("RSI < 30"), any(rule("RSI > 70"), rule("MFI < 20"))))).toEqual([]);
    expect(never(any(all(rule("RSI < 30")), all(rule("RSI > 70"))))).toEqual([]);
  });

  it("turns round inside of a none: what always holds is refused there, what never does is told of", () => {
    expect(never(all(rule("RSI < 30"), none(rule("CLOSE > 0"))))).toEqual([
      "entry.all.rules[1].none.rules[0].condition: CLOSE > 0 always holds: CLOSE is above 0; inside of a none change the operator or the value, or leave it out",
    ]);
    const { warnings } = accepted(treeOf(all(rule("RSI < 30"), none(rule("RSI > 100")))));
    expect(warnings).toEqual([
      "entry.all.rules[1].none.rules[0].condition: RSI_14 > 100 can never hold, and stands inside of a none: RSI_14 is from 0 to 100",
    ]);
    expect(never(none(all(rule("RSI < 30"), rule("RSI > 70"))))).toEqual([]);
  });

  it("warns of a condition that comes twice side by side, and not of one in two branches", () => {
    const warnings = (entry: RuleDraft) => accepted(treeOf(entry)).warnings;
    expect(warnings(all(rule("RSI < 30"), all(rule("RSI_14 < 30"))))).toEqual([
      "entry.all.rules[1].all.rules[0].condition: RSI_14 < 30 says the same as entry.all.rules[0].condition",
    ]);
    expect(warnings(any(all(rule("RSI < 30"), rule("MFI < 20")), all(rule("RSI < 30"), rule("CCI < -100"))))).toEqual(
      [],
    );
  });

  it("warns of a tree that always holds with EDGE", () => {
    const edge = (entry: RuleDraft) =>
      accepted(treeOf(entry, { trigger: "EDGE" })).warnings.filter((text) => text.startsWith("trigger"));
    expect(edge(any(rule("RSI < 30"), rule("CLOSE > 0")))).toHaveLength(1);
    expect(edge(all(rule("CLOSE > 0"), none(rule("RSI > 100"))))).toHaveLength(1);
    expect(edge(all(rule("CLOSE > 0"), rule("RSI < 30")))).toEqual([]);
  });
});

describe("the side of a tree (R17)", () => {
  it("is that of the conditions outside of a none", () => {
    const entry: RuleDraft = {
      kind: "all",
      rules: [rule("RSI < 30"), { kind: "none", rules: [{ kind: "condition", condition: conditionOf("RSI > 70") }] }],
    };
    expect(accepted(treeOf(entry, { side: "" })).config.side).toBe("LONG");
    expect(violationsOf(treeOf({ kind: "none", rules: [rule("RSI > 70")] }, { side: "" }))).toEqual([
      "side: side is required: no condition votes for one; give LONG or SHORT",
    ]);
  });
});
