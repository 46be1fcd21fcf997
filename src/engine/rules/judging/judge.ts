import type { ConditionResult } from "../../../domain/decision.ts";
import { errorText } from "../../../domain/errors.ts";
import type { SignalEvaluator } from "../../../ports/signal-evaluator.ts";
import type { CompiledStrategy } from "../conditions/compiled-strategy.ts";
import { type ReadLevels, readLevels } from "../conditions/computed-levels.ts";
import { OUTCOME_WORDS } from "../conditions/explanation.ts";
import { heldBefore, holdingParts, judgeRule } from "../conditions/judged-rule.ts";
import type { MarketReading } from "../conditions/market-reading.ts";
import { type FormulaValues, observedIndicators, observeFormulas } from "../conditions/observed-indicators.ts";
import { type Confirmations, confidenceOf, readConfirmations, strengthOf } from "../conditions/strength.ts";
import type { Judged, MarketState, PolicyContext, Stage } from "../gates/gate.ts";
import { refusedAt, refusedAtOpening } from "../gates/gates.ts";
import type { Refusal } from "../gates/refusal.ts";
import { applyEvaluators } from "./custom-evaluators.ts";

/** What all evaluations of a sweep share. */
export interface JudgeContext extends PolicyContext {
  readonly evaluators: readonly SignalEvaluator[];
}

/**
 * The market as one strategy sees it on one symbol. It is unavailable where bars or price are
 * missing, or where the decision would be born expired (R7).
 */
export interface JudgeMarket extends MarketState {
  readonly symbol: string;
  readonly reading: MarketReading;
}

/** One strategy judged on one symbol, up to the gates that need state. */
export interface Judgement {
  readonly compiled: CompiledStrategy;
  readonly market: JudgeMarket;
  /** Why there is no decision; absent where the stateful gates come next. */
  readonly refusal?: Refusal | undefined;
  /**
   * In the strategy's order; empty where an earlier gate decided and no explanation was asked for.
   */
  readonly conditions: readonly ConditionResult[];
  /** Tags of the parts of the entry rule that hold (R59); empty where the rule does not. */
  readonly tags: readonly string[];
  readonly confirmations?: Confirmations | undefined;
  /** What the expressions of the conditions read. */
  readonly formulas?: FormulaValues | undefined;
  /** Both present exactly where the combined conditions are known to hold. */
  readonly strength?: number | undefined;
  readonly confidence?: number | undefined;
  readonly requiredConfidence: number;
  /** Computed stop and target (R80), where the gates of state come next. */
  readonly levels?: ReadLevels | undefined;
  /** What custom evaluators added. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What was too much of it, where anything was. */
  readonly metadataCut: string | undefined;
  /** Present where judging threw. */
  readonly error?: unknown;
}

const NO_CONDITIONS: readonly ConditionResult[] = [];
const NO_TAGS: readonly string[] = [];
const NO_METADATA: Readonly<Record<string, string>> = {};

/**
 * A judgement on its way: a sweep makes them by the hundred thousand, and copies of copies would
 * cost more than what is in them.
 */
class Verdict implements Judgement, Judged {
  readonly compiled: CompiledStrategy;
  readonly market: JudgeMarket;
  readonly requiredConfidence: number;
  refusal: Refusal | undefined = undefined;
  met: boolean | undefined = undefined;
  heldBefore: boolean | undefined = false;
  veto: string | undefined = undefined;
  conditions = NO_CONDITIONS;
  tags = NO_TAGS;
  confirmations: Confirmations | undefined = undefined;
  formulas: FormulaValues | undefined = undefined;
  strength: number | undefined = undefined;
  confidence: number | undefined = undefined;
  levels: ReadLevels | undefined = undefined;
  metadata = NO_METADATA;
  metadataCut: string | undefined = undefined;
  error: unknown = undefined;

  constructor(compiled: CompiledStrategy, market: JudgeMarket, requiredConfidence: number) {
    this.compiled = compiled;
    this.market = market;
    this.requiredConfidence = requiredConfidence;
  }

  get required(): number {
    return this.requiredConfidence;
  }

  /** Asks the gates of a stage, unless one before them has refused. */
  ask(stage: Stage): void {
    this.refusal ??= refusedAt(stage, this);
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
 * Judges one strategy on one symbol: R12 to R22 and R26 up to VETOED. The one implementation, for
 * Evaluate, calls, bar closes and replay.
 *
 * `explain` judges the conditions even where an earlier gate decided; without it, work stops at the
 * first gate that applies. Never throws: what throws is FAILED.
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
    verdict.refusal = refusedAtOpening(compiled, market, context);
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

/** An earlier gate's refusal stays what it is; the conditions are judged for those who ask. */
function judgeMarket(verdict: Verdict, context: JudgeContext): void {
  const { compiled, market } = verdict;
  const { barClose } = market;
  if (barClose === undefined) {
    return;
  }
  const judged = judgeRule(compiled.entry, market.reading, barClose);
  verdict.conditions = judged.conditions;
  verdict.met = judged.met;
  verdict.formulas = observeFormulas(compiled, market.reading, barClose);
  if (verdict.met !== true) {
    verdict.ask("conditions");
    return;
  }
  const holding = holdingParts(compiled.entry, verdict.conditions);
  verdict.tags = holding.tags;
  verdict.confirmations = readConfirmations(compiled, market.reading, barClose);
  verdict.believe(strengthOf(holding.conditions, verdict.confirmations));
  if (compiled.strategy.trigger === "EDGE" && verdict.refusal === undefined) {
    verdict.heldBefore = heldBefore(compiled.entry, compiled.timeframeMs, market.reading, barClose);
  }
  verdict.ask("trigger");
  if (verdict.refusal !== undefined) {
    return;
  }
  try {
    customise(verdict, context);
    verdict.ask("confidence");
    verdict.levels = compiled.levels && readLevels(compiled.levels, market.reading, barClose);
  } catch (error) {
    // The conditions hold all the same, so strength and confidence are told (R26).
    verdict.failed(error);
  }
}

/** Custom evaluators: what they make of the signal, and their veto. */
function customise(verdict: Verdict, context: JudgeContext): void {
  const { compiled, market, strength = 0 } = verdict;
  if (context.evaluators.length === 0) {
    return;
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
    indicators: observedIndicators(compiled, verdict),
    ...(context.regime !== undefined && { regime: context.regime }),
    metadata: strategy.labels,
  });
  verdict.believe(found.strength);
  verdict.metadata = found.metadata;
  verdict.metadataCut = found.cut;
  verdict.veto = found.veto;
}

/** One sentence for people: the outcome's words, and the numbers that decided it. */
export function explainRefusal(refusal: Refusal): string {
  return `${OUTCOME_WORDS[refusal.outcome]}: ${refusal.because}`;
}
