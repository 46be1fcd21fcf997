import type { Decision, Evaluation, SweepSummary } from "../../src/domain/decision.ts";
import { decisionId } from "../../src/domain/decision.ts";
import type { Performance } from "../../src/domain/performance.ts";
import type { PolicySnapshot } from "../../src/domain/policy.ts";
import type { ClosedPosition, Position } from "../../src/domain/position.ts";
import type { StoredStrategy, StrategyDraft } from "../../src/domain/strategy.ts";
import type { RuntimeStatus, SignalBatch } from "../../src/engine/api.ts";

export const BAR_CLOSE: number = Date.UTC(2026, 0, 2, 3, 0, 0);

export function aDecision(over: Partial<Decision> = {}): Decision {
  const key = {
    strategyId: "dip",
    strategyVersion: 3,
    symbol: "BTCUSDT",
    timeframe: "1h",
    barCloseTime: BAR_CLOSE,
    side: "LONG",
  } as const;
  return {
    ...key,
    decisionId: decisionId(key),
    sequence: 7,
    sizeUsd: 1_000,
    confidence: 0.8,
    strength: 0.75,
    requiredConfidence: 0.5,
    entryPrice: 100,
    takeProfit: 105,
    stopLoss: 98,
    timestamp: BAR_CLOSE + 5,
    regime: "bull",
    reasoning: "RSI_14 is 25, needs < 30",
    metadata: { zeta: "1", alpha: "2" },
    validUntil: BAR_CLOSE + 3_600_000,
    conditions: [
      { condition: "RSI_14 < 30", timeframe: "1h", left: 25, right: 30, met: true, margin: 1 / 6, missingBars: 0 },
      { condition: "EMA_20 > EMA_50", timeframe: "4h", missingBars: 12 },
    ],
    riskMode: "NORMAL",
    shadow: false,
    dataSource: "simulated",
    ...over,
  };
}

export function anEvaluation(over: Partial<Evaluation> = {}): Evaluation {
  return {
    strategyId: "dip",
    symbol: "BTCUSDT",
    outcome: "DECIDED",
    explanation: "decided",
    conditions: aDecision().conditions,
    side: "LONG",
    strength: 0.75,
    confidence: 0.8,
    requiredConfidence: 0.5,
    decision: aDecision(),
    timeframe: "1h",
    barCloseTime: BAR_CLOSE,
    indicators: { RSI_14: 25, "RSI_14@4h": 40 },
    ...over,
  };
}

export const SUMMARY: SweepSummary = {
  evaluations: 4,
  outcomes: { DECIDED: 1, CONDITIONS_NOT_MET: 3 },
  strategies: 2,
  symbols: 2,
  durationMs: 12.5,
  barCloseTime: BAR_CLOSE,
};

export function aBatch(over: Partial<SignalBatch> = {}): SignalBatch {
  return { decisions: [], suppressions: [], failures: [], resumeToken: "", ...over };
}

export const POLICY: PolicySnapshot = {
  riskMode: "DEFENSIVE",
  globalMinConfidence: 0.6,
  allowedStrategies: ["a", "b"],
  halted: true,
  haltReason: "maintenance",
  currentRegime: "bull",
  readAt: BAR_CLOSE,
};

export function aDraft(over: Partial<StrategyDraft> = {}): StrategyDraft {
  return {
    strategyId: "dip",
    name: "Buy the dip",
    status: "LIVE",
    entryIndicators: [
      { name: "RSI_14", operator: "<", value: 30, timeframe: "1h" },
      { name: "EMA_20", operator: ">", indicator: "EMA_50", timeframe: "4h" },
    ],
    entryLogic: "ALL",
    baseSizeUsd: 1_000,
    confidenceScaling: false,
    stopLossPct: 0.02,
    takeProfitPct: 0.05,
    allowedRegimes: ["bull"],
    minConfidence: 0.5,
    maxPositions: 1,
    fitnessScore: 0.9,
    side: "LONG",
    timeframe: "1h",
    trigger: "EDGE",
    cooldownMs: 60_000,
    symbols: ["BTCUSDT"],
    labels: { team: "x", origin: "y" },
    ...over,
  };
}

export function aStored(draft: StrategyDraft = aDraft(), over: Partial<StoredStrategy> = {}): StoredStrategy {
  return {
    strategyId: draft.strategyId,
    draft,
    version: 3,
    createdAt: BAR_CLOSE,
    updatedAt: BAR_CLOSE + 1,
    lastExecutedAt: BAR_CLOSE + 2,
    ...over,
  };
}

export const OPEN_POSITION: Position = {
  positionId: "p-1",
  strategyId: "dip",
  symbol: "BTCUSDT",
  side: "SHORT",
  decisionId: aDecision().decisionId,
  sizeUsd: 1_000,
  entryPrice: 100,
  openedAt: BAR_CLOSE,
  feesUsd: 1,
};

export const CLOSED_POSITION: ClosedPosition = {
  ...OPEN_POSITION,
  exitPrice: 90,
  closedAt: BAR_CLOSE + 1_500,
  closeSequence: 1,
};

export const PERFORMANCE: Performance = {
  strategyId: "dip",
  closedPositions: 1,
  wins: 1,
  losses: 0,
  totalPnlUsd: 99,
  meanPnlPct: 0.1,
  maxDrawdownUsd: 0,
  meanHoldTimeMs: 1_500,
  openPositions: 0,
  lastClosedAt: BAR_CLOSE + 1_500,
};

export const STATUS: RuntimeStatus = {
  startedAt: BAR_CLOSE,
  ready: false,
  whyNot: ["no policy"],
  liveStrategies: 2,
  shadowStrategies: 1,
  refreshedAt: BAR_CLOSE,
  policy: POLICY,
  symbols: [
    { symbol: "BTCUSDT", timeframe: "1h", lastBarCloseTime: BAR_CLOSE, bars: 500, requiredBars: 400 },
    { symbol: "ETHUSDT", timeframe: "1h", bars: 0, requiredBars: 400, whyNot: "no bars" },
    { symbol: "SOLUSDT", timeframe: "1h", bars: 46, requiredBars: 400, note: "it begins behind a hole" },
  ],
  lastSweep: SUMMARY,
  openStreams: 1,
  rejectedStrategies: [{ strategyId: "bad", explanation: "side is required" }],
};
