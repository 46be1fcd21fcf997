import type { MarketEvent } from "../../../ports/market-data.ts";

const END: IteratorReturnResult<undefined> = { done: true, value: undefined };

interface Waiter {
  readonly resolve: (result: IteratorResult<MarketEvent>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One subscription's queue of events, and the iterator over it. Past its bound, one `interrupted`
 * takes the place of what it held.
 */
export class Reader implements AsyncIterator<MarketEvent> {
  readonly #limit: number;
  readonly #onEnd: () => void;
  #queue: MarketEvent[] = [];
  #waiters: Waiter[] = [];
  #fault: { readonly error: unknown } | undefined;
  #isOver = false;

  constructor(limit: number, onEnd: () => void) {
    this.#limit = limit;
    this.#onEnd = onEnd;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  deliver(event: MarketEvent): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: event });
    } else if (!this.#isOver && this.#queue.push(event) > this.#limit) {
      const symbols = [...new Set(this.#queue.flatMap(symbolsOf))];
      const reason = `more than ${this.#limit} events were not read`;
      this.#queue = [{ kind: "interrupted", symbols, reason }];
    }
  }

  /** Ends with this error, told once. */
  fail(error: unknown): void {
    if (this.#isOver) {
      return;
    }
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      this.#fault = { error };
    } else {
      waiter.reject(error);
    }
    this.#finish();
  }

  /** Ends at once: what was not read is dropped. */
  end(): void {
    this.#fault = undefined;
    this.#finish();
  }

  next(): Promise<IteratorResult<MarketEvent>> {
    const event = this.#queue.shift();
    if (event !== undefined) {
      return Promise.resolve({ done: false, value: event });
    }
    if (this.#fault !== undefined) {
      const { error } = this.#fault;
      this.#fault = undefined;
      return Promise.reject(error);
    }
    if (this.#isOver) {
      return Promise.resolve(END);
    }
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<MarketEvent>> {
    this.end();
    return Promise.resolve(END);
  }

  #finish(): void {
    this.#queue = [];
    for (const { resolve } of this.#waiters.splice(0)) {
      resolve(END);
    }
    if (!this.#isOver) {
      this.#isOver = true;
      this.#onEnd();
    }
  }
}

function symbolsOf(event: MarketEvent): readonly string[] {
  switch (event.kind) {
    case "bar":
      return [event.symbol];
    case "interrupted":
      return event.symbols;
    case "complete":
      return [];
    default:
      return event satisfies never;
  }
}
