import type { Bar } from "../../domain/bar.ts";
import type { Clock } from "../../ports/clock.ts";

/**
 * Wall time until a load that did not bring what was lacking is tried again; it doubles each time.
 */
const RETRY_MS = 1_000;

export interface BackgroundLoadOptions {
  readonly clock: Clock;
  /**
   * How many bars to ask for now, and how long at most until they are asked for again; undefined
   * where nothing is lacking.
   */
  readonly lacking: () => { readonly count: number; readonly longestRetryMs: number } | undefined;
  /** Asks the history, when its turn has come. */
  readonly ask: (count: number) => Promise<readonly Bar[]>;
  /** Takes what came. */
  readonly take: (bars: readonly Bar[], count: number) => Promise<void>;
  /** The history could not be asked. Nothing has happened to the series. */
  readonly failed: (error: unknown) => void;
}

/** Asks for what a series lacks while it stays in use as it is, until nothing is lacking. */
export class BackgroundLoad {
  readonly #options: BackgroundLoadOptions;
  #work: Promise<void> | undefined;
  #cancelRetry: (() => void) | undefined;
  #tries = 0;
  #closed = false;

  constructor(options: BackgroundLoadOptions) {
    this.#options = options;
  }

  /** The load under way, if any; it never rejects. */
  get work(): Promise<void> | undefined {
    return this.#work;
  }

  /** Something is lacking that was not before: it is asked for now. */
  start(): void {
    this.#tries = 0;
    this.#next();
  }

  /** What is lacking still is asked for after the wait, where that is not under way. */
  resume(): void {
    if (this.#work === undefined && this.#cancelRetry === undefined) {
      this.#retryLater();
    }
  }

  stop(): void {
    this.#closed = true;
    this.#cancelRetry?.();
  }

  #next(): void {
    if (this.#work !== undefined || this.#closed) {
      return;
    }
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    const lacking = this.#options.lacking();
    if (lacking !== undefined) {
      this.#work = this.#load(lacking.count)
        .then(() => {
          this.#work = undefined;
          this.#retryLater();
        })
        .catch(this.#options.failed);
    }
  }

  async #load(count: number): Promise<void> {
    const { ask, take, failed } = this.#options;
    try {
      const bars = await ask(count);
      if (!this.#closed) {
        await take(bars, count);
      }
    } catch (error) {
      failed(error);
    }
  }

  #retryLater(): void {
    const lacking = this.#closed ? undefined : this.#options.lacking();
    if (lacking !== undefined) {
      const wait = Math.min(lacking.longestRetryMs, RETRY_MS * 2 ** this.#tries++);
      this.#cancelRetry = this.#options.clock.after(wait, () => this.#next());
    }
  }
}
