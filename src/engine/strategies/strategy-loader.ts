import { errorText } from "../../domain/errors.ts";
import { guarded } from "../../domain/guarded.ts";
import type { Status, StoredStrategy } from "../../domain/strategy.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Observer, thrownIn } from "../../ports/observer.ts";
import type { StrategyRepository } from "../../ports/strategy-repository.ts";
import { Pace } from "../concurrency/pace.ts";
import { Serial } from "../concurrency/serial.ts";
import type { RequiredSeries } from "../rules/conditions/required-series.ts";
import { StagedChanges, type StrategyBook } from "./strategy-book.ts";

const ACTIVE: readonly Status[] = ["LIVE", "SHADOW"];
/** Wall time until a failed load is tried again. */
const RETRY_MS = 1_000;

export interface StrategyLoaderOptions {
  readonly repository: StrategyRepository;
  readonly book: StrategyBook;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly intervalMs: number;
  /**
   * The strategies in force will read this, or do so by now. Resolves once series that are there
   * compute it.
   */
  readonly onRequired: (required: RequiredSeries) => Promise<void>;
}

/**
 * Keeps the book as the repository is: reloads on changes, on request and by the clock, and takes
 * our own writes at once.
 */
export class StrategyLoader {
  readonly #options: StrategyLoaderOptions;
  /**
   * Reloads and writes one after the other, so that a reload never brings back what a write has
   * just changed.
   */
  readonly #serial = new Serial();
  readonly #stop = new AbortController();
  /** Where the last load stood in the repository's changes. */
  #mark: string | undefined;
  #refreshedAt: number | undefined;
  #fault: string | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(options: StrategyLoaderOptions) {
    this.#options = options;
  }

  /** When the book was last brought up to date, wall time. */
  get refreshedAt(): number | undefined {
    return this.#refreshedAt;
  }

  /** Why the book may not be what the repository holds. */
  get fault(): string | undefined {
    return this.#refreshedAt === undefined ? (this.#fault ?? "they have not been loaded yet") : this.#fault;
  }

  /**
   * Loads once, then keeps loading. The first load may fail: there are no strategies then until one
   * succeeds.
   */
  async start(): Promise<void> {
    await this.refresh().catch(() => undefined);
    this.#schedule();
    void this.#watch();
  }

  /** Takes all that has changed since the last load, now. */
  refresh(): Promise<void> {
    return this.#serial.run(() => this.#load());
  }

  /** Runs a write and takes what it stored, before any reload that comes after it. */
  inTurn<T>(write: () => Promise<T>, stored: (result: T) => readonly StoredStrategy[]): Promise<T> {
    return this.#serial.run(async () => {
      const result = await write();
      const { book, clock, onRequired } = this.#options;
      const changes = { complete: false, strategies: stored(result), gone: [] };
      await this.#inForce(() => book.update(changes, new Pace(clock), onRequired));
      return result;
    });
  }

  /** Resolves once no load or write is under way any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#cancelTimer?.();
    await this.#serial.run(() => Promise.resolve());
  }

  async #load(): Promise<void> {
    const { repository, book, clock, observer, onRequired } = this.#options;
    try {
      const startedAt = clock.now();
      const pace = new Pace(clock);
      const staged = new StagedChanges();
      const stage = (page: readonly StoredStrategy[]) => book.stage(staged, page, pace);
      const changes = await repository.changedSince(ACTIVE, this.#mark, stage);
      const hasChanged = await this.#inForce(() => book.apply(staged, changes, pace, onRequired));
      // Kept only now: what failed on the way is answered again.
      this.#mark = changes.mark;
      this.#refreshedAt = startedAt;
      if (this.#fault !== undefined) {
        this.#fault = undefined;
        observer.observe({ kind: "recovered", what: "strategies" });
      }
      if (hasChanged) {
        const [live, shadow] = [book.count("LIVE"), book.count("SHADOW")];
        observer.observe({ kind: "refreshed", live, shadow, rejected: book.rejected.length });
      }
    } catch (error) {
      this.#fault = `they could not be loaded: ${errorText(error)}`;
      observer.observe({ kind: "fault", what: "strategies", error });
      throw error;
    }
  }

  /**
   * Brings changes in force, once what they read is computed; series are tracked anew only where
   * something else is read.
   */
  async #inForce(bring: () => Promise<boolean>): Promise<boolean> {
    const { book, onRequired } = this.#options;
    const before = book.required;
    const hasChanged = await bring();
    if (book.required !== before) {
      guarded(() => onRequired(book.required), thrownIn(this.#options.observer, "feed"));
    }
    return hasChanged;
  }

  #schedule(): void {
    if (this.#stop.signal.aborted) {
      return;
    }
    const wait = this.#fault === undefined ? this.#options.intervalMs : RETRY_MS;
    this.#cancelTimer = this.#options.clock.after(wait, () => {
      void this.refresh()
        .catch(() => undefined)
        .then(() => this.#schedule());
    });
  }

  async #watch(): Promise<void> {
    const { repository, observer, clock } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        for await (const _ of repository.changes(signal)) {
          await this.refresh().catch(() => undefined);
        }
        return;
      } catch (error) {
        observer.observe({ kind: "fault", what: "strategy changes", error });
        await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
      }
    }
  }
}
