import { create } from "@bufbuild/protobuf";
import {
  type Position as PositionMessage,
  PositionSchema,
  type StrategyPerformance,
  StrategyPerformanceSchema,
} from "../../../gen/strategyruntime/v1/performance_pb.ts";
import type { Performance } from "../../domain/performance.ts";
import { isClosed, type Position, profit } from "../../domain/position.ts";
import type { ClosedReport } from "../../engine/api.ts";
import { exitReasons, sides } from "./enums.ts";
import { toInt64 } from "./numbers.ts";
import { floorMs, toDuration, toTimestamp } from "./time.ts";

/**
 * What a report gives. Where the wire cannot tell 0 or empty from absent, it is absent: the opening
 * may have said it before.
 */
export function fromPosition(position: PositionMessage): ClosedReport {
  const { strategyId, symbol, decisionId, sizeUsd, entryPrice, openedAt, exitPrice, closedAt, feesUsd } = position;
  const side = sides.known(position.side);
  const exitReason = exitReasons.known(position.exitReason);
  return {
    positionId: position.positionId,
    ...(strategyId !== "" && { strategyId }),
    ...(symbol !== "" && { symbol }),
    ...(side && { side }),
    ...(decisionId !== "" && { decisionId }),
    ...(sizeUsd !== 0 && { sizeUsd }),
    ...(entryPrice !== 0 && { entryPrice }),
    ...(openedAt && { openedAt: floorMs(openedAt) }),
    ...(exitPrice !== undefined && { exitPrice }),
    ...(closedAt && { closedAt: floorMs(closedAt) }),
    ...(feesUsd !== 0 && { feesUsd }),
    ...(exitReason && { exitReason }),
  };
}

/** With the profit of R45 once closed. */
export function toPosition(position: Position): PositionMessage {
  return create(PositionSchema, {
    positionId: position.positionId,
    strategyId: position.strategyId,
    symbol: position.symbol,
    side: sides.toWire(position.side),
    decisionId: position.decisionId ?? "",
    sizeUsd: position.sizeUsd,
    entryPrice: position.entryPrice,
    openedAt: toTimestamp(position.openedAt),
    exitPrice: position.exitPrice,
    closedAt: toTimestamp(position.closedAt),
    feesUsd: position.feesUsd,
    exitReason: exitReasons.toWire(position.exitReason ?? ""),
    ...(isClosed(position) && profit(position)),
  });
}

export function toPerformance(performance: Performance): StrategyPerformance {
  return create(StrategyPerformanceSchema, {
    strategyId: performance.strategyId,
    closedPositions: toInt64(performance.closedPositions),
    wins: toInt64(performance.wins),
    losses: toInt64(performance.losses),
    totalPnlUsd: performance.totalPnlUsd,
    meanPnlPct: performance.meanPnlPct,
    stdevPnlPct: performance.stdevPnlPct,
    profitFactor: performance.profitFactor,
    maxDrawdownUsd: performance.maxDrawdownUsd,
    meanHoldTime: toDuration(performance.meanHoldTimeMs),
    openPositions: toInt64(performance.openPositions),
    lastClosedAt: toTimestamp(performance.lastClosedAt),
  });
}
