// Example 1, a single strategy evaluation: one strategy judged on one symbol by indicator values
// given in the request. Neither bars nor a feed are needed, nothing is stored, and nothing is
// decided for real: Evaluate only says what would be.
import { create } from "@bufbuild/protobuf";
import { type Evaluation, OutcomeSchema } from "../../gen/strategyruntime/v1/decision_pb.ts";
import { EntryLogic, StrategyConfigSchema, StrategyStatus } from "../../gen/strategyruntime/v1/strategy_pb.ts";
import { connect } from "../client.ts";
import { percent, price, sideName, usd } from "../decision-text.ts";
import { startService } from "../service.ts";

const STRATEGY = create(StrategyConfigSchema, {
  strategyId: "rsi_mean_revert_042",
  name: "RSI Mean Reversion",
  status: StrategyStatus.LIVE,
  entryIndicators: [
    { name: "RSI", operator: "<", operand: { case: "value", value: 30 } },
    { name: "SMA_CROSS", operator: ">", operand: { case: "value", value: 0 } },
  ],
  entryLogic: EntryLogic.ALL,
  baseSizeUsd: 2_000,
  stopLossPct: 0.02,
  takeProfitPct: 0.05,
  allowedRegimes: ["TRENDING"],
  minConfidence: 0.6,
  fitnessScore: 0.78,
});

/**
 * RSI 25 lies 5/30 under its threshold and MACD is above its signal: strength is 0.5 + 5/30 + 0.2 =
 * 87 % (R20).
 */
const OVERSOLD = { RSI: 25, SMA_CROSS: 1, MACD: 50, MACD_SIGNAL: 30 };

function show(title: string, evaluation: Evaluation | undefined): void {
  if (evaluation === undefined) {
    throw new Error("the answer has no evaluation");
  }
  console.log(`${title}: ${OutcomeSchema.value[evaluation.outcome]?.localName}`);
  console.log(`  ${evaluation.explanation}`);
  for (const { condition, left, met, margin } of evaluation.conditions) {
    const answer = met === undefined ? "unknown" : met ? "holds" : "does not hold";
    const beyond = margin === undefined ? "" : `, margin ${percent(margin, 1)}`;
    console.log(`  ${condition.padEnd(22)} ${String(left ?? "–").padStart(6)}  ${answer}${beyond}`);
  }
  if (evaluation.strength !== undefined && evaluation.confidence !== undefined) {
    const { strength, confidence, requiredConfidence } = evaluation;
    const required = `of ${percent(requiredConfidence)} required`;
    console.log(`  strength ${percent(strength)}, confidence ${percent(confidence)} ${required}`);
  }
  if (evaluation.decision !== undefined) {
    const { side, symbol, sizeUsd, entryPrice, stopLoss, takeProfit } = evaluation.decision;
    const levels = `at ${price(entryPrice)}, stop ${price(stopLoss)}, target ${price(takeProfit)}`;
    console.log(`  ${sideName(side)} ${symbol} for ${usd(sizeUsd)} USD ${levels}`);
  }
  console.log();
}

const service = await startService();
const client = connect(service.address);
try {
  const strategy = { case: "config", value: STRATEGY } as const;
  const question = { strategy, symbol: "BTCUSDT", currentRegime: "TRENDING", indicators: OVERSOLD, price: 50_000 };
  show("Oversold", (await client.runtime.evaluate(question)).evaluation);

  const neutral = { ...OVERSOLD, RSI: 41.2 };
  show("Not oversold", (await client.runtime.evaluate({ ...question, indicators: neutral })).evaluation);

  show("In a quiet market", (await client.runtime.evaluate({ ...question, currentRegime: "RANGING" })).evaluation);
} finally {
  client.close();
  await service.close();
}
