import { type Bar, closeTime } from "../../src/domain/bar.ts";
import type { Timeframe } from "../../src/domain/timeframe.ts";
import type { MarketData, MarketEvent } from "../../src/ports/market-data.ts";

/**
 * A feed that sends a bar when it is told, as live feeds do: it never says that a close is
 * complete.
 */
export class HandFeed {
  readonly market: MarketData;
  /** The engine asks for bars. */
  readonly subscribed: Promise<void>;
  readonly #timeframe: Timeframe;
  readonly #queue: MarketEvent[] = [];
  #now: number;
  #prices = new Map<string, number>();
  /** The reader that waits for the next event. */
  #deliver: ((result: IteratorResult<MarketEvent, undefined>) => void) | undefined;
  #onTaken: (() => void) | undefined;

  /** `history`: the bars of a symbol that closed before the first that is sent. */
  constructor(timeframe: Timeframe, now: number, history: (symbol: string) => readonly Bar[]) {
    this.#timeframe = timeframe;
    this.#now = now;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.subscribed = promise;
    this.market = {
      source: "bench",
      async ready() {},
      now: () => this.#now,
      history: async (symbol, _timeframe, count) => history(symbol).slice(-count),
      price: async (symbol) => ({ price: this.#prices.get(symbol) ?? 1, time: this.#now }),
      subscribe: (_series, signal) => {
        resolve();
        return this.#events(signal);
      },
      async close() {},
    };
  }

  /** Market time moves to the bar's close, and the bar is there. */
  send(symbol: string, bar: Bar): void {
    this.#now = closeTime(bar, this.#timeframe);
    this.#prices.set(symbol, bar.close);
    const event = { kind: "bar", symbol, timeframe: this.#timeframe, bar } as const;
    const deliver = this.#deliver;
    if (deliver === undefined) {
      this.#queue.push(event);
    } else {
      this.#deliver = undefined;
      deliver({ done: false, value: event });
    }
  }

  /** The engine has taken all that was sent, and waits for more. */
  taken(): Promise<void> {
    return new Promise((resolve) => {
      this.#onTaken = resolve;
    });
  }

  #events(signal: AbortSignal): AsyncIterable<MarketEvent> {
    const end = { done: true, value: undefined } as const;
    const next = (): Promise<IteratorResult<MarketEvent, undefined>> => {
      const event = this.#queue.shift();
      if (event !== undefined || signal.aborted) {
        return Promise.resolve(event === undefined ? end : { done: false, value: event });
      }
      this.#onTaken?.();
      this.#onTaken = undefined;
      return new Promise((resolve) => {
        this.#deliver = resolve;
      });
    };
    signal.addEventListener("abort", () => this.#deliver?.(end), { once: true });
    return { [Symbol.asyncIterator]: () => ({ next, return: async () => end }) };
  }
}
