import type { Evaluation } from "../../../domain/decision.ts";
import { invalid, RuntimeError, type Violation } from "../../../domain/errors.ts";
import { isTimeframe, type Timeframe } from "../../../domain/timeframe.ts";
import type { StrategyRepository } from "../../../ports/strategy-repository.ts";
import type { EvaluateQuery } from "../../api.ts";
import type { LongWorks, WorkCaller } from "../../concurrency/long-work.ts";
import type { MarketAccess } from "../../market/market-access.ts";
import { type CompiledStrategy, compileStrategy } from "../../rules/conditions/compiled-strategy.ts";
import { Candidate } from "../../rules/judging/candidate.ts";
import { type JudgeContext, type Judgement, judge } from "../../rules/judging/judge.ts";
import { loadStored, type StrategyBook } from "../../strategies/strategy-book.ts";
import { noSuchStrategy } from "../../strategies/strategy-desk.ts";
import { symbolFault, textFault } from "../../validation/texts.ts";
import { type ValidationOptions, validateStrategy } from "../../validation/validate-strategy.ts";
import type { Decider } from "../deciding/decider.ts";
import { type EvaluateMarket, feedMarket, inlineMarket } from "./evaluate-market.ts";
import { described, refused } from "./evaluation.ts";
import { inlineBarFaults } from "./inline-bars.ts";
import { type InlineValues, inlineValues } from "./inline-values.ts";

export interface EvaluateOptions {
  readonly book: StrategyBook;
  readonly repository: StrategyRepository;
  readonly access: MarketAccess;
  readonly decider: Pick<Decider, "rehearse">;
  readonly context: (regime: string | undefined) => Promise<JudgeContext>;
  readonly validation: ValidationOptions;
  readonly dataSource: string;
  readonly maxPositionSizeUsd?: number;
  /** Among which what is asked is computed. */
  readonly longWorks: LongWorks;
  readonly failed: (strategyId: string, symbol: string, error: unknown) => void;
}

/** Judges one strategy on one symbol and explains the outcome; changes nothing. */
export async function evaluate(
  options: EvaluateOptions,
  query: EvaluateQuery,
  caller?: WorkCaller,
): Promise<Evaluation> {
  const faults = [...(query.faults ?? []), ...requestFaults(query)];
  const compiled = inForce(options, query) ?? (await subject(options, query, faults));
  const values = valuesOf(query, compiled, faults);
  if (compiled === undefined || faults.length > 0) {
    throw invalid(faults);
  }
  const asked =
    query.bars.length > 0
      ? await inlineMarket(query, compiled, values, options.longWorks.work(caller))
      : await feedMarket(options.access, query, compiled, values, caller);
  const context = await options.context(query.currentRegime);
  return concluded(options, judge(compiled, asked.market, context, true), asked, context);
}

/** The values given; what is wrong with them and with the bars goes to `faults`. */
function valuesOf(query: EvaluateQuery, compiled: CompiledStrategy | undefined, faults: Violation[]): InlineValues {
  // Of a strategy that is refused, the timeframe may still be known, and with it what is wrong with
  // bars and values.
  const timeframe = compiled?.strategy.timeframe ?? draftTimeframe(query);
  const values = inlineValues(query.indicators, timeframe ?? "1h", faults);
  faults.push(...inlineBarFaults(query.bars, timeframe));
  return values;
}

function draftTimeframe({ strategy }: EvaluateQuery): Timeframe | undefined {
  const text = "config" in strategy ? strategy.config.timeframe || "1h" : "";
  return isTimeframe(text) ? text : undefined;
}

function requestFaults(query: EvaluateQuery): Violation[] {
  const faults: Violation[] = [];
  const symbol = symbolFault(query.symbol);
  if (symbol !== undefined) {
    faults.push({ field: "symbol", description: symbol });
  }
  const regime = query.currentRegime === undefined ? undefined : textFault(query.currentRegime, { least: 1, most: 64 });
  if (regime !== undefined) {
    faults.push({ field: "current_regime", description: `${regime}; leave it out for the policy's` });
  }
  if (query.price !== undefined && !(Number.isFinite(query.price) && query.price > 0)) {
    faults.push({ field: "price", description: `is ${query.price}, must be finite and above 0` });
  }
  return faults;
}

function inForce({ book }: EvaluateOptions, { strategy }: EvaluateQuery): CompiledStrategy | undefined {
  return "strategyId" in strategy ? book.get(strategy.strategyId) : undefined;
}

/**
 * The strategy to judge where it is not in force: the one stored, or the one given (version 0,
 * R50).
 */
async function subject(
  { repository, validation }: EvaluateOptions,
  { strategy: asked }: EvaluateQuery,
  faults: Violation[],
): Promise<CompiledStrategy | undefined> {
  if ("config" in asked) {
    const validated = validateStrategy(asked.config, { ...validation, inline: true });
    if ("violations" in validated) {
      faults.push(...validated.violations.map((v) => ({ ...v, field: `config.${v.field}` })));
      return undefined;
    }
    return compileStrategy({ ...validated.config, version: 0, createdAt: 0, updatedAt: 0 });
  }
  const { strategyId } = asked;
  if (faults.some(({ field }) => field === "strategy" || field === "strategy_id")) {
    return undefined;
  }
  const stored = (await repository.get([strategyId])).get(strategyId);
  if (stored === undefined) {
    throw noSuchStrategy([strategyId]);
  }
  const loaded = loadStored(stored, validation);
  if ("rejected" in loaded) {
    const why = `strategy ${JSON.stringify(strategyId)} is stored but not valid: ${loaded.rejected.explanation}`;
    throw new RuntimeError("failed_precondition", `${why}; save it anew`);
  }
  return loaded.compiled;
}

/**
 * The stateful gates, checked against the state of now and changing nothing (R33), and the whole as
 * an Evaluation.
 */
async function concluded(
  options: EvaluateOptions,
  judgement: Judgement,
  asked: EvaluateMarket,
  context: JudgeContext,
): Promise<Evaluation> {
  const { compiled, market } = judgement;
  if (judgement.error !== undefined) {
    options.failed(compiled.strategy.strategyId, market.symbol, judgement.error);
  }
  if (judgement.refusal !== undefined || context.inForce.policy === undefined) {
    return refused(judgement, judgement.refusal ?? { outcome: "POLICY_UNAVAILABLE", because: "there is no policy" });
  }
  const { dataSource, maxPositionSizeUsd, decider } = options;
  const { policy } = context.inForce;
  const moment = { entryPrice: asked.price, timestamp: asked.timestamp, asOf: asked.judgedAt };
  const candidate = new Candidate(
    judgement,
    { policy, regime: context.regime, dataSource, maxPositionSizeUsd },
    moment,
  );
  const { decisions, refused: stopped } = await decider.rehearse([candidate]);
  const [stop] = stopped;
  if (stop !== undefined) {
    return refused(judgement, stop.refusal);
  }
  const [decision] = decisions;
  return described(judgement, "DECIDED", decision?.reasoning ?? "", decision);
}
