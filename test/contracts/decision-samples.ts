import type { Decision } from "../../src/domain/decision.ts";

export const T = 1_700_000_000_000;

/** A decision with this sequence, its timestamp that many ms after T. */
export function decision(sequence: number, changes: Partial<Decision> = {}): Decision {
  return {
    decisionId: sequence.toString(16).padStart(32, "0"),
    sequence,
    symbol: "BTCUSDT",
    side: "LONG",
    sizeUsd: 1000 / 3,
    confidence: 0.8667,
    strength: 0.1 + 0.2,
    requiredConfidence: 0.5,
    strategyId: "rsi",
    strategyVersion: 1,
    entryPrice: 37_000.5,
    takeProfit: 38_000,
    stopLoss: 36_000,
    timestamp: T + sequence,
    regime: "bull",
    reasoning: "RSI_14 is 25, under 30 — 反転",
    metadata: { source: "test" },
    timeframe: "1h",
    barCloseTime: T,
    validUntil: T + 3_600_000,
    conditions: [
      { condition: "RSI_14 < 30", timeframe: "1h", left: 25, right: 30, met: true, margin: 1 / 6, missingBars: 0 },
      { condition: "ROC_4 > 1", timeframe: "1h", missingBars: 3 },
    ],
    riskMode: "NORMAL",
    shadow: false,
    dataSource: "simulated",
    ...changes,
  };
}

/** Decisions with these sequences, the last one included. */
export function many(from: number, to: number): readonly Decision[] {
  return Array.from({ length: to - from + 1 }, (_, i) => decision(from + i));
}
