import { type BinanceMarketData, type BinanceOptions, binance } from "../../../src/adapters/binance/binance.ts";
import type { VenueEvent } from "../../../src/adapters/binance/venue/venue-event.ts";
import { closeTime } from "../../../src/domain/bar.ts";
import type { Timeframe } from "../../../src/domain/timeframe.ts";
import type { MarketEvent } from "../../../src/ports/market-data.ts";
import { FakeExchange, type FakeExchangeOptions } from "../../fake-exchange/fake-exchange.ts";
import { ManualClock, settled } from "../../manual-clock.ts";

export const START = Date.UTC(2026, 2, 14, 15, 9, 26, 535);
export const MINUTE = 60_000;
/**
 * The venue pings as often; no step of time is longer, or the adapter would rightly take it for
 * dead.
 */
const LONGEST_STEP_MS = 20_000;
const TICK_MS = 250;
const PATIENCE_MS = 10_000;

export interface RigOptions {
  readonly exchange?: Partial<FakeExchangeOptions>;
  readonly feed?: Partial<BinanceOptions>;
  /** Whether the feed is ready already. */
  readonly isReady?: boolean;
}

/** The adapter at the fake exchange, over real sockets, in time that moves by hand for both. */
export class Rig {
  readonly clock: ManualClock;
  readonly exchange: FakeExchange;
  readonly feed: BinanceMarketData;
  readonly events: VenueEvent[];

  private constructor(clock: ManualClock, exchange: FakeExchange, feed: BinanceMarketData, events: VenueEvent[]) {
    this.clock = clock;
    this.exchange = exchange;
    this.feed = feed;
    this.events = events;
  }

  static async open({ exchange: fake = {}, feed: options = {}, isReady = true }: RigOptions = {}): Promise<Rig> {
    const clock = new ManualClock(START);
    const exchange = new FakeExchange({ clock, symbols: ["BTCUSDT", "ETHUSDT"], ...fake });
    await exchange.start();
    const events: VenueEvent[] = [];
    const { restUrl, wsUrl } = exchange;
    const observe = (event: VenueEvent) => events.push(event);
    const feed = binance({ restUrl, wsUrl, clock, random: () => 0.5, settleMs: 0, observe, ...options });
    if (isReady) {
      await feed.ready();
    }
    return new Rig(clock, exchange, feed, events);
  }

  async close(): Promise<void> {
    await this.feed.close();
    await this.exchange.close();
  }

  /**
   * Time passes in small steps; after each, what closed goes out and everything under way comes to
   * rest.
   */
  async pass(ms: number): Promise<void> {
    await this.quiet();
    for (let left = ms; left > 0; ) {
      const toMinute = MINUTE - (this.exchange.market.now() % MINUTE);
      const step = Math.min(left, toMinute, this.feed.stats().pending > 0 ? TICK_MS : LONGEST_STEP_MS);
      await this.clock.elapse(step);
      left -= step;
      await this.quiet();
      await this.exchange.emit();
      await this.quiet();
    }
  }

  /** Time passes until the next full minute has come. */
  passToMinute(): Promise<void> {
    return this.pass(MINUTE - (this.exchange.market.now() % MINUTE));
  }

  /** Resolves when no answer of the exchange is awaited, and all that it sent was read. */
  async quiet(): Promise<void> {
    await eventually(async () => {
      await settled();
      await this.exchange.flush();
      await settled();
      return this.feed.stats().awaited === 0;
    }, "the feed still awaits an answer");
  }

  kinds(): readonly string[] {
    return this.events.map(({ kind }) => kind);
  }
}

/** Looks again until it holds. Fails after ten seconds. */
export async function eventually(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > until) {
      throw new Error(`${what}, after ${PATIENCE_MS} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Follows series and keeps what comes. */
export class Listener {
  readonly events: MarketEvent[] = [];
  readonly #controller = new AbortController();
  readonly #reading: Promise<void>;

  constructor(rig: Rig, series: readonly { symbol: string; timeframe: Timeframe }[]) {
    this.#reading = this.#read(rig, series);
  }

  async #read(rig: Rig, series: readonly { symbol: string; timeframe: Timeframe }[]): Promise<void> {
    for await (const event of rig.feed.subscribe(series, this.#controller.signal)) {
      this.events.push(event);
    }
  }

  /** "BTCUSDT 1m 15:11", with "corrected" where it is; or the kind and its symbols. */
  get lines(): readonly string[] {
    return this.events.map((event) => {
      switch (event.kind) {
        case "bar": {
          const close = new Date(closeTime(event.bar, event.timeframe)).toISOString().slice(11, 19);
          return `${event.symbol} ${event.timeframe} ${close}${event.correction ? " corrected" : ""}`;
        }
        case "interrupted":
          return `interrupted ${event.symbols.join(",")}`;
        default:
          return event.kind;
      }
    });
  }

  async end(): Promise<void> {
    this.#controller.abort();
    await this.#reading;
  }
}

export function series(timeframe: Timeframe, ...symbols: readonly string[]) {
  return (symbols.length === 0 ? ["BTCUSDT"] : symbols).map((symbol) => ({ symbol, timeframe }));
}
