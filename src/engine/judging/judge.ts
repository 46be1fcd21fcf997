import type { ConditionResult, Outcome } from "../../domain/decision.ts";
import { errorText } from "../../domain/errors.ts";
import type { SignalEvaluator } from "../../ports/signal-evaluator.ts";
import type { MarketReading } from "../market/reading.ts";
import type { CompiledStrategy } from "../strategies/compile.ts";
import { combine, heldBefore, judgeCondition, type Met } from "./conditions.ts";
import { applyEvaluators } from "./custom-evaluators.ts";
import { explainConditions, formatNumber, OUTCOME_WORDS } from "./explain.ts";
import { observedIndicators } from "./observed.ts";
import { type PolicyInForce, policyGate, type Refusal, refusal } from "./policy-gates.ts";
import { type Confirmations, confidenceOf, readConfirmations, strengthOf } from "./strength.ts";

/** R22's slack for rounding. */
const CONFIDENCE_SLACK = 1e-9;

/** What all evaluations of a sweep share. */
export interface JudgeContext {
  readonly inForce: PolicyInForce;
  /** The request's, else the policy's (R28). */
  readonly regime?: string;
  readonly evaluators: readonly SignalEvaluator[];
}

/** The market as one strategy sees it on one symbol. */
export interface JudgeMarket {
  readonly symbol: string;
  readonly reading: MarketReading;
  /** Close of the bar judged; absent without market data. */
  readonly barClose?: number;
  /** Why the market cannot be judged, where it cannot: bars or price are missing, or the decision would be born expired (R7). */
  readonly unavailable?: string;
}

/** One strategy judged on one symbol, up to the gates that need state. */
export interface Judgement {
  readonly compiled: CompiledStrategy;
  readonly market: JudgeMarket;
  /** Why there is no decision; absent where the stateful gates come next. */
  readonly refusal?: Refusal;
  /** In the strategy's order; empty where an earlier gate decided and no explanation was asked for. */
  readonly conditions: readonly ConditionResult[];
  readonly confirmations?: Confirmations;
  /** Both present exactly where the combined conditions are known to hold. */
  readonly strength?: number;
  readonly confidence?: number;
  readonly requiredConfidence: number;
  /** What custom evaluators added. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Present where judging threw. */
  readonly error?: unknown;
}

/**
 * Judges one strategy on one symbol: R12 to R22 and R26 up to VETOED. The one implementation, for Evaluate, calls, bar closes and replay.
 *
 * `explain` judges the conditions even where an earlier gate decided; without it, work stops at the first gate that applies.
 * Never throws: what throws is FAILED.
 */
export function judge(
  compiled: CompiledStrategy,
  market: JudgeMarket,
  context: JudgeContext,
  explain: boolean,
): Judgement {
  const required = requiredConfidence(compiled, context);
  const judged = (found: Conditioned): Judgement => ({
    ...found,
    compiled,
    market,
    requiredConfidence: required,
    metadata: found.metadata ?? NO_METADATA,
  });
  try {
    const early = policyGate(compiled, market.symbol, context.inForce, context.regime) ?? marketGate(market);
    if (early !== undefined && !explain) {
      return judged({ conditions: [], refusal: early });
    }
    return judged(judgeConditions(compiled, market, context, early, required));
  } catch (error) {
    return judged({ conditions: [], ...failed(error) });
  }
}

const NO_METADATA: Readonly<Record<string, string>> = {};

function failed(error: unknown): Pick<Judgement, "refusal" | "error"> {
  return { refusal: { outcome: "FAILED", because: errorText(error) }, error };
}

/** R22. */
function requiredConfidence(compiled: CompiledStrategy, { inForce }: JudgeContext): number {
  return Math.max(compiled.strategy.minConfidence, inForce.policy?.globalMinConfidence ?? 0);
}

function marketGate(market: JudgeMarket): Refusal | undefined {
  if (market.unavailable !== undefined) {
    return { outcome: "MARKET_DATA_UNAVAILABLE", because: market.unavailable };
  }
  return undefined;
}

type Conditioned = Pick<Judgement, "conditions"> & Partial<Judgement>;

