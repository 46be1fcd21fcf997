import { guarded } from "../domain/guarded.ts";
import type { PolicyChange } from "../domain/policy.ts";
import { NO_LEASE } from "../ports/lease.ts";
import { thrownIn } from "../ports/observer.ts";
import { NO_TRACER } from "../ports/tracer.ts";
import { performanceDesk, type SettledDesk } from "./accounts/performance-desk.ts";
import type { Engine, PolicyDesk, RuntimeDesk, StrategyDesk } from "./api.ts";
import { LongWorks } from "./concurrency/long-work.ts";
import { Pace } from "./concurrency/pace.ts";
import type { EngineOptions } from "./engine-options.ts";
import { type MarketSeries, openMarketSeries } from "./market/market-series.ts";
import { policyDesk } from "./policy/policy-desk.ts";
import { PolicyKeeper } from "./policy/policy-keeper.ts";
import type { JudgeContext } from "./rules/judging/judge.ts";
import { BarCloseSweeps } from "./runtime/bar-closes/bar-close-sweeps.ts";
import { JudgedNote } from "./runtime/bar-closes/judged-note.ts";
import { Committer } from "./runtime/deciding/committer.ts";
import { timeLeft } from "./runtime/deciding/earliest-end.ts";
import { type RestoredState, restoredState } from "./runtime/deciding/restore.ts";
import { Retention } from "./runtime/deciding/retention.ts";
import { settledEpoch } from "./runtime/deciding/settled-epoch.ts";
import { stillInForce } from "./runtime/deciding/still-in-force.ts";
import { OpenPositions } from "./runtime/exits/open-positions.ts";
import { Publisher } from "./runtime/follow/publisher.ts";
import type { SweepDependencies } from "./runtime/sweeps/sweep-run.ts";
import { runtimeDesk } from "./runtime-desk.ts";
import { openStrategies, type Strategies } from "./strategies/strategies.ts";
import { CatchUpTurns } from "./streams/catch-up-turns.ts";

/**
 * Pages that all streams and lists together read from the stores at a time: more would take the
 * stores from others and be no faster.
 */
const CATCH_UPS_AT_ONCE = 3;

export interface RunningEngine extends Engine {
  /**
   * Ends sweeps and streams; the stores stay open. Answers with the policy changes that are in
   * force here and that the policy store does not have. Idempotent.
   */
  close(): Promise<readonly PolicyChange[]>;
}

/**
 * Puts the engine together over ports that are ready, restores its state from them (R33), and
 * starts it. Fails where the journal or the position book cannot be read: without them, gates would
 * let pass what they must not.
 */
export async function startEngine(options: EngineOptions): Promise<RunningEngine> {
  const { stores, market, clock, onReading } = options;
  const epoch = await (stores.lease ?? NO_LEASE).settled();
  const restored = await restoredState({ ...stores, marketNow: market.now(), pace: new Pace(clock), onReading });
  const engine = new AssembledEngine({ longWorks: new LongWorks(clock), ...options }, restored, epoch);
  await engine.start();
  return engine;
}

type AssemblyOptions = EngineOptions & Required<Pick<EngineOptions, "longWorks">>;

/** The engine's parts, made in the order in which each needs those before it. */
class AssembledEngine implements RunningEngine {
  readonly runtime: RuntimeDesk;
  readonly strategies: StrategyDesk;
  readonly policy: PolicyDesk;
  readonly performance: SettledDesk;
  readonly #options: AssemblyOptions;
  readonly #restored: RestoredState;
  readonly #keeper: PolicyKeeper;
  readonly #strategies: Strategies;
  readonly #market: MarketSeries;
  readonly #exits: OpenPositions;
  readonly #publisher: Publisher;
  readonly #committer: Committer;
  readonly #dependencies: SweepDependencies;
  readonly #sweeps: BarCloseSweeps;
  readonly #retention: Retention;
  #startedAt = 0;

