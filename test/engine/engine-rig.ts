import { onTestFinished } from "vitest";
import type { Bar } from "../../src/domain/bar.ts";
import type { Decision, Evaluation, Suppression, SweepSummary } from "../../src/domain/decision.ts";
import type { StoredStrategy, StrategyDraft } from "../../src/domain/strategy.ts";
import { type Timeframe, timeframeMs } from "../../src/domain/timeframe.ts";
import type { EvaluateQuery, FollowQuery, OneShotQuery, SignalBatch } from "../../src/engine/api.ts";
import type { RunningEngine } from "../../src/engine/engine.ts";
import type { EngineEvent } from "../../src/ports/observer.ts";
import { type ManualClock, settled } from "../manual-clock.ts";
import type { ScriptedFeed } from "../scripted-feed.ts";
import { type Closes, collected, type Followed, MINUTE, type Rig, type RigStores, type SweepResult } from "./rig.ts";
import { conditionsOf, draftOf } from "./validation/drafts.ts";

export interface RigParts extends Pick<Rig, "engine" | "clock" | "feed" | "stores" | "events"> {
  readonly completes: boolean;
  readonly explained: boolean;
}

/** See `Rig`. */
export class EngineRig implements Rig {
  readonly engine: RunningEngine;
  readonly clock: ManualClock;
  readonly feed: ScriptedFeed;
  readonly stores: RigStores;
  readonly events: readonly EngineEvent[];
  readonly #completes: boolean;
  readonly #explained: boolean;
  readonly #last = new Map<string, number>();

  constructor(parts: RigParts) {
    this.engine = parts.engine;
    this.clock = parts.clock;
    this.feed = parts.feed;
    this.stores = parts.stores;
    this.events = parts.events;
    this.#completes = parts.completes;
    this.#explained = parts.explained;
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
      includeSuppressions: this.#explained,
      dryRun: false,
      includeEmitted: false,
      ...query,
    };
    const told = this.suppressed().length;
    const batches = await collected(this.engine.runtime.generate(asked, new AbortController().signal));
    const summary = batches.at(-1)?.summary;
    if (summary === undefined) {
      throw new Error("the last message had no summary");
    }
    // A sweep by sets has no words for its caller; the observer is told of the few pairs that a
    // test has.
    const suppressions = asked.includeSuppressions
      ? batches.flatMap((batch) => batch.suppressions)
      : this.suppressed().slice(told);
    return {
      batches,
      decisions: batches.flatMap((batch) => batch.decisions),
      suppressions,
      summary,
      outcomes: Object.fromEntries(suppressions.map((one) => [`${one.strategyId} ${one.symbol}`, one.outcome])),
    };
  }

  /**
   * Lets time pass, in small steps, for as long as the call waits for it; a call that still waits
   * after a minute never ends.
   */
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

  async stop(): Promise<void> {
    await this.#driven(this.engine.close());
  }
}
