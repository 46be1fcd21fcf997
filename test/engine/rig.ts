import { onTestFinished } from "vitest";
import { memoryJournal } from "../../src/adapters/memory/journal.ts";
import { type MemoryPolicy, memoryPolicy } from "../../src/adapters/memory/policy.ts";
import { memoryPositions } from "../../src/adapters/memory/positions.ts";
import { type MemoryStrategies, memoryStrategies } from "../../src/adapters/memory/strategies.ts";
import type { Bar } from "../../src/domain/bar.ts";
import type { Decision, Evaluation, Suppression, SweepSummary } from "../../src/domain/decision.ts";
import type { StoredStrategy, StrategyDraft } from "../../src/domain/strategy.ts";
import { type Timeframe, timeframeMs } from "../../src/domain/timeframe.ts";
import type { EvaluateQuery, FollowQuery, OneShotQuery, SignalBatch } from "../../src/engine/api.ts";
import { type EngineOptions, type RunningEngine, startEngine } from "../../src/engine/engine.ts";
import type { DecisionJournal } from "../../src/ports/decision-journal.ts";
import type { EngineEvent } from "../../src/ports/observer.ts";
import type { PositionBook } from "../../src/ports/position-book.ts";
import { ManualClock, settled } from "../manual-clock.ts";
import { barsFrom, type ScriptedFeed, scriptedFeed } from "../scripted-feed.ts";
import { conditionsOf, draftOf } from "./validation/drafts.ts";

/** Midnight, so that it is a close of every timeframe. */
export const T0 = Date.UTC(2026, 0, 5);
export const MINUTE = 60_000;

export interface RigStores {
  readonly strategies: MemoryStrategies;
  readonly policy: MemoryPolicy;
  readonly journal: DecisionJournal;
  readonly positions: PositionBook;
}

export interface RigOptions extends Partial<Omit<EngineOptions, "stores">> {
  readonly stores?: Partial<RigStores>;
  /** Market and wall time at the start. */
  readonly startAt?: number;
  /** What the venue has; BTC and ETH by default. The universe is BTC alone, unless `symbols` says otherwise. */
  readonly venue?: readonly string[];
  /** Whether every close ends with a `complete` event. */
  readonly completes?: boolean;
  /** Writes the history before the engine starts. */
  readonly prepare?: (feed: ScriptedFeed) => void;
  readonly clock?: ManualClock;
  readonly feed?: ScriptedFeed;
}

export type Closes = Readonly<Record<string, number | Bar | undefined>>;

/** The engine over a scripted market, memory stores and a clock driven by hand. */
export interface Rig {
  readonly engine: RunningEngine;
  readonly clock: ManualClock;
  readonly feed: ScriptedFeed;
  readonly stores: RigStores;
  readonly events: readonly EngineEvent[];
  /** Lets so much time pass, and everything settle. */
  pass(ms: number): Promise<void>;
  /** Saves a strategy: "CLOSE > 100" on 1m, unless told otherwise. */
  save(id: string, conditions: string, changes?: Partial<StrategyDraft>): Promise<StoredStrategy>;
  /** Goes on to the next close of the timeframe and sends bars that close there, at these prices; a bar absent does not come. */
  close(closes: Closes, timeframe?: Timeframe): Promise<void>;
  /** Sends the bar that closed last on the timeframe. */
  send(symbol: string, timeframe: Timeframe, bar: Bar, correction?: boolean): Promise<void>;
  evaluate(query: Partial<EvaluateQuery>): Promise<Evaluation>;
  sweep(query?: Partial<OneShotQuery>): Promise<SweepResult>;
  /** Reads a follow stream until the rig, the signal or the stream ends. */
  follow(query?: Partial<FollowQuery>): Followed;
  journaled(): Promise<readonly Decision[]>;
  /** The sweeps at bar closes that ended so far. */
  summaries(): readonly SweepSummary[];
  suppressed(): readonly Suppression[];
  /** Stops the engine; the stores stay. */
  stop(): Promise<void>;
}

