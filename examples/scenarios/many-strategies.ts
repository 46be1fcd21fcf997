// Example 2, many strategies generating signals: one GenerateSignals call judges all of them on all
// symbols. Then the Meta Strategy Controller tightens the policy, and the same call says what is
// left of them.
import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { TradeDecision } from "../../gen/strategyruntime/v1/decision_pb.ts";
import { RiskMode } from "../../gen/strategyruntime/v1/policy_pb.ts";
import type { SweepSummary, SymbolFailure } from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { connect, type RuntimeClient } from "../client.ts";
import { decisionLine, reasonLine } from "../decision-text.ts";
import { exampleStrategies, saveAll } from "../example-strategies.ts";
import { startStillService } from "../service.ts";

/**
 * A moment of the simulated exchange at which several strategies fire. It stands still, so the
 * numbers are the same on every run.
 */
const MOMENT = new Date("2026-03-02T17:50:00Z");
const COINS = ["BTC", "ETH", "SOL", "BNB", "XRP", "ADA", "DOGE", "AVAX", "LINK", "LTC", "DOT", "TRX"];
const SYMBOLS = COINS.map((coin) => `${coin}USDT`);

interface Signals {
  readonly decisions: readonly TradeDecision[];
  readonly failures: readonly SymbolFailure[];
  readonly summary: SweepSummary;
}

/** All that one call sends; a dry run journals nothing, so it may be asked again and again. */
async function generateSignals(client: RuntimeClient, dryRun: boolean): Promise<Signals> {
  const decisions: TradeDecision[] = [];
  const failures: SymbolFailure[] = [];
  let summary: SweepSummary | undefined;
  const request = { symbols: SYMBOLS, currentRegime: "TRENDING", includeShadow: true, includeExits: true, dryRun };
  for await (const message of client.runtime.generateSignals(request)) {
    decisions.push(...message.decisions);
    failures.push(...message.failures);
    summary = message.summary ?? summary;
  }
  if (summary === undefined) {
    throw new Error("the stream ended without its summary");
  }
  return { decisions, failures, summary };
}

function show({ decisions, failures, summary }: Signals): void {
  for (const decision of decisions) {
    console.log(`${decisionLine(decision)}\n${reasonLine(decision)}`);
  }
  for (const { symbol, explanation } of failures) {
    console.log(`${symbol} could not be judged: ${explanation}`);
  }
  const outcomes = Object.entries(summary.outcomes).sort(([a], [b]) => (a < b ? -1 : 1));
  const counted = outcomes.map(([outcome, count]) => `${outcome} ${count}`).join(", ");
  const close = summary.barCloseTime ? timestampDate(summary.barCloseTime).toISOString() : "no bar";
  const size = `${summary.strategies} strategies x ${summary.symbols} symbols = ${summary.evaluations} evaluations`;
  console.log(`${size} at ${close}: ${counted}\n`);
}

const service = await startStillService(MOMENT, SYMBOLS);
const client = connect(service.address);
try {
  await saveAll(client, exampleStrategies());

  console.log("Dry run under the policy that is in force at first:");
  show(await generateSignals(client, true));

  console.log("Dry run in risk mode DEFENSIVE, with a confidence of 65 % required and three strategies allowed:");
  await client.policy.setRiskMode({ riskMode: RiskMode.DEFENSIVE });
  await client.policy.setGlobalMinConfidence({ minConfidence: 0.65 });
  await client.policy.setAllowedStrategies({
    strategyIds: ["macd_turn_5m", "oversold_any_5m", "pullback_in_uptrend_1m"],
  });
  show(await generateSignals(client, true));

  console.log("For real, and once more in the same minute:");
  show(await generateSignals(client, false));
  show(await generateSignals(client, false));
} finally {
  client.close();
  await service.close();
}
