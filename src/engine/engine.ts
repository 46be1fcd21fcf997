import type { RuntimeError } from "../domain/errors.ts";
import { guarded } from "../domain/guarded.ts";
import type { Place } from "../domain/place.ts";
import type { PolicyChange } from "../domain/policy.ts";
import type { Clock } from "../ports/clock.ts";
import type { DecisionJournal } from "../ports/decision-journal.ts";
import { type EngineState, type OnReading, type StateReader, stateOf } from "../ports/engine-state.ts";
import { type Lease, NO_LEASE } from "../ports/lease.ts";
import type { MarketData } from "../ports/market-data.ts";
import { type Observer, thrownIn } from "../ports/observer.ts";
import type { PolicyStore } from "../ports/policy-store.ts";
import type { PositionBook } from "../ports/position-book.ts";
import type { SignalEvaluator } from "../ports/signal-evaluator.ts";
import type { StrategyRepository } from "../ports/strategy-repository.ts";
import { NO_TRACER, type Tracer } from "../ports/tracer.ts";
import { performanceDesk } from "./accounts/performance-desk.ts";
import type { Engine, RefreshReport } from "./api.ts";
import { Pace } from "./concurrency/pace.ts";
import { MarketAccess } from "./market/market-access.ts";
import { MarketView } from "./market/market-view.ts";
import { Universe } from "./market/universe.ts";
import { PolicyKeeper } from "./policy/policy-keeper.ts";
import { settledChanges } from "./policy/settled-changes.ts";
import type { JudgeContext } from "./rules/judging/judge.ts";
import { BarCloseSweeps } from "./runtime/bar-closes/bar-close-sweeps.ts";
import { JudgedNote } from "./runtime/bar-closes/judged-note.ts";
import { Committer, earliestEnd } from "./runtime/deciding/committer.ts";
import { restoredMemory, windowAt } from "./runtime/deciding/restore.ts";
import { Retention } from "./runtime/deciding/retention.ts";
import { settledEpoch } from "./runtime/deciding/settled-epoch.ts";
import { stillInForce } from "./runtime/deciding/still-in-force.ts";
import type { Published } from "./runtime/follow/batches.ts";
import { publisher } from "./runtime/follow/publisher.ts";
import { runtimeDesk } from "./runtime-desk.ts";
import { LastExecutions } from "./strategies/last-executions.ts";
import { StrategyBook } from "./strategies/strategy-book.ts";
import { strategyDesk } from "./strategies/strategy-desk.ts";
import { StrategyLoader } from "./strategies/strategy-loader.ts";
import { Broadcast } from "./streams/broadcast.ts";
import { CatchUpTurns } from "./streams/catch-up-turns.ts";
import { closingAt, decisionAt } from "./streams/resume-token.ts";

export interface EngineStores {
  readonly strategies: StrategyRepository;
  readonly policy: PolicyStore;
  readonly journal: DecisionJournal;
  readonly positions: PositionBook;
  /** Reads what the others hold as of one moment; absent: nobody else writes them. */
  readonly state?: StateReader;
  /** Absent: no other process can write them. */
  readonly lease?: Lease;
}

export interface EngineOptions {
  readonly stores: EngineStores;
  readonly market: MarketData;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer;
  readonly evaluators: readonly SignalEvaluator[];
  readonly symbols: readonly string[];
  readonly refreshIntervalMs: number;
  readonly policyMaxAgeMs: number;
  readonly barGraceMs: number;
  readonly barWaitMs: number;
  readonly priceMaxAgeMs: number;
  readonly journalRetentionMs: number;
  readonly streamQueue: number;
  /** Symbols beyond `symbols` that streams may have judged, all together. */
  readonly maxExtraSymbols: number;
  readonly maxPositionSizeUsd?: number;
  /** Judges every pair by itself, as where somebody asks for suppressions; for tests, and some 40 times slower. */
  readonly pairByPair?: boolean;
  /** Told how far the start has come with reading what was decided. */
  readonly onReading?: OnReading;
  /** The stores are not what the engine remembers of them: it decides nothing more, and another must be started. */
  readonly onOutdated?: (error: RuntimeError) => void;
  /** In force from the start, though the policy store does not have them: what the engine before this one answered at its end. */
  readonly unwritten?: readonly PolicyChange[];
}

/** Pages that all streams and lists together read from the stores at a time: more would take the stores from others and be no faster. */
const CATCH_UPS_AT_ONCE = 3;

export interface RunningEngine extends Engine {
  /**
   * Ends sweeps and streams; the stores stay open. Answers with the policy changes that are in force here and
   * that the policy store does not have. Idempotent.
   */
  close(): Promise<readonly PolicyChange[]>;
}

/**
 * Puts the engine together over ports that are ready, restores its state from them (R33), and starts it.
 * Fails where the journal or the position book cannot be read: without them, gates would let pass what they must not.
 */
