import type { Decision, Suppression } from "../../../domain/decision.ts";
import { invalid } from "../../../domain/errors.ts";
import { lastClose } from "../../../domain/timeframe.ts";
import type { DecisionJournal } from "../../../ports/decision-journal.ts";
import type { StrategyRepository } from "../../../ports/strategy-repository.ts";
import type { OneShotQuery, SignalBatch, SymbolFailure } from "../../api.ts";
import { Pace } from "../../concurrency/pace.ts";
import type { MarketAccess } from "../../market/market-access.ts";
import { type RequiredSeries, requiredBy } from "../../rules/conditions/required-series.ts";
import { refusedByPolicy } from "../../rules/gates/gates.ts";
import type { Refusal } from "../../rules/gates/refusal.ts";
import type { JudgeContext } from "../../rules/judging/judge.ts";
import { type Cohort, cohortsOf } from "../../strategies/cohorts.ts";
import { type Part, partsOf } from "../../strategies/short-history.ts";
import type { StrategyBook } from "../../strategies/strategy-book.ts";
import { noSuchStrategy } from "../../strategies/strategy-desk.ts";
import { decisionMessages, failureMessages, suppressionMessages } from "../../streams/messages.ts";
import { divided } from "../../streams/withheld.ts";
import type { SweepUnit } from "../sweeps/judging-pass.ts";
import { type SweepDependencies, SweepRun } from "../sweeps/sweep-run.ts";
import { type CallMarket, covers, gatherMarket, type SymbolMarket, unavailableFor } from "./call-market.ts";

const MOST_SUPPRESSIONS = 100_000;
/** How often the market is asked again where strategies were saved while it was being asked. */
const ATTEMPTS = 3;
const EMITTED_PAGE = 1_000;

export interface OneShotOptions {
  readonly book: StrategyBook;
  readonly repository: StrategyRepository;
  readonly journal: DecisionJournal;
  readonly access: MarketAccess;
  readonly context: (regime: string | undefined) => Promise<JudgeContext>;
  readonly dependencies: SweepDependencies;
  /** What stands for open positions (R87); absent: nothing. */
  readonly exits?: {
    standing(symbols: readonly string[], strategyIds: readonly string[]): readonly Decision[];
  };
}

/** One sweep over the loaded strategies and the symbols of the call (R27, R36, R39). */
export async function* oneShot(
  options: OneShotOptions,
  query: OneShotQuery,
  signal: AbortSignal,
): AsyncGenerator<SignalBatch> {
  const { tracer } = options.dependencies;
  const suppressions: Suppression[] = [];
  const run = new SweepRun(
    options.dependencies,
    query.includeSuppressions ? (suppression) => suppressions.push(suppression) : undefined,
  );
  let found = await prepared(options, query);
  signal.throwIfAborted();
  let isFirst = true;
  const ask = async () => {
    if (!isFirst) {
      found = await prepared(options, query);
      signal.throwIfAborted();
    }
    isFirst = false;
    const context = await options.context(query.currentRegime);
    return { units: unitsOf(found.cohorts, found.markets, found.now), context };
  };
  const counts = { cause: "call", strategies: found.strategies, symbols: query.symbols.length };
  const decisions = await tracer.span("sweep", { attributes: counts }, (span) => run.decide(ask, query.dryRun, span));
  const { strategies, cohorts, absent, now, markets } = found;
  countAbsent(run, absent, query.symbols, await options.context(query.currentRegime));
  // Asked for last, so that what others decided meanwhile, and this call therefore did not, is
  // there too.
  const emitted = query.includeEmitted ? await stillValid(options, query, decisions) : [];
  const summary = run.summary(strategies + absent.length, query.symbols.length, newestClose(cohorts, now));
  options.dependencies.observer.observe({ kind: "sweep", cause: "call", summary });
  const standing = query.includeExits === true ? (options.exits?.standing(query.symbols, query.strategyIds) ?? []) : [];
  const { sent, withheld } = divided(inJournalOrder([...standing, ...emitted], decisions), query);
  const batches = batchesOf(sent, suppressions, failuresOf(cohorts, markets, now));
  const last = batches.pop() ?? EMPTY;
  yield* batches;
  yield { ...last, summary, ...(withheld > 0 && { withheldDecisions: withheld }) };
}

