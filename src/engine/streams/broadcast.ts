import type { OnThrown } from "../../domain/guarded.ts";

/** Hears of each item. What `take` throws ends its listening alone, and is told to `failed`. */
export interface Listener<T> {
  take(item: T): void;
  failed(error: unknown): void;
}

/** Hands each item to all that listen at that moment, in order of their coming. */
export class Broadcast<T> {
  readonly #listeners = new Set<Listener<T>>();
  readonly #onThrown: OnThrown;

  constructor(onThrown: OnThrown) {
    this.#onThrown = onThrown;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  send(item: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener.take(item);
      } catch (error) {
        this.#onThrown(error);
        this.#listeners.delete(listener);
        listener.failed(error);
      }
    }
  }

  /** An item could not be sent: nobody may go on as if there had been none. */
  fail(error: unknown): void {
    for (const listener of [...this.#listeners]) {
      this.#listeners.delete(listener);
      listener.failed(error);
    }
  }

  /** Answers with what ends the listening. */
  listen(listener: Listener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
