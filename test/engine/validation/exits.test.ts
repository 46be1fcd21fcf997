import { describe, expect, it } from "vitest";
import { type RuleDraft, type StrategyDraft, toDraft } from "../../../src/domain/strategy.ts";
import { validateStrategy } from "../../../src/engine/validation/validate-strategy.ts";
import { conditionOf, draftOf, violationsOf } from "./drafts.ts";

const HOUR = 3_600_000;
const STEPS = [
  { afterMs: 0, takeProfitPct: 0.05 },
  { afterMs: HOUR, takeProfitPct: 0.02 },
  { afterMs: 4 * HOUR, takeProfitPct: -0.01 },
];

describe("how positions end (R80)", () => {
  it.each<[string, Partial<StrategyDraft>]>([
    ["a trailing stop in place of a target", { takeProfitPct: 0, trailingStop: { distancePct: 0.03 } }],
    ["a longest holding time in place of a target", { takeProfitPct: 0, maxHoldingTimeMs: HOUR }],
    ["steps in place of a target", { takeProfitPct: 0, targetSteps: STEPS }],
    ["all together", { trailingStop: { distancePct: 0.03, activationPct: 0.04 }, maxHoldingTimeMs: 24 * HOUR }],
    ["the bounds", { trailingStop: { distancePct: 0.999, activationPct: 10 }, maxHoldingTimeMs: 3650 * 24 * HOUR }],
  ])("takes %s, and again what it made of it", (_, changes) => {
    const first = validateStrategy(draftOf(changes), {});
    expect(first).toMatchObject({ warnings: [] });
    const { config } = first as Extract<typeof first, { config: unknown }>;
    const { takeProfitPct, ...rest } = changes;
    expect(config).toMatchObject(rest);
    expect("takeProfitPct" in config).toBe(takeProfitPct !== 0);
    expect(validateStrategy(toDraft(config), {})).toEqual(first);
  });

  it("drops an activation of 0, which says nothing", () => {
    const trailingStop = { distancePct: 0.03, activationPct: 0 };
    expect(validateStrategy(draftOf({ trailingStop }), {})).toMatchObject({
      config: { trailingStop: { distancePct: 0.03 } },
    });
    const validated = validateStrategy(draftOf({ trailingStop }), {});
    expect("config" in validated && validated.config.trailingStop).toEqual({ distancePct: 0.03 });
  });

  it.each<[Partial<StrategyDraft>, string]>([
    [{ takeProfitPct: 0 }, "take_profit_pct: is 0, must be above 0 and at most 10 (0.05 is 5 %)"],
    [{ targetSteps: STEPS }, "take_profit_pct: is 0.05, and target_steps has 3 steps: give one of the two"],
    [
      { trailingStop: { distancePct: 0 } },
      "trailing_stop.distance_pct: is 0, must be above 0 and below 1 (0.02 is 2 %)",
    ],
    [
      { trailingStop: { distancePct: 3 } },
      "trailing_stop.distance_pct: is 3, must be above 0 and below 1 (0.02 is 2 %): did you mean 0.03?",
    ],
    [
      { trailingStop: { distancePct: 0.1, activationPct: -0.1 } },
      "trailing_stop.activation_pct: is -0.1, must be from 0 to 10",
    ],
    [
      { side: "SHORT", entryIndicators: [], trailingStop: { distancePct: 0.1, activationPct: 1 } },
      "trailing_stop.activation_pct: is 1, must be from 0 and below 1 for SHORT: did you mean 0.01?",
    ],
    [{ maxHoldingTimeMs: 0 }, "max_holding_time: is 0 s, must be from one bar of 1h to 10 years"],
    [{ maxHoldingTimeMs: HOUR - 1 }, "max_holding_time: is 3599.999 s, must be from one bar of 1h to 10 years"],
    [
      { maxHoldingTimeMs: 3651 * 24 * HOUR },
      "max_holding_time: is 315446400 s, must be from one bar of 1h to 10 years",
    ],
    [
      { takeProfitPct: 0, targetSteps: [{ afterMs: 1_000, takeProfitPct: 0.05 }] },
      "target_steps[0].after: is 1 s, must be 0 s: the first step is the target at entry",
    ],
    [
      { takeProfitPct: 0, targetSteps: [{ afterMs: 0, takeProfitPct: -0.01 }] },
      "target_steps[0].take_profit_pct: is -0.01, must be above 0 and at most 10 (0.05 is 5 %)",
    ],
    [
      { takeProfitPct: 0, targetSteps: [...STEPS, { afterMs: 4 * HOUR, takeProfitPct: -0.02 }] },
      "target_steps[3].after: is 14400 s, must be longer than the 14400 s of the step before, and at most 10 years",
    ],
    [
      { takeProfitPct: 0, targetSteps: [...STEPS, { afterMs: 5 * HOUR, takeProfitPct: -0.01 }] },
      "target_steps[3].take_profit_pct: is -0.01, must be above -1, at most 10, and less than the -0.01 of the step before",
    ],
    [
      {
        takeProfitPct: 0,
        targetSteps: Array.from({ length: 33 }, (_, i) => ({ afterMs: i, takeProfitPct: 1 - i / 100 })),
      },
      "target_steps: has 33 steps, must have at most 32",
    ],
  ])("refuses %j", (changes, fault) => {
    expect(violationsOf(draftOf(changes))).toContain(fault);
  });
});

