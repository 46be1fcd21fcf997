import type { Condition, StoredStrategy, StrategyConfig } from "../../src/domain/strategy.ts";
import { toDraft } from "../../src/domain/strategy.ts";
import type { Timeframe } from "../../src/domain/timeframe.ts";

/** A LIVE strategy that fires on every bar on which its conditions hold, as often as it may. */
export function strategyOf(
  strategyId: string,
  conditions: readonly Omit<Condition, "timeframe">[],
  given: Partial<StrategyConfig> = {},
): StrategyConfig {
  const timeframe: Timeframe = given.timeframe ?? "1h";
  return {
    strategyId,
    name: `Bench ${strategyId}`,
    status: "LIVE",
    entryIndicators: conditions.map((condition) => ({ ...condition, timeframe })),
    entryLogic: "ALL",
    baseSizeUsd: 1_000,
    confidenceScaling: true,
    stopLossPct: 0.02,
    takeProfitPct: 0.05,
    allowedRegimes: [],
    minConfidence: 0,
    maxPositions: 10_000,
    side: "LONG",
    timeframe,
    trigger: "LEVEL",
    cooldownMs: 0,
    symbols: [],
    labels: {},
    ...given,
  };
}

export function storedOf(config: StrategyConfig): StoredStrategy {
  return { strategyId: config.strategyId, draft: toDraft(config), version: 1, createdAt: 0, updatedAt: 0 };
}

/** Conditions that hold in any market that moves, so that every pair is judged to its end. */
const HOLDS = [
  { name: "RSI_14", operator: ">", operand: 1 },
  { name: "NATR_14", operator: ">", operand: 0.000_001 },
] as const;

/** Strategies that decide on every symbol. */
export function decidingStrategies(count: number): readonly StoredStrategy[] {
  return Array.from({ length: count }, (_, i) => storedOf(strategyOf(`deciding-${i}`, HOLDS)));
}

/**
 * Strategies as a generator makes them: oversold in a trend, each with other numbers. Few of them
 * fire on a bar.
 */
export function tradingStrategies(
  count: number,
  timeframe: Timeframe,
  minConfidence: number,
): readonly StoredStrategy[] {
  return dippers(count, { rsi: 20, adx: 10 }, { timeframe, minConfidence, cooldownMs: 600_000 });
}

/**
 * The same, but they wait for what is rare: about one pair in 3,000 decides on a bar of a minute.
 */
export function patientStrategies(count: number, timeframe: Timeframe): readonly StoredStrategy[] {
  return dippers(count, { rsi: 5, adx: 20 }, { timeframe, minConfidence: 0.5, cooldownMs: 3_600_000 });
}

/**
 * The same, of which about one pair in 1,000 holds and decides on a bar of a minute: in waves,
 * since a symbol that falls is oversold for all of them.
 */
export function wavingStrategies(count: number, timeframe: Timeframe): readonly StoredStrategy[] {
  return dippers(count, { rsi: 4, adx: 20 }, { timeframe, minConfidence: 0.5, cooldownMs: 60_000 });
}

/**
 * Strategies that each wait for a narrow band of their own, so that about one pair in 1,000 holds
 * and decides on every bar of a minute.
 */
export function steadyStrategies(count: number, timeframe: Timeframe): readonly StoredStrategy[] {
  return Array.from({ length: count }, (_, i) => {
    // Steps of the golden ratio fill the range evenly.
    const low = 30 + 40 * ((i * 0.618_033_988_7) % 1);
    const conditions = [
      { name: `RSI_${5 + (i % 20)}`, operator: ">", operand: low },
      { name: `RSI_${5 + (i % 20)}`, operator: "<", operand: low + 0.053 },
      { name: "ADX_14", operator: ">", operand: 10 + (i % 12) },
    ] as const;
    const given = { timeframe, minConfidence: 0.5, cooldownMs: 60_000 };
    return storedOf(strategyOf(`band-${i}`, conditions, given));
  });
}

function dippers(
  count: number,
  least: { readonly rsi: number; readonly adx: number },
  given: Partial<StrategyConfig> & { readonly timeframe: Timeframe },
): readonly StoredStrategy[] {
  return Array.from({ length: count }, (_, i) => {
    const conditions = [
      { name: `RSI_${5 + (i % 20)}`, operator: "<", operand: least.rsi + (i % 15) },
      { name: "ADX_14", operator: ">", operand: least.adx + (i % 12) },
      { name: "CLOSE", operator: "<", operand: `EMA_${20 + 5 * (i % 8)}` },
    ] as const;
    return storedOf(strategyOf(`trading-${i}`, conditions, given));
  });
}

export function symbolsOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `SYM${String(i).padStart(3, "0")}USDT`);
}
