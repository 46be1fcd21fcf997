import { closeTime } from "../domain/bar.ts";
import type { Evaluation } from "../domain/decision.ts";
import { invalid, RuntimeError, type Violation } from "../domain/errors.ts";
import { isTimeframe, lastClose, type Timeframe } from "../domain/timeframe.ts";
import type { StrategyRepository } from "../ports/strategy-repository.ts";
import type { EvaluateQuery } from "./api.ts";
import type { Committer } from "./committer.ts";
import { type CompiledStrategy, compileStrategy } from "./compile.ts";
import { candidateOf } from "./decide.ts";
import { described, refused } from "./evaluation.ts";
import { inlineBarFaults, inlineReading, judgedBar } from "./inline-bars.ts";
import { type InlineValues, inlineValues } from "./inline-values.ts";
import { type JudgeContext, type Judgement, judge } from "./judge.ts";
import { expired } from "./live-reading.ts";
import type { MarketAccess } from "./market-access.ts";
import type { MarketReading } from "./reading.ts";
import { loadStored, type StrategyBook } from "./strategy-book.ts";
import { noSuchStrategy } from "./strategy-desk.ts";
import type { Wanted } from "./tracked-series.ts";
import { symbolFault, textFault } from "./validation/texts.ts";
import { type ValidationOptions, validateStrategy } from "./validation/validate-strategy.ts";
import { wantedOf } from "./wanted.ts";

export interface EvaluateOptions {
  readonly book: StrategyBook;
  readonly repository: StrategyRepository;
  readonly access: MarketAccess;
  readonly committer: Committer;
  readonly context: (regime: string | undefined) => JudgeContext;
  readonly validation: ValidationOptions;
  readonly dataSource: string;
  readonly maxPositionSizeUsd?: number;
  readonly failed: (strategyId: string, symbol: string, error: unknown) => void;
}

/** The market as the request wants it judged: R24, R47 to R50. */
interface Scene {
  readonly reading: MarketReading;
  readonly barClose?: number;
  readonly unavailable?: string;
  readonly price: number;
  readonly timestamp: number;
  /** Market time as of which the stateful gates are asked. */
  readonly judgedAt: number;
}

/** Judges one strategy on one symbol and explains the outcome; changes nothing. */
export async function evaluate(options: EvaluateOptions, query: EvaluateQuery): Promise<Evaluation> {
  const { compiled, values } = await checked(options, query);
  const scene = await sceneOf(options, query, compiled, values);
  const context = options.context(query.currentRegime);
  const market = {
    symbol: query.symbol,
    reading: scene.reading,
    ...(scene.barClose !== undefined && { barClose: scene.barClose }),
    ...(scene.unavailable !== undefined && { unavailable: scene.unavailable }),
  };
  return concluded(options, judge(compiled, market, context, true), scene, context);
}

