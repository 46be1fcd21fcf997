import { connect } from "../examples/client.ts";
import { EntryLogic, Side, StrategyStatus } from "../gen/strategyruntime/v1/strategy_pb.ts";
import { STRATEGY_IDS } from "./values.ts";

const SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT"];

/**
 * Saves the strategies that calls name, and has decisions made, since reports need the ids of
 * decisions. The answer is those ids.
 */
export async function someDecisions(address: string): Promise<readonly string[]> {
  const client = connect(address);
  try {
    const always = Array.from({ length: 5 }, (_, i) => `ground-${i}`);
    const strategies = [...always, ...STRATEGY_IDS].map((strategyId, i) => ({
      strategyId,
      name: "Always",
      status: i < always.length ? StrategyStatus.LIVE : StrategyStatus.SHADOW,
      entryIndicators: [{ name: "RSI_14", operator: ">", operand: { case: "value" as const, value: 0.1 } }],
      entryLogic: EntryLogic.ALL,
      baseSizeUsd: 100,
      stopLossPct: 0.02,
      takeProfitPct: 0.05,
      side: Side.LONG,
      timeframe: "1h",
      minConfidence: 0,
    }));
    await client.strategies.batchSaveStrategies({ strategies });
    const ids: string[] = [];
    for await (const { decisions } of client.runtime.generateSignals({ symbols: SYMBOLS })) {
      ids.push(...decisions.map(({ decisionId }) => decisionId));
    }
    if (ids.length === 0) {
      throw new Error("no decision was made to begin with");
    }
    return ids;
  } finally {
    client.close();
  }
}
