import { errorText, RuntimeError } from "../domain/errors.ts";
import type { PolicyChange } from "../domain/policy.ts";
import type { Engine, RuntimeStatus } from "../engine/api.ts";
import type { RunningEngine } from "../engine/engine.ts";
import type { Clock } from "../ports/clock.ts";
import type { LeaseStatus } from "../ports/lease.ts";

/** Wall time until a start that failed for a store is tried again. */
const RETRY_MS = 1_000;
/**
 * Wall time between two looks whether the lease is free: a rolling deploy waits for no more than
 * one of them.
 */
const LOOK_MS = 250;

export interface EngineInWaitingOptions<E extends RunningEngine> {
  readonly clock: Clock;
  /** Who is waited for; undefined: it is this process's turn. Fails as `start` does. */
  readonly turn: () => Promise<string | undefined>;
  /**
   * Starts the engine with these policy changes in force, which the policy store does not have;
   * fails with `unavailable` where a store cannot be reached, and is then tried again.
   */
  readonly start: (unwritten: readonly PolicyChange[]) => Promise<E>;
  readonly onFault: (error: unknown) => void;
  /** Told once of each that is waited for. */
  readonly onWaiting: (why: string) => void;
  /**
   * How this process stands among those on one database, and why it must not decide where it may
   * not.
   */
  readonly standing: () => { readonly status: LeaseStatus | undefined; readonly fault: string | undefined };
}

/** Why there is no engine, for callers and for the status. */
interface Absence {
  readonly why: string;
  /** Begins the reason in the status. */
  readonly about: string;
}

/**
 * An engine that may not be there: until it is this process's turn and its stores are there,
 * callers are told why, and readiness says so. A store that is down is waited for, without a
 * restart. An engine whose memory may be other than the store is ended, and a new one starts from
 * the store.
 */
export class EngineInWaiting<E extends RunningEngine> implements Engine {
  readonly #options: EngineInWaitingOptions<E>;
  readonly #startedAt: number;
  #engine: E | undefined;
  /** Of the engine before, for the next one: who gave them was told that they are in force. */
  #unwritten: readonly PolicyChange[] = [];
  /** Aborted when the engine that is there ends. */
  #gone = new AbortController();
  #absence: Absence = { about: "stores: ", why: "it is starting" };
  #saidWaiting = "";
  #cancelRetry: (() => void) | undefined;
  #closed = false;
  #restarting = false;
  /** Starts, restarts and the end, one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: EngineInWaitingOptions<E>) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  /** The engine, once it is there. */
  get engine(): E | undefined {
    return this.#engine;
  }

  /**
   * Starts the engine; where it cannot be yet, resolves all the same and tries again until it is
   * there.
   */
  start(): Promise<void> {
    return this.#inTurn(() => this.#tryToStart());
  }

  /** Says how far a start has come that is under way. */
  progress(why: string): void {
    this.#absence = { about: "", why };
  }

