import { simulated } from "../../src/adapters/simulated/simulated.ts";
import { type Bar, mergeBars } from "../../src/domain/bar.ts";
import { lastClose, type Timeframe, timeframeMs } from "../../src/domain/timeframe.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { MarketData } from "../../src/ports/market-data.ts";

export interface VenueMarketOptions {
  readonly clock: Clock;
  readonly symbols: readonly string[];
  /** The venue's time at the start, ms; wall time by default. */
  readonly startAt?: number;
  /** Nothing was traded before, ms. */
  readonly listedAt: number;
}

/**
 * What is traded at the fake exchange: the simulated market at the speed of the clock, with bars
 * that a test takes away or changes.
 */
export class VenueMarket {
  readonly symbols: readonly string[];
  readonly #market: MarketData;
  readonly #listedAt: number;
  /** By series and open time; undefined: missing. */
  readonly #changed = new Map<string, Bar | undefined>();

  constructor({ clock, symbols, startAt = clock.now(), listedAt }: VenueMarketOptions) {
    this.symbols = symbols;
    this.#market = simulated({ seed: 11, speed: 1, clock, startAt });
    this.#listedAt = listedAt;
  }

  ready(): Promise<void> {
    return this.#market.ready();
  }

  now(): number {
    return this.#market.now();
  }

  /** The venue lacks this bar. */
  remove(symbol: string, timeframe: Timeframe, openTime: number): void {
    this.#changed.set(`${symbol} ${timeframe} ${openTime}`, undefined);
  }

  change(symbol: string, timeframe: Timeframe, bar: Bar): void {
    this.#changed.set(`${symbol} ${timeframe} ${bar.openTime}`, bar);
  }

  /**
   * The newest `count` that opened by `lastOpen`; the last one may still be forming. Oldest first.
   */
  async newest(symbol: string, timeframe: Timeframe, count: number, lastOpen: number): Promise<readonly Bar[]> {
    const closed = lastClose(this.now(), timeframe);
    const until = Math.min(closed, lastClose(lastOpen, timeframe) + timeframeMs(timeframe));
    const bars = (await this.#market.history(symbol, timeframe, count, until)).filter(
      ({ openTime }) => openTime >= this.#listedAt,
    );
    const kept = bars.flatMap((bar) => this.#asChanged(symbol, timeframe, bar));
    const forming = lastOpen >= closed && until >= closed ? [await this.forming(symbol, timeframe)] : [];
    return [...kept, ...forming].slice(-count);
  }

  /** The one bar that opens then, if it has closed and is there. */
  async closedBar(symbol: string, timeframe: Timeframe, openTime: number): Promise<Bar | undefined> {
    return (await this.newest(symbol, timeframe, 1, openTime)).find(
      (bar) => bar.openTime === openTime && openTime + timeframeMs(timeframe) <= this.now(),
    );
  }

  /** The bar that has opened and not closed, of what was traded in it so far. */
  async forming(symbol: string, timeframe: Timeframe): Promise<Bar> {
    const openTime = lastClose(this.now(), timeframe);
    const parts: Bar[] = [];
    let from = openTime;
    for (const step of ["1h", "1m", "1s"] as const) {
      const until = lastClose(this.now(), step);
      const count = Math.max(0, Math.floor((until - from) / timeframeMs(step)));
      parts.push(...(await this.#market.history(symbol, step, count, until)));
      from += count * timeframeMs(step);
    }
    if (parts.length > 0) {
      return { ...mergeBars(parts), openTime };
    }
    const price = (await this.#market.price(symbol)).price;
    return { openTime, open: price, high: price, low: price, close: price, volume: 0 };
  }

  lastTrade(symbol: string): Promise<{ readonly price: number; readonly time: number }> {
    return this.#market.price(symbol);
  }

  #asChanged(symbol: string, timeframe: Timeframe, bar: Bar): readonly Bar[] {
    const key = `${symbol} ${timeframe} ${bar.openTime}`;
    return this.#changed.has(key) ? [this.#changed.get(key) ?? []].flat() : [bar];
  }
}

/** As the venue writes numbers: never with an exponent, eight digits behind the point or more. */
export function decimal(value: number): string {
  const text = String(value);
  if (!text.includes("e")) {
    const [whole, fraction = ""] = text.split(".");
    return `${whole}.${fraction.padEnd(8, "0")}`;
  }
  return value.toFixed(20);
}
