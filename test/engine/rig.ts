import { beforeEach, describe, onTestFinished } from "vitest";
import { memoryJournal } from "../../src/adapters/memory/memory-journal.ts";
import { type MemoryPolicy, memoryPolicy } from "../../src/adapters/memory/memory-policy.ts";
import { memoryPositions } from "../../src/adapters/memory/memory-positions.ts";
import { type MemoryStrategies, memoryStrategies } from "../../src/adapters/memory/memory-strategies.ts";
import type { Bar } from "../../src/domain/bar.ts";
import type { Decision, Evaluation, Suppression, SweepSummary } from "../../src/domain/decision.ts";
import type { StoredStrategy, StrategyDraft } from "../../src/domain/strategy.ts";
import { type Timeframe, timeframeMs } from "../../src/domain/timeframe.ts";
import type { EvaluateQuery, FollowQuery, OneShotQuery, SignalBatch } from "../../src/engine/api.ts";
import { type RunningEngine, startEngine } from "../../src/engine/engine.ts";
import type { EngineOptions } from "../../src/engine/engine-options.ts";
import type { DecisionJournal } from "../../src/ports/decision-journal.ts";
import type { Lease } from "../../src/ports/lease.ts";
import type { EngineEvent } from "../../src/ports/observer.ts";
import type { PositionBook } from "../../src/ports/position-book.ts";
import { ManualClock, settled } from "../manual-clock.ts";
import { barsFrom, type ScriptedFeed, scriptedFeed } from "../scripted-feed.ts";
import { EngineRig } from "./engine-rig.ts";

/** Midnight, so that it is a close of every timeframe. */
export const T0 = Date.UTC(2026, 0, 5);
export const MINUTE = 60_000;

export interface RigStores {
  readonly strategies: MemoryStrategies;
  readonly policy: MemoryPolicy;
  readonly journal: DecisionJournal;
  readonly positions: PositionBook;
  readonly lease?: Lease;
}

export interface RigOptions extends Partial<Omit<EngineOptions, "stores">> {
  readonly stores?: Partial<RigStores>;
  /** Market and wall time at the start. */
  readonly startAt?: number;
  /**
   * What the venue has; BTC and ETH by default. The universe is BTC alone, unless `symbols` says
   * otherwise.
   */
  readonly venue?: readonly string[];
  /** Whether every close ends with a `complete` event. */
  readonly completes?: boolean;
  /** Writes the history before the engine starts. */
  readonly prepare?: (feed: ScriptedFeed) => void;
  readonly clock?: ManualClock;
  readonly feed?: ScriptedFeed;
  /**
   * Whether every pair is judged by itself, in calls as at closes; otherwise sweeps judge by sets.
   * As `onBothPaths` says, by default.
   */
  readonly explained?: boolean;
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
  /**
   * Goes on to the next close of the timeframe and sends bars that close there, at these prices; a
   * bar absent does not come.
   */
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

/** The service's own defaults. */
export const ENGINE_DEFAULTS = {
  evaluators: [],
  refreshIntervalMs: 300_000,
  policyMaxAgeMs: 10_000,
  barGraceMs: 10_000,
  barWaitMs: 500,
  priceMaxAgeMs: 60_000,
  journalRetentionMs: 30 * 86_400_000,
  streamQueue: 4_096,
  maxExtraSymbols: 100,
};

export function freshStores(stores: Partial<RigStores> = {}): RigStores {
  return {
    strategies: memoryStrategies(),
    policy: memoryPolicy({ globalMinConfidence: 0 }),
    journal: memoryJournal(),
    positions: memoryPositions(),
    ...stores,
  };
}

let isExplained = true;

/**
 * Runs tests twice: with sweeps that judge every pair by itself, and with sweeps by sets of
 * symbols. What they find is the same.
 */
export function onBothPaths(name: string, tests: () => void): void {
  describe.each([
    ["pair by pair", true],
    ["by sets", false],
  ])(`${name}, judged %s`, (_, explained) => {
    beforeEach(() => {
      isExplained = explained;
    });
    tests();
  });
}

export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const {
    startAt = T0,
    venue = ["BTC", "ETH"],
    completes = false,
    prepare,
    stores: given,
    explained = isExplained,
    ...rest
  } = options;
  const clock = options.clock ?? new ManualClock(startAt);
  const feed = options.feed ?? scriptedFeed(clock, venue);
  const stores = freshStores(given);
  prepare?.(feed);
  const events: EngineEvent[] = [];
  const engine = await startEngine({
    market: feed,
    observer: { wantsSuppressions: true, observe: (event) => events.push(event) },
    pairByPair: explained,
    ...ENGINE_DEFAULTS,
    symbols: ["BTC"],
    ...rest,
    clock,
    stores,
  });
  const rig = new EngineRig({ engine, clock, feed, stores, events, completes, explained });
  onTestFinished(() => rig.stop());
  await settled();
  return rig;
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

/** The opening of a position of strategy "s" on BTC. */
export function openingOf(positionId: string, decisionId?: string) {
  return {
    positionId,
    strategyId: "s",
    symbol: "BTC",
    side: "LONG" as const,
    sizeUsd: 1_000,
    entryPrice: 100,
    openedAt: T0,
    ...(decisionId !== undefined && { decisionId }),
  };
}
