import { describe, expect, it } from "vitest";
import { exampleStrategies } from "../../examples/example-strategies.ts";
import { type PrintedDecision, printedDecisions } from "./printed-decision.ts";
import { EXAMPLE_LIMIT, runExample } from "./run-example.ts";

/**
 * R23 and R25 for a printed decision of an example strategy, from its file and the confidence in
 * its reasons.
 */
function expectSizeAndLevels(decision: PrintedDecision, riskFactor: number): void {
  const strategy = exampleStrategies().find(({ strategyId }) => strategyId === decision.strategyId);
  if (strategy === undefined) {
    throw new Error(`${decision.strategyId} is no example strategy`);
  }
  const confidence = Number(/confidence ([\d.]+) of/.exec(decision.below)?.[1]);
  const scaling = strategy.confidenceScaling === false ? 1 : 0.5 + confidence;
  const away = decision.side === "LONG" ? 1 : -1;
  const { entryPrice } = decision;
  expect(decision.sizeUsd).toBeCloseTo(strategy.baseSizeUsd * scaling * riskFactor, 1);
  expect(decision.stopLoss / entryPrice).toBeCloseTo(1 - away * strategy.stopLossPct, 6);
  expect(decision.takeProfit / entryPrice).toBeCloseTo(1 + away * strategy.takeProfitPct, 6);
}

describe("the scenario of a single evaluation", EXAMPLE_LIMIT, () => {
  it("has the numbers of R20's example, and says why there is no trade in the other two", async () => {
    const output = await runExample("examples/scenarios/single-evaluation.ts");
    const [oversold = "", neutral = "", quiet = ""] = output.trim().split("\n\n");

    // 0.5 + 5/30 + 0.2; 0.7·0.866667 + 0.3·0.78; 2000·(0.5 + 0.840667); 50,000 less 2 %, plus 5 %.
    expect(oversold).toMatch(/^Oversold: DECIDED\n/);
    expect(oversold).toContain("margin 16.7 %");
    expect(oversold).toContain("strength 87 %, confidence 84 % of 60 % required");
    expect(oversold).toContain("LONG BTCUSDT for 2,681.33 USD at 50,000, stop 49,000, target 52,500");
    expect(neutral).toMatch(/^Not oversold: CONDITIONS_NOT_MET\n/);
    expect(neutral).toContain("RSI_14 is 41.2, needs < 30 (11.2 away)");
    expect(quiet).toMatch(/^In a quiet market: REGIME_NOT_ALLOWED\n/);
    expect(quiet).toContain("the regime is RANGING, needs one of TRENDING");
  });
});

describe("the scenario of many strategies on many symbols", EXAMPLE_LIMIT, () => {
  it("prints the same decisions on every run, sized by the policy in force, and accounts for every pair", async () => {
    const output = await runExample("examples/scenarios/many-strategies.ts");
    const [first = "", tightened = "", again = "", last = ""] = output.trim().split("\n\n");

    const decisions = printedDecisions(first);
    expect(decisions.map(({ symbol, strategyId }) => `${symbol} ${strategyId}`)).toEqual([
      "XRPUSDT oversold_any_5m",
      "SOLUSDT macd_turn_5m",
      "XRPUSDT momentum_burst_1m",
      "ADAUSDT bollinger_fade_1m",
      "BNBUSDT pullback_in_uptrend_1m",
    ]);
    expect(decisions.map(({ shadow }) => shadow)).toEqual([false, false, true, false, false]);
    for (const decision of decisions) {
      expectSizeAndLevels(decision, 1);
    }
    const kept = printedDecisions(tightened);
    expect(kept.map(({ strategyId }) => strategyId)).toEqual(["oversold_any_5m", "macd_turn_5m"]);
    for (const decision of kept) {
      expectSizeAndLevels(decision, 0.5);
    }
    expect(printedDecisions(again)).toEqual(kept);
    expect(printedDecisions(last)).toEqual([]);

    const judged = "9 strategies x 12 symbols = 108 evaluations at 2026-03-02T17:50:00.000Z";
    const others = "CONDITIONS_NOT_MET 31, DECIDED 2, LOW_CONFIDENCE 1, NOT_ALLOWED 72, NOT_TRIGGERED 2";
    expect(first).toContain(`${judged}: CONDITIONS_NOT_MET 90, DECIDED 5, NOT_TRIGGERED 3, SYMBOL_NOT_COVERED 10`);
    expect(tightened).toContain(`${judged}: ${others}`);
    expect(again).toContain(`${judged}: ${others}`);
    expect(last).toContain(`${judged}: ALREADY_DECIDED 2, CONDITIONS_NOT_MET 31, LOW_CONFIDENCE 1, NOT_ALLOWED 72`);
  });
});

describe("the scenario of the full pipeline", EXAMPLE_LIMIT, () => {
  it("opens what passes all gates, and names the gate for what does not", async () => {
    const output = await runExample("examples/scenarios/full-pipeline.ts");

    expect(printedDecisions(output).map((d) => [d.strategyId, d.side, d.symbol, d.sizeUsd, d.below])).toEqual([
      // 1000 · (0.5 + 0.7·0.7 + 0.3·0.95) · 0.5, and the same with a fitness of 0.9.
      ["high_fitness_001", "LONG", "ADAUSDT", 637.5, "→ opened"],
      ["high_fitness_001", "LONG", "DOGEUSDT", 637.5, "→ refused by Orchestrator: DOGEUSDT is suspended"],
      ["high_fitness_002", "SHORT", "AVAXUSDT", 630, "→ opened"],
      ["high_fitness_002", "SHORT", "BNBUSDT", 630, "→ opened"],
      ["high_fitness_002", "SHORT", "XRPUSDT", 630, "→ opened"],
      ["ai-model", "LONG", "BTCUSDT", 5000, expect.stringContaining("refused by RiskGuard: it would lose 50.00 USD")],
      ["ai-model", "SHORT", "ADAUSDT", 400, expect.stringContaining("refused by PortfolioBalancer")],
      ["ai-model", "SHORT", "BTCUSDT", 400, expect.stringContaining("refused by SafetyGovernor: 4 trades")],
    ]);
    expect(output).toContain("high_fitness_001: 1 open\n  high_fitness_002: 3 open\n  untested_003: 0 open");
  });
});

describe("the scenario of performance tracking", EXAMPLE_LIMIT, () => {
  it("adds up the closed positions, and tells the generator of each", async () => {
    const output = await runExample("examples/scenarios/performance-tracking.ts");
    const heard = output.split("\n").filter((line) => line.startsWith("generator: "));

    // 1000 · (52500 − 50000)/50000 − 1; 1000 · (3000 − 2910)/3000 − 1; 2000 · (49980 − 51000)/51000
    // − 2.
    expect(heard).toEqual([
      "generator: p-1 of rsi_mean_revert_042 closed with 5.00 %, 49.00 USD after fees",
      "generator: p-3 of bollinger_fade_007 closed with 3.00 %, 29.00 USD after fees",
      "generator: p-2 of rsi_mean_revert_042 closed with -2.00 %, -42.00 USD after fees",
    ]);
    expect(output).toContain(
      "rsi_mean_revert_042: 2 closed (1 won, 1 lost), 1 open; total 7.00 USD, mean 1.50 %\n" +
        "  standard deviation 4.95 %, profit factor 1.167, largest drawdown 42.00 USD, held for 3.00 h on average",
    );
    expect(output).toContain("bollinger_fade_007: 1 closed (1 won, 0 lost), 0 open; total 29.00 USD, mean 3.00 %");
    expect(output).toContain("ALREADY_EXISTS: ");
  });
});
