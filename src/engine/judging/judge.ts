import type { ConditionResult, Outcome } from "../../domain/decision.ts";
import { errorText } from "../../domain/errors.ts";
import type { SignalEvaluator } from "../../ports/signal-evaluator.ts";
import type { MarketReading } from "../market/reading.ts";
import type { CompiledStrategy } from "../strategies/compile.ts";
import { combine, heldBefore, judgeConditions, type Met } from "./conditions.ts";
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
  readonly refusal?: Refusal | undefined;
  /** In the strategy's order; empty where an earlier gate decided and no explanation was asked for. */
  readonly conditions: readonly ConditionResult[];
  readonly confirmations?: Confirmations | undefined;
  /** Both present exactly where the combined conditions are known to hold. */
  readonly strength?: number | undefined;
  readonly confidence?: number | undefined;
  readonly requiredConfidence: number;
  /** What custom evaluators added. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Present where judging threw. */
  readonly error?: unknown;
}

const NO_CONDITIONS: readonly ConditionResult[] = [];
const NO_METADATA: Readonly<Record<string, string>> = {};

/** A judgement on its way: a sweep makes them by the hundred thousand, and copies of copies would cost more than what is in them. */
class Verdict implements Judgement {
  readonly compiled: CompiledStrategy;
  readonly market: JudgeMarket;
  readonly requiredConfidence: number;
  refusal: Refusal | undefined = undefined;
  conditions = NO_CONDITIONS;
  confirmations: Confirmations | undefined = undefined;
  strength: number | undefined = undefined;
  confidence: number | undefined = undefined;
  metadata = NO_METADATA;
  error: unknown = undefined;

  constructor(compiled: CompiledStrategy, market: JudgeMarket, requiredConfidence: number) {
    this.compiled = compiled;
    this.market = market;
    this.requiredConfidence = requiredConfidence;
  }

  believe(strength: number): void {
    this.strength = strength;
    this.confidence = confidenceOf(strength, this.compiled.strategy.fitnessScore);
  }

  failed(error: unknown): void {
    this.error = error;
    this.refusal = { outcome: "FAILED", because: errorText(error) };
  }
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
  const verdict = new Verdict(compiled, market, required);
  try {
    verdict.refusal = policyGate(compiled, market.symbol, context.inForce, context.regime) ?? marketGate(market);
    if (verdict.refusal === undefined || explain) {
      judgeMarket(verdict, context);
    }
    return verdict;
  } catch (error) {
    const failure = new Verdict(compiled, market, required);
    failure.failed(error);
    return failure;
  }
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

/** An earlier gate's refusal stays what it is; the conditions are judged for those who ask. */
function judgeMarket(verdict: Verdict, context: JudgeContext): void {
  const { compiled, market } = verdict;
  const { barClose } = market;
  if (barClose === undefined) {
    return;
  }
  verdict.conditions = judgeConditions(compiled, market.reading, barClose);
  const met = combine(compiled.strategy.entryLogic, verdict.conditions);
  if (met !== true) {
    verdict.refusal ??= unmet(compiled, verdict.conditions, met);
    return;
  }
  const confirmations = readConfirmations(compiled, market.reading, barClose);
  verdict.confirmations = confirmations;
  verdict.believe(strengthOf(verdict.conditions, confirmations));
  verdict.refusal ??= triggerGate(compiled, market.reading, barClose);
  if (verdict.refusal !== undefined) {
    return;
  }
  try {
    verdict.refusal = customise(verdict, context);
  } catch (error) {
    // The conditions hold all the same, so strength and confidence are told (R26).
    verdict.failed(error);
  }
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
function customise(verdict: Verdict, context: JudgeContext): Refusal | undefined {
  const { compiled, market, requiredConfidence: required, strength = 0 } = verdict;
  if (context.evaluators.length === 0) {
    return confidenceGate(verdict.confidence ?? 0, required);
  }
  const { strategy } = compiled;
  const { symbol, barClose = 0 } = market;
  const bar = market.reading.seriesAt(strategy.timeframe, barClose)?.bar(0);
  const found = applyEvaluators(context.evaluators, {
    strategy,
    symbol,
    side: strategy.side,
    strength,
    barCloseTime: barClose,
    ...(bar && { bar }),
    indicators: observedIndicators(compiled, verdict.conditions, verdict.confirmations),
    ...(context.regime !== undefined && { regime: context.regime }),
    metadata: strategy.labels,
  });
  verdict.believe(found.strength);
  verdict.metadata = found.metadata;
  return (
    confidenceGate(verdict.confidence ?? 0, required) ??
    (found.veto === undefined ? undefined : { outcome: "VETOED", because: found.veto })
  );
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
