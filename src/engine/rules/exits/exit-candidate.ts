import { compareCodePoints, type Decision, exitDecisionId } from "../../../domain/decision.ts";
import type { Position } from "../../../domain/position.ts";
import type { HeldPlan } from "./held-plan.ts";
import type { ExitVerdict } from "./judge-exit.ts";

/** A CLOSE or ADJUST that is still to be journaled (R87). */
export interface ExitCandidate {
  readonly position: Position;
  readonly plan: HeldPlan;
  readonly verdict: ExitVerdict & { readonly outcome: "CLOSE" | "ADJUST" };
  readonly barCloseTime: number;
  readonly regime: string | undefined;
  readonly dataSource: string;
}

/** The decision; its sequence is 0 where it is not journaled. */
export function decideExit(candidate: ExitCandidate, sequence: number, traceparent?: string): Decision {
  const { position, plan, verdict, barCloseTime, regime, dataSource } = candidate;
  const { positionId, strategyId, symbol, side, sizeUsd, entryPrice } = position;
  const { strategyVersion, timeframe, riskMode } = plan;
  const { outcome: action, reason, levels, because, conditions } = verdict;
  const key = { strategyId, strategyVersion, symbol, timeframe, barCloseTime, action, positionId };
  const why = reason === undefined ? "" : ` ${reason}`;
  return {
    ...key,
    side,
    decisionId: exitDecisionId(key),
    sequence,
    sizeUsd,
    confidence: 0,
    strength: 0,
    requiredConfidence: 0,
    entryPrice,
    ...levels,
    timestamp: barCloseTime,
    reasoning: `${action}${why} ${side} ${symbol}, position ${positionId}: ${because}`,
    metadata: traceparent === undefined ? {} : { traceparent },
    conditions,
    riskMode,
    shadow: false,
    dataSource,
    ...(regime !== undefined && { regime }),
    ...(reason !== undefined && { exitReason: reason }),
  };
}

/** R87: their order within a sweep, before its entries. */
export function compareExits({ position: a }: ExitCandidate, { position: b }: ExitCandidate): number {
  return (
    compareCodePoints(a.strategyId, b.strategyId) ||
    compareCodePoints(a.symbol, b.symbol) ||
    compareCodePoints(a.positionId, b.positionId)
  );
}