const EMPTY: SignalBatch = { decisions: [], suppressions: [], failures: [], resumeToken: "" };

/**
 * What to judge, and the market for it. The market may keep the call waiting (R7): what is in force
 * after that counts, so that no strategy is judged that was switched off or replaced meanwhile.
 * Where more is read then than before, the market is asked again.
 */
async function prepared(options: OneShotOptions, query: OneShotQuery): Promise<Selected & CallMarket> {
  const { book } = options;
  let inForce = book.cohorts;
  let found = await refreshed(options, query);
  for (let attempt = 1; ; attempt++) {
    const market = await asked(options, query, found.required);
    if (book.cohorts === inForce) {
      return { ...found, ...market };
    }
    const { required } = found;
    inForce = book.cohorts;
    found = await refreshed(options, query);
    if (attempt === ATTEMPTS || covers(required, found.required)) {
      return { ...found, ...market };
    }
  }
}

async function refreshed(options: OneShotOptions, query: OneShotQuery): Promise<Selected> {
  return await options.dependencies.tracer.span("refresh", {}, async (span) => {
    const found = await selected(options, query);
    span.set({ strategies: found.strategies, not_loaded: found.absent.length });
    refuseTooManySuppressions(query, found.strategies + found.absent.length);
    return found;
  });
}

async function asked(
  { access, dependencies }: OneShotOptions,
  { symbols }: OneShotQuery,
  required: RequiredSeries,
): Promise<CallMarket> {
  return await dependencies.tracer.span("market_data", {}, async (span) => {
    const found = await gatherMarket(access, symbols, required, new Pace(dependencies.clock));
    span.set({ symbols: symbols.length, priced: found.markets.filter(({ price }) => "price" in price).length });
    return found;
  });
}

interface Selected {
  /** How many are loaded. */
  readonly strategies: number;
  readonly cohorts: readonly Cohort[];
  readonly required: RequiredSeries;
  /** Named, stored, and not loaded: NOT_ACTIVE (R27). */
  readonly absent: readonly string[];
}

async function selected({ book, repository }: OneShotOptions, query: OneShotQuery): Promise<Selected> {
  if (query.strategyIds.length === 0) {
    // The book's own cohorts are kept from call to call, and with them what sweeping them fast
    // takes.
    const all = [...book.cohorts.values()].flat();
    return query.includeShadow
      ? { cohorts: all, strategies: book.size, required: book.required, absent: [] }
      : {
          cohorts: all.filter(({ status }) => status === "LIVE"),
          strategies: book.count("LIVE"),
          required: book.requiredByLive,
          absent: [],
        };
  }
  const ids = [...new Set(query.strategyIds)];
  const loaded = ids.flatMap((id) => book.get(id) ?? []);
  const notLoaded = ids.filter((id) => book.get(id) === undefined);
  const stored = notLoaded.length === 0 ? new Map() : await repository.get(notLoaded);
  const unknown = notLoaded.filter((id) => !stored.has(id));
  if (unknown.length > 0) {
    throw noSuchStrategy(unknown);
  }
  const asked = loaded.filter(({ strategy }) => strategy.status === "LIVE" || query.includeShadow);
  return {
    strategies: asked.length,
    cohorts: [...cohortsOf(asked).values()].flat(),
    required: requiredBy(asked),
    absent: notLoaded,
  };
}

function refuseTooManySuppressions(query: OneShotQuery, strategies: number): void {
  const pairs = strategies * query.symbols.length;
  if (query.includeSuppressions && pairs > MOST_SUPPRESSIONS) {
    const description = `${strategies} strategies times ${query.symbols.length} symbols is ${pairs}, more than ${MOST_SUPPRESSIONS}; name fewer`;
    throw invalid([{ field: "include_suppressions", description }]);
  }
}

