import type { StrategyConfig } from "../../src/domain/strategy.ts";

export const T = 1_700_000_000_123;

export const RSI: StrategyConfig = {
  strategyId: "rsi",
  name: "RSI 反転",
  status: "LIVE",
  entryIndicators: [
    { name: "RSI_14", operator: "<", operand: 30, timeframe: "1h" },
    { name: "CLOSE", operator: "crosses_above", operand: "EMA_50", timeframe: "4h" },
  ],
  entryLogic: "ALL",
  baseSizeUsd: 1000,
  confidenceScaling: true,
  stopLossPct: 0.02,
  takeProfitPct: 0.05,
  allowedRegimes: [],
  minConfidence: 0.5,
  maxPositions: 1,
  side: "LONG",
  timeframe: "1h",
  trigger: "LEVEL",
  cooldownMs: 60_000,
  symbols: [],
  labels: {},
};

export function config(strategyId: string, changes: Partial<StrategyConfig> = {}): StrategyConfig {
  return { ...RSI, strategyId, ...changes };
}
