import { create } from "@bufbuild/protobuf";
import {
  type ConditionResult as ConditionResultMessage,
  type Evaluation as EvaluationMessage,
  type ExitEvaluation as ExitEvaluationMessage,
  ExitEvaluationSchema,
  type ExitPlan as ExitPlanMessage,
  type Suppression as SuppressionMessage,
  type TradeDecision,
} from "../../../gen/strategyruntime/v1/decision_pb.ts";
import type { ConditionResult, Decision, Evaluation, Suppression } from "../../domain/decision.ts";
import type { ExitPlan } from "../../domain/exit.ts";
import type { ExitEvaluation } from "../../engine/api.ts";
import { actions, exitOutcomes, exitReasons, outcomes, riskModes, sides } from "./enums.ts";
import { identity, sortedMap } from "./maps.ts";
import { toInt64 } from "./numbers.ts";
import { toDuration, toTimestamp } from "./time.ts";

// These messages go out by the hundred thousand, so they are literals: `create` would go through
// the schema for each of them.

function toConditionResult(result: ConditionResult): ConditionResultMessage {
  return {
    $typeName: "strategyruntime.v1.ConditionResult",
    condition: result.condition,
    timeframe: result.timeframe,
    left: result.left,
    right: result.right,
    met: result.met,
    margin: result.margin,
    missingBars: result.missingBars,
    path: result.path ?? "",
  };
}

function toExitPlan(plan: ExitPlan): ExitPlanMessage {
  return {
    $typeName: "strategyruntime.v1.ExitPlan",
    targets: plan.targets.map(({ time, price }) => ({
      $typeName: "strategyruntime.v1.TargetAt",
      time: toTimestamp(time),
      price,
    })),
    trailingDistancePct: plan.trailingDistancePct,
    trailingActivationPrice: plan.trailingActivationPrice,
    exitBy: toTimestamp(plan.exitBy),
    exitRule: plan.exitRule ?? false,
  };
}

/** Equal decisions are equal bytes (R41). */
export function toTradeDecision(decision: Decision): TradeDecision {
  return {
    $typeName: "strategyruntime.v1.TradeDecision",
    symbol: decision.symbol,
    side: sides.toWire(decision.side),
    sizeUsd: decision.sizeUsd,
    confidence: decision.confidence,
    strategyId: decision.strategyId,
    entryPrice: decision.entryPrice,
    takeProfit: decision.takeProfit,
    stopLoss: decision.stopLoss,
    timestamp: toTimestamp(decision.timestamp),
    regime: decision.regime,
    reasoning: decision.reasoning,
    metadata: sortedMap(decision.metadata, identity),
    decisionId: decision.decisionId,
    sequence: toInt64(decision.sequence),
    strategyVersion: toInt64(decision.strategyVersion),
    timeframe: decision.timeframe,
    barCloseTime: toTimestamp(decision.barCloseTime),
    validUntil: toTimestamp(decision.validUntil),
    strength: decision.strength,
    conditions: decision.conditions.map(toConditionResult),
    riskMode: riskModes.toWire(decision.riskMode),
    requiredConfidence: decision.requiredConfidence,
    shadow: decision.shadow,
    dataSource: decision.dataSource,
    action: actions.toWire(decision.action ?? ""),
    positionId: decision.positionId ?? "",
    exitReason: exitReasons.toWire(decision.exitReason ?? ""),
    exitPlan: decision.exitPlan && toExitPlan(decision.exitPlan),
    tags: [...(decision.tags ?? [])],
  };
}

export function toEvaluation(evaluation: Evaluation): EvaluationMessage {
  return {
    $typeName: "strategyruntime.v1.Evaluation",
    strategyId: evaluation.strategyId,
    symbol: evaluation.symbol,
    outcome: outcomes.toWire(evaluation.outcome),
    explanation: evaluation.explanation,
    conditions: evaluation.conditions.map(toConditionResult),
    side: sides.toWire(evaluation.side),
    strength: evaluation.strength,
    confidence: evaluation.confidence,
    requiredConfidence: evaluation.requiredConfidence,
    decision: evaluation.decision && toTradeDecision(evaluation.decision),
    timeframe: evaluation.timeframe,
    barCloseTime: toTimestamp(evaluation.barCloseTime),
    indicators: sortedMap(evaluation.indicators, identity),
  };
}

export function toExitEvaluation(evaluation: ExitEvaluation): ExitEvaluationMessage {
  const { outcome, exitReason, conditions, barCloseTime, remainingMs, decision, ...rest } = evaluation;
  return create(ExitEvaluationSchema, {
    ...rest,
    outcome: exitOutcomes.toWire(outcome),
    exitReason: exitReasons.toWire(exitReason ?? ""),
    conditions: conditions.map(toConditionResult),
    barCloseTime: toTimestamp(barCloseTime),
    remaining: toDuration(remainingMs),
    decision: decision && toTradeDecision(decision),
  });
}

export function toSuppression(suppression: Suppression): SuppressionMessage {
  return {
    $typeName: "strategyruntime.v1.Suppression",
    strategyId: suppression.strategyId,
    symbol: suppression.symbol,
    outcome: outcomes.toWire(suppression.outcome),
    explanation: suppression.explanation,
  };
}
