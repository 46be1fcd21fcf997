import { RuntimeError } from "../domain/errors.ts";
import type { Clock } from "../ports/clock.ts";

/** Said by `Channel.next` where nothing came in time. */
export const SILENCE: unique symbol = Symbol("silence");
/** Said by `Channel.next` once the channel has ended. */
export const ENDED: unique symbol = Symbol("ended");

/** A bounded queue between one sender that never waits and one reader that does. */
export class Channel<T> {
  readonly #limit: number;
  readonly #clock: Clock;
  #items: T[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #overflowed = false;

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

  /** Throws where the channel was ended because its reader was too far behind. */
  throwIfOverflowed(): void {
    if (this.#overflowed) {
      throw new RuntimeError(
        "resource_exhausted",
        `the stream was ended because more than ${this.#limit} messages waited for its reader; resume with the last resume_token received`,
      );
    }
  }

  /** Takes an item, or ends the channel where the reader is too far behind. */
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

/** Hands each item to all that listen at that moment, in order of their coming. */
export class Broadcast<T> {
  readonly #listeners = new Set<(item: T) => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  send(item: T): void {
    for (const listener of [...this.#listeners]) {
      listener(item);
    }
  }

  /** Answers with what ends the listening. */
  listen(listener: (item: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Runs tasks one after the other, in the order of their coming, one that has nothing to wait for at once; a failure stops no later one. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();
  #open = 0;

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#open === 0 ? task() : this.#last.then(task);
    this.#open++;
    const end = (): void => {
      this.#open--;
    };
    // Never rejects.
    this.#last = result.then(end, end);
    return result;
  }
}

/** Lets at most `width` tasks run at a time, the others in the order of their coming. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(width: number) {
    this.#free = width;
  }

  async run(task: () => Promise<void>): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
    } else {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#free++;
      } else {
        next();
      }
    }
  }
}

/** Runs `task` for each item, at most `width` at a time; rejects with the first failure once all that started have ended. */
export async function forEachBounded<T>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const remaining = items[Symbol.iterator]();
  const worker = async () => {
    for (const item of remaining) {
      await task(item);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, worker));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) {
    throw failed.reason;
  }
}
