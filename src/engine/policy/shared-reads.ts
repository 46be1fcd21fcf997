import type { Clock } from "../../ports/clock.ts";
import { withinLimit } from "../concurrency/time-limit.ts";

/**
 * Wall time after which a read is given up. Stores have limits of their own; this one holds where
 * they fail.
 */
const READ_LIMIT_MS = 8_000;

/** When a store was asked: its answer is as old as that moment. */
export interface Moment {
  /** Wall time, ms. */
  readonly at: number;
  /** Monotonic ms. */
  readonly monotonic: number;
  /** Reads that had been answered by then. */
  readonly reads: number;
}

/**
 * Reads of one store: one at a time, and whoever asks during a read shares the next one with all
 * others who do.
 */
export class SharedReads<T> {
  readonly #ask: () => Promise<T>;
  readonly #onRead: (answer: T, asked: Moment) => void;
  readonly #clock: Clock;
  #current: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #changes = 0;
  #answered = 0;

  constructor(ask: () => Promise<T>, onRead: (answer: T, asked: Moment) => void, clock: Clock) {
    this.#ask = ask;
    this.#onRead = onRead;
    this.#clock = clock;
  }

  /** This moment. */
  now(): Moment {
    return { at: this.#clock.now(), monotonic: this.#clock.monotonic(), reads: this.#answered };
  }

  /** Resolves once `onRead` has an answer to a question that was put after this call. */
  read(): Promise<void> {
    if (this.#next !== undefined) {
      return this.#next;
    }
    if (this.#current === undefined) {
      return this.#begin();
    }
    const begin = () => {
      this.#next = undefined;
      return this.#begin();
    };
    this.#next = this.#current.then(begin, begin);
    return this.#next;
  }

  /**
   * The store has changed: a read under way may not know of the change, so the store is asked
   * again.
   */
  outdate(): void {
    this.#changes++;
  }

  #begin(): Promise<void> {
    const run = this.#untilCurrent().finally(() => {
      this.#current = undefined;
    });
    this.#current = run;
    return run;
  }

  async #untilCurrent(): Promise<void> {
    for (;;) {
      const changes = this.#changes;
      const asked = this.now();
      const answer = await withinLimit(this.#clock, READ_LIMIT_MS, "the policy store", this.#ask());
      if (changes === this.#changes) {
        this.#answered++;
        this.#onRead(answer, asked);
        return;
      }
    }
  }
}