  constructor(options: AssemblyOptions, restored: RestoredState, epoch: number) {
    const { stores, clock, observer } = options;
    const catchUps = new CatchUpTurns(CATCH_UPS_AT_ONCE);
    this.#options = options;
    this.#restored = restored;
    this.#keeper = new PolicyKeeper(stores.policy, clock, observer, options.policyMaxAgeMs, options.unwritten);
    this.#strategies = this.#openStrategies();
    this.#market = this.#openMarket();
    this.#exits = this.#openExits();
    this.#publisher = this.#openPublisher();
    this.#committer = this.#openCommitter(epoch);
    this.#dependencies = this.#sweepDependencies();
    this.#sweeps = this.#openSweeps();
    this.#retention = new Retention({
      ...this.#shared,
      ageMs: options.journalRetentionMs,
      kept: () => this.#exits.kept(),
    });
    this.strategies = this.#strategies.desk;
    this.policy = policyDesk(this.#keeper, clock, () => this.#committer.commit([]));
    this.performance = this.#openAccounts(catchUps);
    this.runtime = this.#openRuntime(catchUps);
  }

  /** Nothing in here may fail: an engine would be left running that nobody can close. */
  async start(): Promise<void> {
    await Promise.all([this.#strategies.loader.start(), this.#keeper.start()]);
    await this.#exits.restore(this.#restored.openPositions);
    this.#market.view.start();
    this.#sweeps.start(this.#options.market.startsAnew ? undefined : this.#restored.judgedUntil);
    this.#retention.start();
    this.#startedAt = this.#options.clock.now();
  }

  async close(): Promise<readonly PolicyChange[]> {
    this.#retention.stop();
    await this.#strategies.loader.stop();
    const unwritten = await this.#keeper.stop();
    await this.#market.view.stop();
    // Whatever was written behind this would be unknown to an engine that comes next. Sweeps end
    // first: no close counts as judged whose decisions are refused.
    await Promise.all([this.#sweeps.stop(), this.performance.stop(), this.#committer.stop()]);
    await this.#strategies.lastExecutions.stop();
    return unwritten;
  }

  /** Asked for by many parts. */
  get #shared() {
    const { stores, market, clock, observer } = this.#options;
    const { memory, identity } = this.#restored;
    const { journal, positions, strategies: repository } = stores;
    return { journal, positions, repository, memory, identity, market, clock, observer };
  }

  get #validation() {
    const { maxPositionSizeUsd } = this.#options;
    return maxPositionSizeUsd === undefined ? {} : { maxPositionSizeUsd };
  }

  /** The policy and the market regime in force now; `regime`: of a call that names one. */
  async #context(regime?: string): Promise<JudgeContext> {
    const inForce = await this.#keeper.current();
    const current = regime ?? inForce.policy?.currentRegime;
    return { inForce, evaluators: this.#options.evaluators, ...(current !== undefined && { regime: current }) };
  }

  #openStrategies(): Strategies {
    return openStrategies({
      ...this.#shared,
      validation: this.#validation,
      refreshIntervalMs: this.#options.refreshIntervalMs,
      followed: () => this.#market.universe.symbols,
      openPositions: (strategyId) => this.#restored.memory.open(strategyId),
      onRequired: (required) => this.#market.track(required),
    });
  }

  #openMarket(): MarketSeries {
    return openMarketSeries({
      ...this.#options,
      required: () => this.#strategies.book.required,
      held: () => this.#exits.reads(),
      heldRequired: () => this.#exits.required(),
      listener: {
        onBar: (symbol) => this.#sweeps.onBar(symbol),
        onComplete: (time) => this.#sweeps.onComplete(time),
      },
    });
  }

  #openExits(): OpenPositions {
    return new OpenPositions({
      ...this.#shared,
      book: this.#strategies.book,
      validation: this.#validation,
      series: this.#market.view,
      onReads: () => {
        const onThrown = thrownIn(this.#options.observer, "feed");
        guarded(() => this.#market.track(), onThrown);
      },
    });
  }

  #openPublisher(): Publisher {
    return new Publisher({
      ...this.#shared,
      note: (decisions) => this.#strategies.lastExecutions.note(decisions),
      last: () => this.#committer.last,
      watermark: () => this.#sweeps.watermark,
    });
  }

  #openCommitter(epoch: number): Committer {
    const { stores, market, tracer = NO_TRACER, onOutdated } = this.#options;
    const { book } = this.#strategies;
    const committer = new Committer({
      ...this.#shared,
      tracer,
      publish: (decisions) => this.#publisher.decided(decisions),
      exits: this.#exits,
      inForce: (atLeast = 0) => stillInForce(book, this.#keeper.inForce(), Math.max(market.now(), atLeast)),
      // Where market time is the wall's, a write may come too late; elsewhere it waits for the
      // write.
      ...(!market.completes && { withinMs: (decisions) => timeLeft(decisions, market.now()) }),
      settled: settledEpoch(stores.lease ?? NO_LEASE, epoch, () => this.performance.settled()),
      ...(onOutdated && { onUsurped: onOutdated }),
    });
    committer.start(this.#restored.lastDecision);
    return committer;
  }

  #sweepDependencies(): SweepDependencies {
    const { clock, observer, tracer = NO_TRACER, market, pairByPair = false } = this.#options;
    const decider = this.#committer;
    return { clock, observer, tracer, decider, dataSource: market.source, pairByPair, ...this.#validation };
  }

  #openSweeps(): BarCloseSweeps {
    const { market, barWaitMs, barGraceMs } = this.#options;
    return new BarCloseSweeps({
      ...this.#shared,
      market: this.#market.view,
      marketNow: () => market.now(),
      completes: market.completes ?? false,
      book: this.#strategies.book,
      universe: () => this.#market.universe.symbols,
      context: () => this.#context(),
      dependencies: this.#dependencies,
      exits: this.#exits,
      ...(!market.startsAnew && { judged: new JudgedNote(this.#shared) }),
      barWaitMs,
      barGraceMs,
      onSwept: (summary, watermark, traceparent) => this.#publisher.swept(summary, watermark, traceparent),
    });
  }

  #openAccounts(catchUps: CatchUpTurns): SettledDesk {
    const { streamQueue: queueLimit, observer } = this.#options;
    const { lastClosing } = this.#restored;
    const onThrown = thrownIn(observer, "stream");
    return performanceDesk({ ...this.#shared, exits: this.#exits, onThrown, queueLimit, lastClosing, catchUps });
  }

  #openRuntime(catchUps: CatchUpTurns): RuntimeDesk {
    const { market } = this.#options;
    return runtimeDesk({
      ...this.#options,
      ...this.#shared,
      ...this.#strategies,
      ...this.#market,
      dataSource: market.source,
      validation: this.#validation,
      startedAt: () => this.#startedAt,
      catchUps,
      log: this.#publisher,
      committer: this.#committer,
      decider: this.#committer,
      exits: this.#exits,
      context: (regime) => this.#context(regime),
      dependencies: this.#dependencies,
      sweeps: this.#sweeps,
      policy: this.#keeper,
    });
  }
}