export interface SweepResult {
  readonly batches: readonly SignalBatch[];
  readonly decisions: readonly Decision[];
  readonly suppressions: readonly Suppression[];
  readonly summary: SweepSummary;
  /** By "strategy symbol", of those that did not fire. */
  readonly outcomes: Readonly<Record<string, string>>;
}

export interface Followed {
  readonly batches: readonly SignalBatch[];
  readonly decisions: readonly Decision[];
  readonly error: unknown;
  /** The newest resume token. */
  readonly token: string;
  stop(): Promise<void>;
}

export function freshStores(stores: Partial<RigStores> = {}): RigStores {
  return {
    strategies: memoryStrategies(),
    policy: memoryPolicy({ globalMinConfidence: 0 }),
    journal: memoryJournal(),
    positions: memoryPositions(),
    ...stores,
  };
}

export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const { startAt = T0, venue = ["BTC", "ETH"], completes = false, prepare, stores: given, ...rest } = options;
  const clock = options.clock ?? new ManualClock(startAt);
  const feed = options.feed ?? scriptedFeed(clock, venue);
  const stores = freshStores(given);
  prepare?.(feed);
  const events: EngineEvent[] = [];
  const engine = await startEngine({
    market: feed,
    observer: { wantsSuppressions: true, observe: (event) => events.push(event) },
    evaluators: [],
    symbols: ["BTC"],
    refreshIntervalMs: 300_000,
    policyMaxAgeMs: 10_000,
    barGraceMs: 10_000,
    barWaitMs: 500,
    priceMaxAgeMs: 60_000,
    journalRetentionMs: 30 * 86_400_000,
    streamQueue: 4_096,
    ...rest,
    clock,
    stores,
  });
  const rig = new EngineRig(engine, clock, feed, stores, events, completes);
  onTestFinished(() => rig.stop());
  await settled();
  return rig;
}

class EngineRig implements Rig {
  readonly engine: RunningEngine;
  readonly clock: ManualClock;
  readonly feed: ScriptedFeed;
  readonly stores: RigStores;
  readonly events: readonly EngineEvent[];
  readonly #completes: boolean;
  readonly #last = new Map<string, number>();

  constructor(
    engine: RunningEngine,
    clock: ManualClock,
    feed: ScriptedFeed,
    stores: RigStores,
    events: readonly EngineEvent[],
    completes: boolean,
  ) {
    this.engine = engine;
    this.clock = clock;
    this.feed = feed;
    this.stores = stores;
    this.events = events;
    this.#completes = completes;
  }

  pass(ms: number): Promise<void> {
    return this.clock.elapse(ms);
  }

  async save(id: string, conditions: string, changes: Partial<StrategyDraft> = {}): Promise<StoredStrategy> {
    const draft = draftOf({
      strategyId: id,
      entryIndicators: conditionsOf(conditions),
      timeframe: "1m",
      side: "LONG",
      cooldownMs: 0,
      maxPositions: 100,
      ...changes,
    });
    const saved = await this.engine.strategies.save(draft, { validateOnly: false });
    await settled();
    return saved.strategy;
  }

  async close(closes: Closes, timeframe: Timeframe = "1m"): Promise<void> {
    const length = timeframeMs(timeframe);
    await this.pass(length - (this.clock.now() % length));
    const openTime = this.clock.now() - length;
    for (const [symbol, close] of Object.entries(closes)) {
      const bar = typeof close === "number" ? this.#barTo(symbol, openTime, close) : close;
      if (bar !== undefined) {
        this.#last.set(symbol, bar.close);
        this.feed.record(symbol, timeframe, [bar]);
        this.feed.setPrice(symbol, bar.close, this.clock.now());
        this.feed.send({ kind: "bar", symbol, timeframe, bar });
      }
    }
    if (this.#completes) {
      this.feed.send({ kind: "complete", time: this.clock.now() });
    }
    await this.pass(0);
  }

