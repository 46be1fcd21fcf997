import type { ConditionDraft, StrategyConfig, StrategyDraft } from "../../../src/domain/strategy.ts";
import { type ValidationOptions, validateStrategy } from "../../../src/engine/validation/validate-strategy.ts";

/** A valid draft with the changes given; "RSI < 30" alone, so that it is LONG. */
export function draftOf(changes: Partial<StrategyDraft> = {}): StrategyDraft {
  return {
    strategyId: "rsi-dip",
    name: "Buys the dip",
    status: "LIVE",
    entryIndicators: [conditionOf("RSI < 30")],
    entryLogic: "",
    baseSizeUsd: 1_000,
    stopLossPct: 0.02,
    takeProfitPct: 0.05,
    allowedRegimes: [],
    side: "",
    timeframe: "",
    trigger: "",
    symbols: [],
    labels: {},
    ...changes,
  };
}

/** "RSI < 30", "CLOSE crosses_above EMA_50", "RSI < 30 on 4h for 3", "RSI < 30 within 5". */
export function conditionOf(text: string): ConditionDraft {
  const [name = "", operator = "", operand = "", ...more] = text.split(" ");
  const after = (word: string) => (more.includes(word) ? more[more.indexOf(word) + 1] : undefined);
  const [forBars, withinBars] = [after("for"), after("within")];
  const value = Number(operand);
  return {
    name,
    operator,
    ...(Number.isNaN(value) ? { indicator: operand } : { value }),
    timeframe: after("on") ?? "",
    ...(forBars !== undefined && { forBars: Number(forBars) }),
    ...(withinBars !== undefined && { withinBars: Number(withinBars) }),
  };
}

/** "RSI < 30; CLOSE > EMA_50". */
export function conditionsOf(texts: string): readonly ConditionDraft[] {
  return texts.split("; ").map(conditionOf);
}

/** The violations as "field: description"; empty where the draft is valid. */
export function violationsOf(draft: StrategyDraft, options: ValidationOptions = {}): readonly string[] {
  const result = validateStrategy(draft, options);
  return "violations" in result ? result.violations.map((v) => `${v.field}: ${v.description}`) : [];
}

export function fieldsRefused(draft: StrategyDraft, options: ValidationOptions = {}): readonly string[] {
  const result = validateStrategy(draft, options);
  return "violations" in result ? result.violations.map((v) => v.field) : [];
}

/** The canonical form of a draft that must be valid, with its warnings. */
export function accepted(
  draft: StrategyDraft,
  options: ValidationOptions = {},
): { readonly config: StrategyConfig; readonly warnings: readonly string[] } {
  const result = validateStrategy(draft, options);
  if ("violations" in result) {
    throw new Error(result.violations.map((v) => `${v.field}: ${v.description}`).join("; "));
  }
  return result;
}
