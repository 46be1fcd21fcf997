import { errorText } from "../../domain/errors.ts";
import type { Timeframe } from "../../domain/timeframe.ts";
import type { Clock } from "../../ports/clock.ts";
import type { MarketData, MarketEvent } from "../../ports/market-data.ts";
import type { Observer } from "../../ports/observer.ts";

/** Wall time until a broken subscription is tried again. */
const RETRY_MS = 1_000;

export interface FeedLoopOptions {
  readonly market: MarketData;
  readonly clock: Clock;
  readonly observer: Observer;
  /** What to subscribe to now. */
  readonly series: () => readonly { readonly symbol: string; readonly timeframe: Timeframe }[];
  /** A subscription is open: what closed before it, and since the last one, will not be sent. */
  readonly onSubscribed: () => void;
  /** Takes one event; the next is asked for once it resolves, at once where there is nothing to wait for. */
  readonly on: (event: MarketEvent) => Promise<void> | undefined;
}

/** Follows the feed: subscribes, and again whenever the series change or the subscription breaks. */
export class FeedLoop {
  readonly #options: FeedLoopOptions;
  #subscription = new AbortController();
  #closed = false;
  #ended = false;
  #fault: string | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: FeedLoopOptions) {
    this.#options = options;
  }

  /** Why the feed's events do not come, where they do not. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Whether the feed's data has ended, as a replay's does. */
  get ended(): boolean {
    return this.#ended;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** The series have changed. */
  resubscribe(): void {
    this.#subscription.abort();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#subscription.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#closed && !this.#ended) {
      this.#subscription = new AbortController();
      const { signal } = this.#subscription;
      const series = this.#options.series();
      if (series.length === 0) {
        await aborted(signal);
        continue;
      }
      try {
        this.#ended = await this.#follow(series, signal);
      } catch (error) {
        if (!signal.aborted) {
          await this.#broke(error, signal);
        }
      }
    }
  }

  /** Whether the data has ended. */
  async #follow(series: ReturnType<FeedLoopOptions["series"]>, signal: AbortSignal): Promise<boolean> {
    const events = this.#options.market.subscribe(series, signal);
    this.#options.onSubscribed();
    for await (const event of events) {
      this.#recovered();
      const work = this.#options.on(event);
      if (work !== undefined) {
        await work;
      }
      if (signal.aborted) {
        break;
      }
    }
    return !signal.aborted;
  }

  async #broke(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, observer } = this.#options;
    this.#fault = `the market data feed broke off: ${errorText(error)}`;
    observer.observe({ kind: "fault", what: "market data", error });
    await new Promise<void>((resolve) => {
      const cancel = clock.after(RETRY_MS, resolve);
      const stop = () => {
        cancel();
        resolve();
      };
      signal.addEventListener("abort", stop, { once: true });
    });
  }

  #recovered(): void {
    if (this.#fault !== undefined) {
      this.#fault = undefined;
      this.#options.observer.observe({ kind: "recovered", what: "market data" });
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