function judgeConditions(
  compiled: CompiledStrategy,
  market: JudgeMarket,
  context: JudgeContext,
  early: Refusal | undefined,
  required: number,
): Conditioned {
  const { barClose } = market;
  if (barClose === undefined) {
    return { conditions: [], ...(early && { refusal: early }) };
  }
  const conditions = compiled.conditions.map((condition) => judgeCondition(condition, market.reading, barClose));
  const met = combine(
    compiled.strategy.entryLogic,
    conditions.map((result) => result.met),
  );
  if (met !== true) {
    return { conditions, refusal: early ?? unmet(compiled, conditions, met) };
  }
  const confirmations = readConfirmations(compiled, market.reading, barClose);
  const strength = strengthOf(conditions, confirmations);
  const held = { conditions, confirmations, strength, confidence: confidence(compiled, strength) };
  const refusal = early ?? triggerGate(compiled, market.reading, barClose);
  if (refusal !== undefined) {
    return { ...held, refusal };
  }
  try {
    return customised(compiled, market, context, held, required);
  } catch (error) {
    // The conditions hold all the same, so strength and confidence are told (R26).
    return { ...held, ...failed(error) };
  }
}

function confidence(compiled: CompiledStrategy, strength: number): number {
  return confidenceOf(strength, compiled.strategy.fitnessScore);
}

function unmet(compiled: CompiledStrategy, conditions: readonly ConditionResult[], met: Met): Refusal {
  const outcome: Outcome = met === undefined ? "INDICATOR_NOT_READY" : "CONDITIONS_NOT_MET";
  return refusal(outcome, () => explainConditions(compiled, conditions));
}

/** R16. */
function triggerGate(compiled: CompiledStrategy, reading: MarketReading, barClose: number): Refusal | undefined {
  if (compiled.strategy.trigger !== "EDGE") {
    return undefined;
  }
  switch (heldBefore(compiled, reading, barClose)) {
    case true:
      return { outcome: "NOT_TRIGGERED", because: "an EDGE strategy fires only when they begin to hold" };
    case undefined:
      return {
        outcome: "INDICATOR_NOT_READY",
        because: "whether the conditions held on the bar before cannot be known",
      };
    default:
      return undefined;
  }
}

/** Custom evaluators, then R22, then their veto: the order of R26. */
function customised(
  compiled: CompiledStrategy,
  market: JudgeMarket,
  context: JudgeContext,
  held: Required<Pick<Judgement, "conditions" | "confirmations" | "strength" | "confidence">>,
  required: number,
): Conditioned {
  if (context.evaluators.length === 0) {
    const refusal = confidenceGate(held.confidence, required);
    return { ...held, ...(refusal && { refusal }) };
  }
  const { strategy, symbol, barClose = 0 } = { strategy: compiled.strategy, ...market };
  const bar = market.reading.seriesAt(strategy.timeframe, barClose)?.bar(0);
  const verdict = applyEvaluators(context.evaluators, {
    strategy,
    symbol,
    side: strategy.side,
    strength: held.strength,
    barCloseTime: barClose,
    ...(bar && { bar }),
    indicators: observedIndicators(compiled, held.conditions, held.confirmations),
    ...(context.regime !== undefined && { regime: context.regime }),
    metadata: strategy.labels,
  });
  const after = { ...held, strength: verdict.strength, confidence: confidence(compiled, verdict.strength) };
  const refusal =
    confidenceGate(after.confidence, required) ??
    (verdict.veto === undefined ? undefined : { outcome: "VETOED" as const, because: verdict.veto });
  return { ...after, metadata: verdict.metadata, ...(refusal && { refusal }) };
}

/** R22. */
function confidenceGate(value: number, required: number): Refusal | undefined {
  if (value < required - CONFIDENCE_SLACK) {
    return refusal(
      "LOW_CONFIDENCE",
      () => `${formatNumber(value)}, needs ${formatNumber(required)} (${formatNumber(required - value)} away)`,
    );
  }
  return undefined;
}

/** One sentence for people: the outcome's words, and the numbers that decided it. */
export function explainRefusal(refusal: Refusal): string {
  return `${OUTCOME_WORDS[refusal.outcome]}: ${refusal.because}`;
}
