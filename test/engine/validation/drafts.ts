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

/** "RSI < 30", "CLOSE crosses_above EMA_50", "RSI < 30 on 4h". */
export function conditionOf(text: string): ConditionDraft {
  const [name = "", operator = "", operand = "", , timeframe = ""] = text.split(" ");
  const value = Number(operand);
  return Number.isNaN(value) ? { name, operator, indicator: operand, timeframe } : { name, operator, value, timeframe };
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
