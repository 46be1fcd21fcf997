import { type Decision, decisionId } from "../../src/domain/decision.ts";
import { randomOf } from "../harness/random.ts";

const HOUR_MS = 3_600_000;

/**
 * Decisions as a journal holds them, in order of sequence from 1, the newest one bar before `end`.
 */
export function decisionsOf(count: number, end: number): readonly Decision[] {
  const random = randomOf(3);
  return Array.from({ length: count }, (_, i) => {
    const symbol = `SYM${String(i % 50).padStart(3, "0")}USDT`;
    const barCloseTime = end - HOUR_MS * (1 + Math.floor((count - 1 - i) / 1_000));
    const key = {
      strategyId: `strategy-${i % 1_000}`,
      strategyVersion: 1 + Math.floor(i / 1_000),
      symbol,
      timeframe: "1h",
      barCloseTime,
      side: "LONG",
    } as const;
    const rsi = 20 + 10 * random();
    const price = 100 * (1 + random());
    return {
      ...key,
      decisionId: decisionId(key),
      sequence: i + 1,
      sizeUsd: 1_366.67,
      confidence: 0.8667,
      strength: 0.8667,
      requiredConfidence: 0.5,
      entryPrice: price,
      takeProfit: price * 1.05,
      stopLoss: price * 0.98,
      timestamp: barCloseTime,
      regime: "trending",
      reasoning: `LONG ${symbol}: RSI_14 is ${rsi.toFixed(4)}, holds (< 30); MACD confirms (50 > 30); strength 86.67 %`,
      metadata: { generator: "bench" },
      validUntil: barCloseTime + HOUR_MS,
      conditions: [
        {
          condition: "RSI_14 < 30",
          timeframe: "1h",
          left: rsi,
          right: 30,
          met: true,
          margin: (30 - rsi) / 30,
          missingBars: 0,
        },
      ],
      riskMode: "NORMAL",
      shadow: false,
      dataSource: "simulated",
    };
  });
}