  #barTo(symbol: string, openTime: number, close: number): Bar {
    const open = this.#last.get(symbol) ?? close;
    return { openTime, open, high: Math.max(open, close), low: Math.min(open, close), close, volume: 10 };
  }

  async send(symbol: string, timeframe: Timeframe, bar: Bar, correction = false): Promise<void> {
    this.feed.record(symbol, timeframe, [bar]);
    this.feed.send({ kind: "bar", symbol, timeframe, bar, correction });
    await this.pass(0);
  }

  async evaluate(query: Partial<EvaluateQuery>): Promise<Evaluation> {
    const defaults = { strategy: { strategyId: "s" }, symbol: "BTC", bars: [], indicators: {}, faults: [] };
    return await this.#driven(this.engine.runtime.evaluate({ ...defaults, ...query }));
  }

  async sweep(query: Partial<OneShotQuery> = {}): Promise<SweepResult> {
    return await this.#driven(this.#swept(query));
  }

  async #swept(query: Partial<OneShotQuery>): Promise<SweepResult> {
    const asked = {
      symbols: ["BTC"],
      includeShadow: false,
      strategyIds: [],
      includeSuppressions: true,
      dryRun: false,
      includeEmitted: false,
      ...query,
    };
    const batches = await collected(this.engine.runtime.generate(asked, new AbortController().signal));
    const summary = batches.at(-1)?.summary;
    if (summary === undefined) {
      throw new Error("the last message had no summary");
    }
    const suppressions = batches.flatMap((batch) => batch.suppressions);
    return {
      batches,
      decisions: batches.flatMap((batch) => batch.decisions),
      suppressions,
      summary,
      outcomes: Object.fromEntries(suppressions.map((one) => [`${one.strategyId} ${one.symbol}`, one.outcome])),
    };
  }

  /** Lets time pass, in small steps, for as long as the call waits for it; a call that still waits after a minute never ends. */
  async #driven<T>(call: Promise<T>): Promise<T> {
    let over = false;
    const mark = (): void => {
      over = true;
    };
    call.then(mark, mark);
    for (let waited = 0; !over; waited += 100) {
      await settled();
      if (!over) {
        if (waited > MINUTE) {
          throw new Error("the call did not end within a minute");
        }
        await this.pass(100);
      }
    }
    return call;
  }

  follow(query: Partial<FollowQuery> = {}): Followed {
    const controller = new AbortController();
    const asked = { symbols: [], resumeToken: "", includeShadow: false, strategyIds: [], ...query };
    const batches: SignalBatch[] = [];
    let error: unknown;
    const read = async (): Promise<void> => {
      try {
        for await (const batch of this.engine.runtime.follow(asked, controller.signal)) {
          batches.push(batch);
        }
      } catch (thrown) {
        error = thrown;
      }
    };
    const done = read();
    const stop = (): Promise<void> => {
      controller.abort();
      return done;
    };
    onTestFinished(stop);
    return {
      batches,
      get decisions() {
        return batches.flatMap((batch) => batch.decisions);
      },
      get error() {
        return error;
      },
      get token() {
        return batches.at(-1)?.resumeToken ?? asked.resumeToken;
      },
      stop,
    };
  }

  journaled(): Promise<readonly Decision[]> {
    return this.stores.journal.read({ includeShadow: true, limit: 1_000_000 });
  }

  summaries(): readonly SweepSummary[] {
    return this.events.flatMap((event) => (event.kind === "sweep" && event.cause === "close" ? [event.summary] : []));
  }

  suppressed(): readonly Suppression[] {
    return this.events.flatMap((event) => (event.kind === "suppressed" ? [event.suppression] : []));
  }

  stop(): Promise<void> {
    return this.engine.close();
  }
}

/** All that an iterable gives. */
export async function collected<T>(steps: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const step of steps) {
    all.push(step);
  }
  return all;
}

/** A feed's history: bars that close up to `end`, with these closes. */
export function history(
  feed: ScriptedFeed,
  symbol: string,
  timeframe: Timeframe,
  closes: readonly number[],
  end: number = T0,
): void {
  const start = end - closes.length * timeframeMs(timeframe);
  feed.record(symbol, timeframe, barsFrom(start, timeframe, closes));
  const last = closes.at(-1);
  if (last !== undefined) {
    feed.setPrice(symbol, last, end);
  }
}