export async function startEngine(options: EngineOptions): Promise<RunningEngine> {
  const { stores, market, clock, observer, tracer = NO_TRACER } = options;
  const validation = options.maxPositionSizeUsd === undefined ? {} : { maxPositionSizeUsd: options.maxPositionSizeUsd };
  const { lease = NO_LEASE } = stores;
  const epoch = await lease.settled();
  const window = windowAt(market.now());
  const { onReading } = options;
  const state = await (stores.state?.read(window, onReading) ??
    stateOf(stores.journal, stores.positions, window, onReading));
  const ends = await endsOf(state, stores);
  const identity = await stores.journal.identity();
  const memory = await restoredMemory(state, window, new Pace(clock));
  const book = new StrategyBook(validation);
  const published = new Broadcast<Published>(thrownIn(observer, "stream"));
  const lastExecutions = new LastExecutions(stores.strategies, clock, observer);
  const publish = publisher({
    market,
    observer,
    published,
    note: (decisions) => lastExecutions.note(decisions),
    last: () => committer.last,
    watermark: () => sweeps.watermark,
  });
  const catchUps = new CatchUpTurns(CATCH_UPS_AT_ONCE);
  const policy = new PolicyKeeper(stores.policy, clock, observer, options.policyMaxAgeMs, options.unwritten);
  const committer = new Committer({
    journal: stores.journal,
    memory,
    positions: stores.positions,
    publish,
    tracer,
    inForce: (atLeast = 0) => stillInForce(book, policy.inForce(), Math.max(market.now(), atLeast)),
    // Where market time is the wall's, a write may come too late; elsewhere it waits for the write.
    ...(!market.completes && { withinMs: (decisions) => earliestEnd(decisions) - market.now() }),
    settled: settledEpoch(lease, epoch, () => performance.settled()),
    ...(options.onOutdated && { onUsurped: options.onOutdated }),
  });
  const performance = performanceDesk({
    positions: stores.positions,
    journal: stores.journal,
    repository: stores.strategies,
    memory,
    clock,
    onThrown: thrownIn(observer, "stream"),
    queueLimit: options.streamQueue,
    identity,
    lastClosing: ends.closings,
    catchUps,
  });
  committer.start(ends.decisions);
  const context = async (regime?: string): Promise<JudgeContext> => {
    const inForce = await policy.current();
    const current = regime ?? inForce.policy?.currentRegime;
    return { inForce, evaluators: options.evaluators, ...(current !== undefined && { regime: current }) };
  };
  const view = new MarketView(options, {
    onBar: (symbol) => sweeps.onBar(symbol),
    onComplete: (time) => sweeps.onComplete(time),
  });
  const universe = new Universe(options.symbols, options.maxExtraSymbols, () =>
    guarded(() => view.track(universe.symbols, book.required), thrownIn(observer, "feed")),
  );
  const { pairByPair = false } = options;
  const dependencies = { clock, observer, tracer, committer, dataSource: market.source, pairByPair, ...validation };
  const sweeps: BarCloseSweeps = new BarCloseSweeps({
    market: view,
    marketNow: () => market.now(),
    completes: market.completes ?? false,
    book,
    universe: () => universe.symbols,
    context,
    dependencies,
    clock,
    observer,
    ...(!market.startsAnew && { judged: new JudgedNote({ journal: stores.journal, clock, observer }) }),
    barWaitMs: options.barWaitMs,
    barGraceMs: options.barGraceMs,
    onSwept: (summary, watermark, traceparent) =>
      published.send({ decisions: [], summary, watermark, position: committer.last, traceparent }),
  });
  const loader = new StrategyLoader({
    repository: stores.strategies,
    book,
    clock,
    observer,
    intervalMs: options.refreshIntervalMs,
    onRequired: (required) => view.track(universe.symbols, required),
  });
  const access = new MarketAccess({ ...options, view });
  const refresh = async (): Promise<RefreshReport> => {
    const [, snapshot] = await Promise.all([loader.refresh(), policy.read()]);
    const loaded = snapshot.allowedStrategies.filter((strategyId) => book.get(strategyId) !== undefined).length;
    const notAllowed = snapshot.allowedStrategies.length === 0 ? 0 : book.size - loaded;
    return {
      liveStrategies: book.count("LIVE"),
      shadowStrategies: book.count("SHADOW"),
      notAllowedStrategies: notAllowed,
      rejectedStrategies: book.rejected,
      policy: snapshot,
      refreshedAt: loader.refreshedAt ?? clock.now(),
    };
  };
  const retention = new Retention({
    journal: stores.journal,
    memory,
    market,
    clock,
    observer,
    ageMs: options.journalRetentionMs,
  });
  // Nothing may fail from here on: a start that did would leave an engine running that nobody can close.
  await Promise.all([loader.start(), policy.start()]);
  view.start();
  sweeps.start(market.startsAnew ? undefined : state.judgedUntil);
  retention.start();
  return {
    runtime: runtimeDesk({
      ...options,
      repository: stores.strategies,
      journal: stores.journal,
      dataSource: market.source,
      validation,
      startedAt: clock.now(),
      identity,
      catchUps,
      book,
      access,
      committer,
      context,
      dependencies,
      published,
      sweeps,
      universe,
      view,
      policy,
      loader,
      refresh,
    }),
    strategies: strategyDesk({
      repository: stores.strategies,
      validation,
      clock,
      followed: () => universe.symbols,
      inTurn: loader.inTurn.bind(loader),
    }),
    policy: {
      get: () => policy.read(),
      change: settledChanges({
        clock,
        give: (order) => policy.change(order),
        written: () => committer.commit([]),
      }),
    },
    performance,
    async close() {
      retention.stop();
      await loader.stop();
      const unwritten = await policy.stop();
      await view.stop();
      // Whatever was written behind this would be unknown to an engine that comes next. Sweeps end
      // first: no close counts as judged whose decisions are refused.
      await Promise.all([sweeps.stop(), performance.stop(), committer.stop()]);
      await lastExecutions.stop();
      return unwritten;
    },
  };
}

/** The ends of the two logs that callers resume. */
async function endsOf(
  { lastSequence, lastCloseSequence }: EngineState,
  { journal, positions }: EngineStores,
): Promise<{ readonly decisions: Place; readonly closings: Place }> {
  const decisions = await decisionAt(journal, lastSequence);
  const closings = await closingAt(positions, lastCloseSequence);
  return {
    decisions: decisions ?? { sequence: lastSequence, mark: "" },
    closings: closings ?? { sequence: lastCloseSequence, mark: "" },
  };
}
