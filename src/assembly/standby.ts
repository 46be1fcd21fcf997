import { errorText, RuntimeError } from "../domain/errors.ts";
import type { Engine, RuntimeStatus } from "../engine/api.ts";
import type { Clock } from "../ports/clock.ts";

/** Wall time until a start that failed for a store is tried again. */
const RETRY_MS = 1_000;

export interface StandbyOptions<E extends Engine> {
  readonly clock: Clock;
  /** Starts the engine; fails with `unavailable` where a store cannot be reached, and is then tried again. */
  readonly start: () => Promise<E>;
  readonly onFault: (error: unknown) => void;
}

/**
 * An engine that may not be there yet: until its stores are, callers are told why, and readiness says so. A store that is down at start is
 * waited for, without a restart.
 */
export class Standby<E extends Engine> implements Engine {
  readonly #options: StandbyOptions<E>;
  readonly #startedAt: number;
  #engine: E | undefined;
  #why = "it is starting";
  #cancelRetry: (() => void) | undefined;
  #closed = false;
  #attempt: Promise<void> = Promise.resolve();

  constructor(options: StandbyOptions<E>) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  /** The engine, once it is there. */
  get engine(): E | undefined {
    return this.#engine;
  }

  /** Starts the engine; where a store is unavailable, resolves all the same and tries again until it is there. */
  async start(): Promise<void> {
    try {
      this.#engine = await this.#options.start();
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.code !== "unavailable") {
        throw error;
      }
      this.#retryLater(error);
    }
  }

  /** Resolves once no attempt is under way any more; what it started is then the caller's to close. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    await this.#attempt;
  }

  #retryLater(error: unknown): void {
    this.#why = errorText(error);
    this.#options.onFault(error);
    if (!this.#closed) {
      this.#cancelRetry = this.#options.clock.after(RETRY_MS, () => {
        this.#attempt = this.start().catch((fatal: unknown) => this.#retryLater(fatal));
      });
    }
  }

  #on(): E {
    if (this.#engine === undefined) {
      throw new RuntimeError("unavailable", `the service is not ready yet: ${this.#why}`);
    }
    return this.#engine;
  }

  readonly runtime: Engine["runtime"] = {
    evaluate: async (query) => this.#on().runtime.evaluate(query),
    generate: (query, signal) => this.#on().runtime.generate(query, signal),
    follow: (query, signal) => this.#on().runtime.follow(query, signal),
    refresh: async () => this.#on().runtime.refresh(),
    decisions: async (query) => this.#on().runtime.decisions(query),
    status: () => this.#engine?.runtime.status() ?? this.#notReady(),
  };

  readonly strategies: Engine["strategies"] = {
    save: async (draft, options) => this.#on().strategies.save(draft, options),
    saveMany: async (drafts) => this.#on().strategies.saveMany(drafts),
    get: async (strategyId) => this.#on().strategies.get(strategyId),
    list: async (page) => this.#on().strategies.list(page),
    setStatus: async (strategyId, status, reason) => this.#on().strategies.setStatus(strategyId, status, reason),
  };

  readonly policy: Engine["policy"] = {
    get: async () => this.#on().policy.get(),
    change: async (change) => this.#on().policy.change(change),
  };

  readonly performance: Engine["performance"] = {
    opened: async (position) => this.#on().performance.opened(position),
    closed: async (report) => this.#on().performance.closed(report),
    rejected: async (decisionId, reason) => this.#on().performance.rejected(decisionId, reason),
    performance: async (strategyId, start, end) => this.#on().performance.performance(strategyId, start, end),
    watch: (query, signal) => this.#on().performance.watch(query, signal),
  };

  #notReady(): RuntimeStatus {
    return {
      startedAt: this.#startedAt,
      ready: false,
      whyNot: [`stores: ${this.#why}`],
      liveStrategies: 0,
      shadowStrategies: 0,
      symbols: [],
      openStreams: 0,
      rejectedStrategies: [],
    };
  }
}
