import { compareCodePoints, type Decision, type DecisionKey, decisionId } from "../../domain/decision.ts";
import type { Policy } from "../../domain/policy.ts";
import { explainConditions, explainConfirmations, formatNumber, formatPercent } from "../judging/explain.ts";
import type { Judgement } from "../judging/judge.ts";
import { type Levels, levelsFault, levelsOf, type Size, sizeOf } from "./sizing.ts";

/** What a decision needs besides its judgement. */
export interface DecideContext {
  readonly policy: Policy;
  readonly regime?: string | undefined;
  readonly dataSource: string;
  readonly maxPositionSizeUsd?: number | undefined;
  /** Of the sweep, where it is traced. */
  readonly traceparent?: string;
  /** R24. */
  readonly entryPrice: number;
  /** R36, R50. */
  readonly timestamp: number;
  /** In Evaluate: the market time that is judged, and after which no decision is seen (R31, R32, R49). */
  readonly asOf?: number;
}

/** A decision that the stateful gates have still to pass. */
export interface Candidate {
  readonly judgement: Judgement;
  /** What the gates look at, and the order of R37. */
  readonly key: CandidateKey;
  readonly judgedAt: number;
  readonly asOf?: number | undefined;
  readonly cooldownMs: number;
  readonly maxPositions: number;
  /** R25: why it must not leave the process. It is FAILED for this after MAX_POSITIONS. */
  readonly fault?: string | undefined;
  /** Most candidates are stopped by a cooldown, so the decision is written only once it is to be made. Its sequence is 0 in a dry run. */
  readonly decide: (sequence: number) => Decision;
}

export type CandidateKey = DecisionKey & Pick<Decision, "confidence" | "shadow">;

/** Makes the decision that a judgement without refusal amounts to: R20 to R25, R34 to R36. */
export function candidateOf(judgement: Judgement, context: DecideContext): Candidate {
  const { compiled, market, confidence = 0 } = judgement;
  const { strategy } = compiled;
  const key: CandidateKey = {
    strategyId: strategy.strategyId,
    strategyVersion: strategy.version,
    symbol: market.symbol,
    timeframe: strategy.timeframe,
    barCloseTime: market.barClose ?? 0,
    side: strategy.side,
    confidence,
    shadow: strategy.status === "SHADOW",
  };
  const size = sizeOf(strategy, confidence, context.policy.riskMode, context.maxPositionSizeUsd);
  const levels = levelsOf(strategy, context.entryPrice);
  const fault = levelsFault(strategy, size.sizeUsd, context.entryPrice, levels);
  return {
    judgement,
    key,
    judgedAt: context.asOf ?? context.timestamp,
    asOf: context.asOf,
    cooldownMs: strategy.cooldownMs,
    maxPositions: strategy.maxPositions,
    fault,
    decide: (sequence) => decisionOf(judgement, context, key, size, levels, sequence),
  };
}

function decisionOf(
  judgement: Judgement,
  context: DecideContext,
  key: CandidateKey,
  size: Size,
  levels: Levels,
  sequence: number,
): Decision {
  // Members are named one by one, for a decision that is put together of others costs several times as much.
  const decision: Decision = {
    strategyId: key.strategyId,
    strategyVersion: key.strategyVersion,
    symbol: key.symbol,
    timeframe: key.timeframe,
    barCloseTime: key.barCloseTime,
    side: key.side,
    decisionId: decisionId(key),
    sequence,
    sizeUsd: size.sizeUsd,
    confidence: key.confidence,
    strength: judgement.strength ?? 0,
    requiredConfidence: judgement.requiredConfidence,
    entryPrice: context.entryPrice,
    stopLoss: levels.stopLoss,
    takeProfit: levels.takeProfit,
    timestamp: context.timestamp,
    reasoning: reasoningOf(judgement),
    metadata: metadataOf(judgement, size.cappedFrom, context.traceparent),
    validUntil: key.barCloseTime + judgement.compiled.timeframeMs,
    conditions: judgement.conditions,
    riskMode: context.policy.riskMode,
    shadow: key.shadow,
    dataSource: context.dataSource,
  };
  return context.regime === undefined ? decision : { ...decision, regime: context.regime };
}

function reasoningOf({
  compiled,
  market,
  conditions,
  confirmations,
  strength,
  confidence,
  requiredConfidence,
}: Judgement): string {
  const confirmed = confirmations === undefined ? "" : explainConfirmations(confirmations);
  const observed = `${compiled.strategy.side} ${market.symbol}: ${explainConditions(compiled, conditions)}`;
  const judged = `strength ${formatPercent(strength ?? 0)}; confidence ${formatNumber(confidence ?? 0)} of ${formatNumber(requiredConfidence)} required`;
  return confirmed === "" ? `${observed}; ${judged}` : `${observed}; ${confirmed}; ${judged}`;
}

/** Labels, then what evaluators added, then what the engine has to say; keys in code-point order (R41). */
function metadataOf(
  judgement: Judgement,
  cappedFrom: number | undefined,
  traceparent: string | undefined,
): Readonly<Record<string, string>> {
  const { labels } = judgement.compiled.strategy;
  if (cappedFrom === undefined && traceparent === undefined && isEmpty(judgement.metadata) && isEmpty(labels)) {
    return {};
  }
  const merged: [string, string][] = [
    ...Object.entries(labels),
    ...Object.entries(judgement.metadata),
    ...(cappedFrom === undefined ? [] : [["size_capped_from", String(cappedFrom)] as [string, string]]),
    ...(traceparent === undefined ? [] : [["traceparent", traceparent] as [string, string]]),
  ];
  return Object.fromEntries([...new Map(merged)].sort(([a], [b]) => compareCodePoints(a, b)));
}

function isEmpty(map: Readonly<Record<string, string>>): boolean {
  for (const _ in map) {
    return false;
  }
  return true;
}
