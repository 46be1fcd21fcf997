// Example 3, the full pipeline: regime and symbols → signals from strategies and from AI models →
// orchestrator, risk guard, portfolio balancer, safety governor → executor. What a gate refuses and
// what is opened is reported back to the runtime.
import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type TradeDecision, TradeDecisionSchema } from "../../gen/strategyruntime/v1/decision_pb.ts";
import { RiskMode } from "../../gen/strategyruntime/v1/policy_pb.ts";
import {
  Side,
  type StrategyConfig,
  StrategyConfigSchema,
  StrategyStatus,
} from "../../gen/strategyruntime/v1/strategy_pb.ts";
import type { MarketData } from "../../src/ports/market-data.ts";
import { connect, type RuntimeClient } from "../client.ts";
import { decisionLine } from "../decision-text.ts";
import { saveAll } from "../example-strategies.ts";
import { startStillService } from "../service.ts";
import { Orchestrator, PortfolioBalancer, RiskGuard, SafetyGovernor } from "./pipeline-gates.ts";
import { type Processed, QuantumExecutor } from "./quantum-executor.ts";

/**
 * A moment of the simulated exchange. It stands still, so the numbers are the same on every run.
 */
const MOMENT = new Date("2026-03-02T14:30:00Z");
const SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT", "XRPUSDT", "ADAUSDT", "DOGEUSDT", "AVAXUSDT"];

/** What the strategy generator promoted to LIVE. */
const STRATEGIES: readonly StrategyConfig[] = [
  strategy("high_fitness_001", { name: "CLOSE", operator: ">", indicator: "EMA_50" }, 0.95),
  strategy("high_fitness_002", { name: "CLOSE", operator: "<", indicator: "EMA_50" }, 0.9),
  strategy("untested_003", { name: "CLOSE", operator: ">", indicator: "SMA_20" }, 0.4),
];

function strategy(
  strategyId: string,
  { name, operator, indicator }: { readonly name: string; readonly operator: string; readonly indicator: string },
  fitnessScore: number,
): StrategyConfig {
  return create(StrategyConfigSchema, {
    strategyId,
    name: `${name} ${operator} ${indicator}`,
    status: StrategyStatus.LIVE,
    timeframe: "5m",
    entryIndicators: [{ name, operator, operand: { case: "indicator", value: indicator } }],
    baseSizeUsd: 1_000,
    stopLossPct: 0.01,
    takeProfitPct: 0.02,
    maxPositions: 5,
    allowedRegimes: ["TRENDING"],
    fitnessScore,
  });
}

/** The Meta Strategy Controller's orders. */
async function setPolicy({ policy }: RuntimeClient): Promise<void> {
  await policy.setRiskMode({ riskMode: RiskMode.DEFENSIVE });
  await policy.setGlobalMinConfidence({ minConfidence: 0.7 });
  await policy.setAllowedStrategies({ strategyIds: ["high_fitness_001", "high_fitness_002"] });
}

/**
 * An AI model's prediction in the same form. It has no decision_id: the runtime did not make it.
 */
async function aiDecision(market: MarketData, symbol: string, side: Side, sizeUsd: number): Promise<TradeDecision> {
  const { price: entryPrice } = await market.price(symbol);
  const away = side === Side.LONG ? 1 : -1;
  return create(TradeDecisionSchema, {
    strategyId: "ai-model",
    symbol,
    side,
    sizeUsd,
    confidence: 0.66,
    entryPrice,
    stopLoss: entryPrice * (1 - 0.01 * away),
    takeProfit: entryPrice * (1 + 0.02 * away),
    barCloseTime: timestampFromDate(MOMENT),
  });
}

function show({ decision, refusedBy, reason }: Processed): void {
  console.log(decisionLine(decision));
  console.log(`          ${refusedBy === undefined ? "→ opened" : `→ refused by ${refusedBy}: ${reason}`}`);
}

const service = await startStillService(MOMENT, SYMBOLS);
const client = connect(service.address);
try {
  await saveAll(client, STRATEGIES);
  await setPolicy(client);
  const executor = new QuantumExecutor({
    strategyRuntime: client,
    regimeDetector: { getCurrentRegime: () => "TRENDING" },
    opportunityRanker: { getTopSymbols: (limit) => SYMBOLS.slice(0, limit) },
    getAiPredictions: () =>
      Promise.all([
        aiDecision(service.market, "BTCUSDT", Side.LONG, 5_000),
        aiDecision(service.market, "ADAUSDT", Side.SHORT, 400),
        aiDecision(service.market, "BTCUSDT", Side.SHORT, 400),
      ]),
    orchestrator: new Orchestrator(() => service.market.now(), ["DOGEUSDT"]),
    riskGuard: new RiskGuard(25),
    portfolioBalancer: new PortfolioBalancer(),
    safetyGovernor: new SafetyGovernor(4),
  });
  console.log("One cycle, DEFENSIVE, two strategies allowed, a confidence of 70 % required:\n");
  for (const processed of await executor.runCycle()) {
    show(processed);
  }
  console.log("\nWhat the runtime knows of it:");
  for (const { strategyId } of STRATEGIES) {
    const { performance } = await client.performance.getStrategyPerformance({ strategyId });
    console.log(`  ${strategyId}: ${performance?.openPositions} open`);
  }
} finally {
  client.close();
  await service.close();
}