  /**
   * Ends the engine, and starts one from what the stores have. Once, however often it is called
   * until then.
   */
  restart(error: unknown): void {
    if (this.#restarting || this.#closed) {
      return;
    }
    this.#restarting = true;
    this.#options.onFault(error);
    void this.#inTurn(async () => {
      this.#absence = { about: "", why: `it starts anew from what the store has: ${errorText(error)}` };
      this.#cancelRetry?.();
      // An engine that cannot end in order is let go: another must decide.
      await this.#end().catch((thrown: unknown) => this.#options.onFault(thrown));
      this.#restarting = false;
      await this.#tryToStart().catch((fatal: unknown) => this.#failed(fatal));
    });
  }

  /** Ends the engine, and resolves once no attempt is under way any more. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    await this.#inTurn(() => this.#end());
    this.#dropUnwritten("the process ends");
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const run = this.#last.then(task);
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #tryToStart(): Promise<void> {
    if (this.#closed) {
      return;
    }
    try {
      const why = await this.#options.turn();
      if (why !== undefined) {
        this.#dropUnwritten("another process decides now");
        this.#wait(why);
        return;
      }
      this.#saidWaiting = "";
      this.#gone = new AbortController();
      this.progress("it is starting");
      this.#engine = await this.#options.start(this.#unwritten);
      this.#unwritten = [];
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.code !== "unavailable") {
        throw error;
      }
      this.#failed(error);
    }
  }

  async #end(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    this.#gone.abort();
    if (engine !== undefined) {
      this.#unwritten = await engine.close();
    }
  }

  #dropUnwritten(why: string): void {
    if (this.#unwritten.length > 0) {
      const orders = this.#unwritten.map((order) => JSON.stringify(order)).join(", ");
      const text = `orders that were in force here are lost, since the policy store never got them and ${why}: give them again: ${orders}`;
      this.#options.onFault(new RuntimeError("unavailable", text));
    }
    this.#unwritten = [];
  }

  #wait(why: string): void {
    if (why !== this.#saidWaiting) {
      this.#saidWaiting = why;
      this.#options.onWaiting(why);
    }
    this.#absence = { about: "", why };
    this.#tryAgain(LOOK_MS);
  }

  #failed(error: unknown): void {
    this.#absence = { about: "stores: ", why: errorText(error) };
    this.#options.onFault(error);
    this.#tryAgain(RETRY_MS);
  }

  #tryAgain(afterMs: number): void {
    if (!this.#closed) {
      this.#cancelRetry = this.#options.clock.after(afterMs, () => {
        void this.#inTurn(() => this.#tryToStart()).catch((fatal: unknown) => this.#failed(fatal));
      });
    }
  }

  #on(): E {
    if (this.#engine === undefined) {
      throw new RuntimeError("unavailable", `the service is not ready: ${this.#absence.why}`);
    }
    return this.#engine;
  }

  /** A stream of the engine that is there, which ends with it. */
  #stream<T>(open: (engine: E, signal: AbortSignal) => AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
    return untilGone(this.#on(), open, signal, this.#gone.signal);
  }

  readonly runtime: Engine["runtime"] = {
    evaluate: async (query, caller) => this.#on().runtime.evaluate(query, caller),
    evaluateExit: async (positionId) => this.#on().runtime.evaluateExit(positionId),
    generate: (query, signal) => this.#stream(({ runtime }, until) => runtime.generate(query, until), signal),
    follow: (query, signal) => this.#stream(({ runtime }, until) => runtime.follow(query, until), signal),
    refresh: async () => this.#on().runtime.refresh(),
    decisions: async (query) => this.#on().runtime.decisions(query),
    status: () => this.#status(),
  };

  readonly strategies: Engine["strategies"] = {
    save: async (draft, options) => this.#on().strategies.save(draft, options),
    saveMany: async (drafts) => this.#on().strategies.saveMany(drafts),
    get: async (strategyId) => this.#on().strategies.get(strategyId),
    list: async (page) => this.#on().strategies.list(page),
    delete: async (strategyId, reason) => this.#on().strategies.delete(strategyId, reason),
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
    watch: (query, signal) => this.#stream(({ performance }, until) => performance.watch(query, until), signal),
  };

  #status(): RuntimeStatus {
    const { status: lease, fault } = this.#options.standing();
    const known = this.#engine?.runtime.status();
    if (known === undefined) {
      return { ...this.#notReady(), ...(lease && { lease }) };
    }
    const doubt = fault === undefined ? {} : { ready: false, whyNot: [`lease: ${fault}`, ...known.whyNot] };
    return { ...known, ...doubt, ...(lease && { lease }) };
  }

  #notReady(): RuntimeStatus {
    const { about, why } = this.#absence;
    return {
      startedAt: this.#startedAt,
      ready: false,
      whyNot: [`${about}${why}`],
      liveStrategies: 0,
      shadowStrategies: 0,
      symbols: [],
      openStreams: 0,
      rejectedStrategies: [],
    };
  }
}

/** Whoever reads it must not take the engine's end for a quiet market. */
async function* untilGone<E, T>(
  engine: E,
  open: (engine: E, signal: AbortSignal) => AsyncIterable<T>,
  signal: AbortSignal,
  gone: AbortSignal,
): AsyncGenerator<T> {
  yield* open(engine, AbortSignal.any([signal, gone]));
  if (gone.aborted && !signal.aborted) {
    const text =
      "the stream ended, since this process decides no more or starts anew: call again with the last resume_token";
    throw new RuntimeError("unavailable", text);
  }
}
