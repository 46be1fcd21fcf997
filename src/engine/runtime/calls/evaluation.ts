import type { Evaluation } from "../../../domain/decision.ts";
import { explainConditions } from "../../rules/conditions/explanation.ts";
import { formatNumber, formatPercent } from "../../rules/conditions/format.ts";
import { observedIndicators } from "../../rules/conditions/observed-indicators.ts";
import type { Refusal } from "../../rules/gates/refusal.ts";
import { explainRefusal, type Judgement } from "../../rules/judging/judge.ts";

/** What judging found, in the terms of the contract. */
export function described(
  judgement: Judgement,
  outcome: Evaluation["outcome"],
  explanation: string,
  decision?: Evaluation["decision"],
): Evaluation {
  const { compiled, market, conditions, strength, confidence, requiredConfidence } = judgement;
  // Set one by one: members that are spread in cost more than what is in them.
  const evaluation: { -readonly [Member in keyof Evaluation]: Evaluation[Member] } = {
    strategyId: compiled.strategy.strategyId,
    symbol: market.symbol,
    outcome,
    explanation,
    conditions,
    side: compiled.strategy.side,
    requiredConfidence,
    timeframe: compiled.strategy.timeframe,
    indicators: observedIndicators(compiled, judgement),
  };
  if (strength !== undefined) {
    evaluation.strength = strength;
  }
  if (confidence !== undefined) {
    evaluation.confidence = confidence;
  }
  if (market.barClose !== undefined) {
    evaluation.barCloseTime = market.barClose;
  }
  if (decision !== undefined) {
    evaluation.decision = decision;
  }
  return evaluation;
}

/** The same of a pair without a decision. */
export function refused(judgement: Judgement, refusal: Refusal): Evaluation {
  return described(judgement, refusal.outcome, `${explainRefusal(refusal)}${conditionsToo(judgement, refusal)}`);
}

/** What the conditions said, where the refusal did not say it already. */
function conditionsToo(judgement: Judgement, refusal: Refusal): string {
  const { compiled, conditions } = judgement;
  if (refusal.outcome === "CONDITIONS_NOT_MET" || conditions.length === 0) {
    return "";
  }
  const text = explainConditions(compiled, conditions);
  return text === "" || text === refusal.because ? "" : ` (${text}${strengthText(judgement)})`;
}

function strengthText({ strength, confidence }: Pick<Judgement, "strength" | "confidence">): string {
  if (strength === undefined || confidence === undefined) {
    return "";
  }
  return `; strength ${formatPercent(strength)}; confidence ${formatNumber(confidence)}`;
}
