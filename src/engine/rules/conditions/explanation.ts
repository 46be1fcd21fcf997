import type { ConditionResult, Outcome } from "../../../domain/decision.ts";
import type { Operator } from "../../../domain/strategy.ts";
import type { CompiledCondition } from "./compiled-condition.ts";
import type { CompiledRule, RulePart } from "./compiled-rule.ts";
import type { CompiledStrategy } from "./compiled-strategy.ts";
import { formatNumber } from "./format.ts";
import type { Confirmations } from "./strength.ts";

const HOLDS: Readonly<Record<Operator, string>> = {
  "<": "holds (<",
  "<=": "holds (<=",
  ">": "holds (>",
  ">=": "holds (>=",
  "==": "holds (==",
  "!=": "holds (!=",
  crosses_above: "holds (crosses above",
  crosses_below: "holds (crosses below",
};

const NEEDS: Readonly<Record<Operator, string>> = {
  "<": "needs <",
  "<=": "needs <=",
  ">": "needs >",
  ">=": "needs >=",
  "==": "needs ==",
  "!=": "needs !=",
  crosses_above: "needs to cross above",
  crosses_below: "needs to cross below",
};

/** "RSI_14 is 41.2, needs < 30 (11.2 away)", "SMA_CROSS_20_50 is 1, holds". */
export function explainCondition(compiled: CompiledCondition, result: ConditionResult, own: string): string {
  const { operator, name } = compiled.condition;
  const where = compiled.timeframe === own ? "" : ` on ${compiled.timeframe}`;
  if (result.met === undefined) {
    return `${explainUnknown(compiled, result)}${where}`;
  }
  const left = result.left ?? Number.NaN;
  const right = result.right ?? Number.NaN;
  if (compiled.bars > 1) {
    const now = Number.isNaN(left) ? "is undefined on this bar" : `is ${formatNumber(left)}`;
    return `${compiled.text} ${result.met ? "holds" : "does not hold"}${where} (${name} ${now})`;
  }
  const observed = `${name} is ${formatNumber(left)}${where}`;
  const threshold =
    typeof compiled.right === "number" ? formatNumber(right) : `${compiled.right.name} at ${formatNumber(right)}`;
  if (result.met) {
    return `${observed}, ${HOLDS[operator]} ${threshold})`;
  }
  const isOrder = operator !== "!=" && operator !== "==" && !compiled.isCross;
  const away = isOrder ? ` (${formatNumber(Math.abs(left - right))} away)` : "";
  return `${observed}, ${NEEDS[operator]} ${threshold}${away}`;
}

function explainUnknown(compiled: CompiledCondition, result: ConditionResult): string {
  if (result.missingBars > 0) {
    return `${compiled.text} lacks ${result.missingBars} more ${result.missingBars === 1 ? "bar" : "bars"}`;
  }
  const known = (result.left !== undefined ? 1 : 0) + (result.right !== undefined ? 1 : 0);
  if (known === 2) {
    const before = compiled.bars === 1 ? "the bar before" : "a bar before";
    return `${compiled.text} needs ${before}, which a given value does not have or which is undefined`;
  }
  return `${compiled.text} is undefined on this bar`;
}

/**
 * All conditions of a rule, in its order: a list as its conditions, "all (…; any (…; …))" as a tree.
 */
export function explainRule(rule: CompiledRule, results: readonly ConditionResult[], own: string): string {
  const { root, paths } = rule;
  const explain = (part: RulePart): string => {
    if (part.kind === "condition") {
      const condition = rule.conditions[part.place] as CompiledCondition;
      const result = results[part.place];
      return result === undefined ? condition.text : explainCondition(condition, result, own);
    }
    return `${part.kind} (${part.parts.map(explain).join("; ")})`;
  };
  return paths === undefined && root.kind !== "condition" ? root.parts.map(explain).join("; ") : explain(root);
}

/** The same of what a strategy enters by. */
export function explainConditions({ entry, strategy }: CompiledStrategy, results: readonly ConditionResult[]): string {
  return explainRule(entry, results, strategy.timeframe);
}

/** What R20's confirmations said, where they added strength. */
export function explainConfirmations(confirmations: Confirmations): string {
  const parts: string[] = [];
  if (confirmations.macdConfirms) {
    const sign = confirmations.macd > confirmations.macdSignal ? ">" : "<";
    parts.push(`MACD confirms (${formatNumber(confirmations.macd)} ${sign} ${formatNumber(confirmations.macdSignal)})`);
  }
  if (confirmations.momentumConfirms) {
    parts.push(`momentum confirms (ROC_4 is ${formatNumber(confirmations.momentum)} %)`);
  }
  return parts.join("; ");
}

/** The first words of an explanation; the numbers follow. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  HALTED: "trading is halted",
  POLICY_UNAVAILABLE: "the policy is unavailable",
  NOT_ACTIVE: "the strategy is not active",
  NOT_ALLOWED: "the policy does not allow the strategy",
  SYMBOL_NOT_COVERED: "the strategy is for other symbols",
  REGIME_UNKNOWN: "the market regime is unknown",
  REGIME_NOT_ALLOWED: "the market regime is not among the strategy's",
  MARKET_DATA_UNAVAILABLE: "market data is unavailable",
  INDICATOR_NOT_READY: "an indicator is not ready",
  CONDITIONS_NOT_MET: "the conditions do not hold",
  NOT_TRIGGERED: "the conditions held on the bar before, too",
  LOW_CONFIDENCE: "confidence is too low",
  VETOED: "a custom evaluator refused",
  ALREADY_DECIDED: "a decision for this bar was already made",
  COOLDOWN: "the strategy is cooling down on this symbol",
  MAX_POSITIONS: "the strategy's positions are at their limit",
  FAILED: "the evaluation failed",
  LEVELS_INVALID: "a computed level cannot be used",
  DECIDED: "decided",
};