describe("an exit rule (R83)", () => {
  const leaf = (text: string): RuleDraft => ({ kind: "condition", condition: conditionOf(text) });

  it("is taken in place of a target, canonical, and again what was made of it", () => {
    const exit: RuleDraft = { kind: "all", rules: [leaf("rsi > 70"), { ...leaf("position_pnl > 0.01"), tag: "gain" }] };
    const first = validateStrategy(draftOf({ takeProfitPct: 0, exit }), {});
    const { config } = first as Extract<typeof first, { config: unknown }>;
    expect(config?.exit).toEqual({
      kind: "all",
      rules: [
        { kind: "condition", condition: { name: "RSI_14", operator: ">", operand: 70, timeframe: "1h" } },
        {
          kind: "condition",
          condition: { name: "POSITION_PNL", operator: ">", operand: 0.01, timeframe: "1h" },
          tag: "gain",
        },
      ],
    });
    expect(validateStrategy(toDraft(config), {})).toEqual(first);
  });

  it.each<[Partial<StrategyDraft>, string]>([
    [
      { entryIndicators: [conditionOf("POSITION_PNL > 0")], side: "LONG" },
      "entry_indicators[0].name: is POSITION_PNL, which only exit may read: an entry has no position yet",
    ],
    [
      { exit: leaf("POSITION_PNL crosses_above 0") },
      "exit.condition.operator: is crosses_above: POSITION_PNL has no value before; give one of < <= > >= == !=",
    ],
    [
      { exit: leaf("POSITION_BARS > RSI") },
      "exit.condition.value: is required: POSITION_BARS is compared with a number",
    ],
    [
      { exit: leaf("2*POSITION_PNL > 5") },
      "exit.condition.name: has POSITION_PNL, which stands alone in the name of a condition of exit",
    ],
    [
      { exit: leaf("CLOSE > position_bars") },
      "exit.condition.indicator: has POSITION_BARS, which stands alone in the name of a condition of exit",
    ],
    [
      { exit: leaf("POSITION_BARS > 5 on 4h") },
      "exit.condition.timeframe: is 4h: POSITION_BARS is of the strategy's timeframe; leave it out",
    ],
    [{ exit: leaf("RSI > 170") }, "exit.condition: RSI_14 > 170 can never hold"],
    [{ exit: { kind: "any", rules: [] } }, "exit.any.rules: is required: give 1 to 32 rules"],
    [
      {
        exit: {
          kind: "all",
          rules: Array.from({ length: 3 }, () => ({
            kind: "all",
            rules: Array.from({ length: 25 }, (_, i) => leaf(`RSI > ${i}`)),
          })),
        },
      },
      "exit: has 75 conditions beside the 1 of the entry, must have at most 63",
    ],
  ])("refuses %j", (changes, fault) => {
    expect(violationsOf(draftOf(changes)).join("\n")).toContain(fault);
  });
});
