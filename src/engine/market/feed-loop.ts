import { errorText } from "../../domain/errors.ts";
import { guarded } from "../../domain/guarded.ts";
import type { Timeframe } from "../../domain/timeframe.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Asker, MarketData, MarketEvent } from "../../ports/market-data.ts";
import { type Observer, thrownIn } from "../../ports/observer.ts";

/** Wall time until a broken subscription is tried again. */
const RETRY_MS = 1_000;

export interface FeedLoopOptions {
  readonly market: MarketData;
  readonly clock: Clock;
  readonly observer: Observer;
  /** What to subscribe to now. */
  readonly series: () => readonly { readonly symbol: string; readonly timeframe: Timeframe; readonly asker?: Asker }[];
  /** A subscription is open: what closed before it, and since the last one, will not be sent. */
  readonly onSubscribed: () => void;
  /**
   * Takes one event; the next is asked for once it resolves, at once where there is nothing to wait
   * for.
   */
  readonly on: (event: MarketEvent) => Promise<void> | undefined;
}

interface Subscription {
  readonly events: AsyncIterable<MarketEvent>;
  readonly controller: AbortController;
}

/**
 * Follows the feed: subscribes, and again whenever the series change or the subscription breaks.
 */
export class FeedLoop {
  readonly #options: FeedLoopOptions;
  /** None where there is nothing to subscribe to, or where the data has ended. */
  #subscription: Subscription | undefined;
  #isRenewing = false;
  #started = false;
  #closed = false;
  #fault: string | undefined;
  #loop: Promise<void> = Promise.resolve();
  #wake = () => {};

  constructor(options: FeedLoopOptions) {
    this.#options = options;
  }

  /** Why the feed's events do not come, where they do not. */
  get fault(): string | undefined {
    return this.#fault;
  }

  start(): void {
    this.#started = true;
    this.#renew();
    this.#loop = this.#run();
  }

  /** The series have changed; changes of one moment are subscribed to together. */
  resubscribe(): void {
    if (this.#started && !this.#isRenewing) {
      this.#isRenewing = true;
      queueMicrotask(() => {
        this.#isRenewing = false;
        this.#tryToRenew();
      });
    }
  }

  async stop(): Promise<void> {
    this.#closed = true;
    this.#subscription?.controller.abort();
    this.#wake();
    await this.#loop;
  }

  #tryToRenew(): void {
    try {
      this.#renew();
    } catch (error) {
      thrownIn(this.#options.observer, "feed")(error);
      this.#options.clock.after(RETRY_MS, () => this.resubscribe());
    }
  }

  /** Opens the next subscription before the one before ends: no close falls between the two. */
  #renew(): void {
    if (this.#closed) {
      return;
    }
    const before = this.#subscription;
    const series = this.#options.series();
    this.#subscription = undefined;
    if (series.length > 0) {
      const controller = new AbortController();
      this.#subscription = { events: this.#subscribe(series, controller.signal), controller };
      guarded(() => this.#options.onSubscribed(), thrownIn(this.#options.observer, "feed"));
    }
    before?.controller.abort();
    this.#wake();
  }

  #subscribe(series: ReturnType<FeedLoopOptions["series"]>, signal: AbortSignal): AsyncIterable<MarketEvent> {
    try {
      return this.#options.market.subscribe(series, signal);
    } catch (error) {
      // Told where any other break is.
      return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
    }
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const subscription = this.#subscription;
      if (subscription === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const { signal } = subscription.controller;
      try {
        await this.#follow(subscription);
        if (!signal.aborted) {
          // The data has ended.
          this.#subscription = undefined;
        }
      } catch (error) {
        if (!signal.aborted) {
          await this.#broke(error, signal);
        }
        if (!signal.aborted) {
          this.#tryToRenew();
        }
      }
    }
  }

  async #follow({ events, controller }: Subscription): Promise<void> {
    for await (const event of events) {
      this.#recovered();
      const work = this.#options.on(event);
      if (work !== undefined) {
        await work;
      }
      if (controller.signal.aborted) {
        break;
      }
    }
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