function countAbsent(
  run: SweepRun,
  absent: readonly string[],
  symbols: readonly string[],
  context: JudgeContext,
): void {
  const because = "it is stored, and neither LIVE nor SHADOW, or not valid";
  const refusal: Refusal = refusedByPolicy(context) ?? { outcome: "NOT_ACTIVE", because };
  for (const strategyId of absent) {
    for (const symbol of symbols) {
      run.count(strategyId, symbol, refusal);
    }
  }
}

/**
 * Decisions for these symbols, not made by this call, that may still be acted on. Those of a future
 * that a replay has yet to come to may not.
 */
async function stillValid(
  { journal, access }: OneShotOptions,
  { symbols, strategyIds, includeShadow }: OneShotQuery,
  own: readonly Decision[],
): Promise<readonly Decision[]> {
  const now = access.now();
  const ownIds = new Set(own.map(({ decisionId }) => decisionId));
  const valid: Decision[] = [];
  for (let after = 0; ; ) {
    const page = await journal.read({
      after,
      symbols,
      ...(strategyIds.length > 0 && { strategyIds }),
      includeShadow,
      validAt: now,
      limit: EMITTED_PAGE,
    });
    valid.push(...page.filter(({ decisionId }) => !ownIds.has(decisionId)));
    const last = page.at(-1);
    if (last === undefined || page.length < EMITTED_PAGE) {
      return valid;
    }
    after = last.sequence;
  }
}

/** Those of a dry run have no place in the journal; they come last. */
function inJournalOrder(emitted: readonly Decision[], own: readonly Decision[]): readonly Decision[] {
  const place = ({ sequence }: Decision) => sequence || Number.POSITIVE_INFINITY;
  return [...emitted, ...own].sort((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0));
}

function unitsOf(cohorts: readonly Cohort[], markets: readonly SymbolMarket[], now: number): SweepUnit[] {
  return cohorts.flatMap((cohort) =>
    markets.flatMap((market) =>
      partsOf(cohort.set, cohort.reads, (timeframe) => market.reading.short(timeframe)).map((part) =>
        unitOf(cohort, market, now, part),
      ),
    ),
  );
}

function unitOf(cohort: Cohort, market: SymbolMarket, now: number, { set, waitsFor }: Part): SweepUnit {
  const barClose = lastClose(now, cohort.timeframe);
  return {
    set,
    symbol: market.symbol,
    timestamp: now,
    entryPrice: () => ("price" in market.price ? market.price.price : Number.NaN),
    market: () => {
      const unavailable = unavailableFor(cohort, market, now) ?? waitsFor;
      const base = { symbol: market.symbol, reading: market.reading, barClose };
      return unavailable === undefined ? base : { ...base, unavailable };
    },
  };
}

/** Symbols on which no strategy at all could be judged. */
function failuresOf(cohorts: readonly Cohort[], markets: readonly SymbolMarket[], now: number): SymbolFailure[] {
  return markets.flatMap((market) => {
    const faults = cohorts.map((cohort) => unavailableFor(cohort, market, now));
    const priceFault = "unavailable" in market.price ? market.price.unavailable : undefined;
    const explanation = cohorts.length === 0 ? priceFault : faults[0];
    const failed = explanation !== undefined && faults.every((fault) => fault !== undefined);
    return failed ? [{ symbol: market.symbol, outcome: "MARKET_DATA_UNAVAILABLE" as const, explanation }] : [];
  });
}

function newestClose(cohorts: readonly Cohort[], now: number): number | undefined {
  return cohorts.length === 0 ? undefined : Math.max(...cohorts.map((cohort) => lastClose(now, cohort.timeframe)));
}

/** Each message holds one kind of things, so that no two of them together are too large. */
function batchesOf(
  decisions: readonly Decision[],
  suppressions: readonly Suppression[],
  failures: readonly SymbolFailure[],
): SignalBatch[] {
  return [
    ...decisionMessages(decisions).map((some) => ({ ...EMPTY, decisions: some })),
    ...suppressionMessages(suppressions).map((some) => ({ ...EMPTY, suppressions: some })),
    ...failureMessages(failures).map((some) => ({ ...EMPTY, failures: some })),
  ];
}