/** The strategy and the values given; throws `invalid` with all that is wrong with the request. */
async function checked(
  options: EvaluateOptions,
  query: EvaluateQuery,
): Promise<{ readonly compiled: CompiledStrategy; readonly values: InlineValues }> {
  const faults = [...(query.faults ?? []), ...requestFaults(query)];
  const compiled = await subject(options, query, faults);
  // Of a strategy that is refused, the timeframe may still be known, and with it what is wrong with bars and values.
  const timeframe = compiled?.strategy.timeframe ?? draftTimeframe(query);
  const values = inlineValues(query.indicators, timeframe ?? "1h", faults);
  faults.push(...inlineBarFaults(query.bars, timeframe));
  if (compiled === undefined || faults.length > 0) {
    throw invalid(faults);
  }
  return { compiled, values };
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

/** The strategy to judge: the one in force, else the one stored, or the one given (version 0, R50). */
async function subject(
  { book, repository, validation }: EvaluateOptions,
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
  const inForce = book.get(strategyId);
  if (inForce !== undefined) {
    return inForce;
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

async function sceneOf(
  options: EvaluateOptions,
  query: EvaluateQuery,
  compiled: CompiledStrategy,
  values: InlineValues,
): Promise<Scene> {
  // Without values, readings are not asked for any.
  const given: Pick<MarketReading, "given"> =
    values.size > 0 ? { given: (timeframe, indicator) => values.get(timeframe, indicator) } : {};
  if (query.bars.length > 0) {
    return sceneOfBars(query, compiled, given);
  }
  const time = query.at ?? options.access.now();
  const barClose = lastClose(time, compiled.strategy.timeframe);
  const covered = values.size > 0 && values.covers(compiled);
  const wanted = neededSeries(compiled, values, query, covered);
  const reading = await options.access.reading(query.symbol, wanted, time);
  const missing = [...wanted.keys()].map((timeframe) => reading.fault(timeframe)).find((fault) => fault !== undefined);
  // A feed that did not bring the bars is not asked, and not waited for, once more.
  const price =
    missing === undefined
      ? await priceOf(options, query, barClose, compiled, reading)
      : ({ unavailable: missing } as const);
  // What is judged now may have been waited for (R7).
  const late =
    query.at === undefined ? expired(barClose, compiled.strategy.timeframe, options.access.now()) : undefined;
  const unavailable = "unavailable" in price ? price.unavailable : late;
  return {
    reading: { settled: true, seriesAt: covered ? () => undefined : reading.seriesAt, ...given },
    barClose,
    ...(unavailable !== undefined && { unavailable }),
    price: "price" in price ? price.price : Number.NaN,
    timestamp: query.at === undefined ? time : barClose,
    judgedAt: time,
  };
}

/** R47: the bars given and nothing else. */
function sceneOfBars(query: EvaluateQuery, compiled: CompiledStrategy, given: Pick<MarketReading, "given">): Scene {
  const { timeframe } = compiled.strategy;
  const index = judgedBar(query.bars, timeframe, query.at);
  const bar = query.bars[index];
  if (bar === undefined) {
    const unavailable = "none of the bars given had closed by the time asked for";
    const at = query.at ?? 0;
    return {
      reading: { seriesAt: () => undefined, ...given },
      unavailable,
      price: Number.NaN,
      timestamp: at,
      judgedAt: at,
    };
  }
  const barClose = closeTime(bar, timeframe);
  const reading = inlineReading(query.bars.slice(0, index + 1), timeframe, wantedOf(compiled));
  return {
    reading: { seriesAt: reading.seriesAt, ...given },
    barClose,
    price: query.price ?? bar.close,
    timestamp: barClose,
    judgedAt: query.at ?? barClose,
  };
}

/** What must be asked of the feed: the own timeframe and those of conditions without values; nothing where values cover them all (R48). */
function neededSeries(
  compiled: CompiledStrategy,
  values: InlineValues,
  query: EvaluateQuery,
  covered: boolean,
): ReadonlyMap<Timeframe, Wanted> {
  const own = compiled.strategy.timeframe;
  if (covered) {
    // Without a price, one as of a time is the close of the bar judged (R24).
    const needsClose = query.price === undefined && query.at !== undefined;
    return new Map(needsClose ? [[own, { indicators: [], requiredBars: 1 }]] : []);
  }
  const wanted = wantedOf(compiled);
  if (values.size === 0) {
    return wanted;
  }
  const read = new Set<Timeframe>([own]);
  for (const { timeframe, left, right } of compiled.conditions) {
    const isGiven =
      values.get(timeframe, left) !== undefined &&
      (typeof right === "number" || values.get(timeframe, right) !== undefined);
    if (!isGiven) {
      read.add(timeframe);
    }
  }
  return new Map([...wanted].filter(([timeframe]) => read.has(timeframe)));
}

async function priceOf(
  { access }: EvaluateOptions,
  query: EvaluateQuery,
  barClose: number,
  compiled: CompiledStrategy,
  reading: MarketReading,
): ReturnType<MarketAccess["price"]> {
  if (query.price !== undefined) {
    return { price: query.price };
  }
  if (query.at === undefined) {
    return access.price(query.symbol);
  }
  const bar = reading.seriesAt(compiled.strategy.timeframe, barClose)?.bar(0);
  return bar === undefined ? { unavailable: "there is no bar to take the price from" } : { price: bar.close };
}

/** The stateful gates, checked against the state of now and changing nothing (R33), and the whole as an Evaluation. */
function concluded(options: EvaluateOptions, judgement: Judgement, scene: Scene, context: JudgeContext): Evaluation {
  const { compiled, market } = judgement;
  if (judgement.error !== undefined) {
    options.failed(compiled.strategy.strategyId, market.symbol, judgement.error);
  }
  if (judgement.refusal !== undefined || context.inForce.policy === undefined) {
    return refused(judgement, judgement.refusal ?? { outcome: "POLICY_UNAVAILABLE", because: "there is no policy" });
  }
  const { dataSource, maxPositionSizeUsd, committer } = options;
  const candidate = candidateOf(judgement, {
    policy: context.inForce.policy,
    ...(context.regime !== undefined && { regime: context.regime }),
    dataSource,
    ...(maxPositionSizeUsd !== undefined && { maxPositionSizeUsd }),
    entryPrice: scene.price,
    timestamp: scene.timestamp,
    asOf: scene.judgedAt,
  });
  const { decisions, refused: stopped } = committer.rehearse([candidate]);
  const [stop] = stopped;
  if (stop !== undefined) {
    return refused(judgement, stop.refusal);
  }
  const [decision] = decisions;
  return described(judgement, "DECIDED", decision?.reasoning ?? "", decision);
}
