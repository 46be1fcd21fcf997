import { RuntimeError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";

/** Said by `BoundedQueue.next` where nothing came in time. */
export const SILENCE: unique symbol = Symbol("silence");
/** Said by `BoundedQueue.next` once the queue has ended. */
export const ENDED: unique symbol = Symbol("ended");

/** A bounded queue between one sender that never waits and one reader that does. */
export class BoundedQueue<T> {
  readonly #limit: number;
  readonly #clock: Clock;
  #items: T[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #overflowed = false;
  #failure: { readonly cause: unknown } | undefined;

  constructor(limit: number, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Items that wait to be read. */
  get depth(): number {
    return this.#items.length;
  }

  /** Whether nothing waits to be read. */
  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** Throws where the queue was ended because its reader was too far behind, or by a fault. */
  throwIfBroken(): void {
    if (this.#failure !== undefined) {
      const text = "the stream was ended by a fault of this service; resume with the last resume_token received";
      throw new RuntimeError("unavailable", text, this.#failure);
    }
    if (this.#overflowed) {
      throw new RuntimeError(
        "resource_exhausted",
        `the stream was ended because more than ${this.#limit} messages waited for its reader; resume with the last resume_token received`,
      );
    }
  }

  /** Takes an item, or ends the queue where the reader is too far behind. */
  send(item: T): void {
    if (this.#ended) {
      return;
    }
    if (this.#items.length >= this.#limit) {
      this.#overflowed = true;
      this.end();
      return;
    }
    this.#items.push(item);
    this.#wake?.();
  }

  /** What was sent can still be read. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** An item is missing: what was sent before it can still be read. */
  fail(cause: unknown): void {
    this.#failure ??= { cause };
    this.end();
  }

  /** The next item; SILENCE after `timeoutMs` of wall time without one. One call at a time. */
  async next(timeoutMs: number): Promise<T | typeof SILENCE | typeof ENDED> {
    if (this.#items.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(timeoutMs, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
      this.#wake = undefined;
    }
    const item = this.#items.shift();
    return item ?? (this.#ended ? ENDED : SILENCE);
  }
}
