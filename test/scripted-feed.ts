import { type Bar, closeTime } from "../src/domain/bar.ts";
import { RuntimeError } from "../src/domain/errors.ts";
import { type Timeframe, timeframeMs } from "../src/domain/timeframe.ts";
import type { Clock } from "../src/ports/clock.ts";
import type { MarketData, MarketEvent } from "../src/ports/market-data.ts";

type Key = { readonly symbol: string; readonly timeframe: Timeframe };

/** A venue whose every word is written by the test. Market time is the clock's. */
export interface ScriptedFeed extends MarketData {
  /**
   * Bars that the history holds from now on, in place of those with the same open time; nothing is
   * sent.
   */
  record(symbol: string, timeframe: Timeframe, bars: readonly Bar[]): void;
  /** Takes bars out of the history. */
  forget(symbol: string, timeframe: Timeframe, openTimes: readonly number[]): void;
  /** Hands an event to all who subscribed to its series. */
  send(event: MarketEvent): void;
  setPrice(symbol: string, price: number, time: number): void;
  /** What asking the history throws, until undefined again. */
  historyFault: ((key: Key) => Error | undefined) | undefined;
  priceFault: Error | undefined;
  /** Breaks all subscriptions off with this error. */
  breakOff(error: Error): void;
  /** What is subscribed to now, by "SYMBOL timeframe". */
  readonly subscribed: readonly string[];
  /** How often the history, and the price, were asked. */
  readonly asked: { history: number; price: number };
  /** The data ends: every subscription does. */
  end(): void;
}

interface Subscription {
  readonly keys: ReadonlySet<string>;
  readonly events: MarketEvent[];
  fault: Error | undefined;
  over: boolean;
  wake: () => void;
}

const text = ({ symbol, timeframe }: Key): string => `${symbol} ${timeframe}`;

/** `symbols`: those that the venue has; any other is `not_found`, in a subscription as well. */
export function scriptedFeed(clock: Clock, symbols: readonly string[]): ScriptedFeed {
  const recorded = new Map<string, Map<number, Bar>>();
  const prices = new Map<string, { price: number; time: number }>();
  const subscriptions = new Set<Subscription>();
  const asked = { history: 0, price: 0 };

  const check = (symbol: string): void => {
    if (!symbols.includes(symbol)) {
      throw new RuntimeError("not_found", `the venue has no ${symbol}`);
    }
  };
  const barsOf = (key: Key): Map<number, Bar> => {
    const bars = recorded.get(text(key)) ?? new Map<number, Bar>();
    recorded.set(text(key), bars);
    return bars;
  };

  const feed: ScriptedFeed = {
    source: "scripted",
    historyFault: undefined,
    priceFault: undefined,
    asked,
    get subscribed() {
      return [...new Set([...subscriptions].flatMap(({ keys }) => [...keys]))].sort();
    },
    record(symbol, timeframe, bars) {
      const kept = barsOf({ symbol, timeframe });
      for (const bar of bars) {
        kept.set(bar.openTime, bar);
      }
    },
    forget(symbol, timeframe, openTimes) {
      for (const time of openTimes) {
        barsOf({ symbol, timeframe }).delete(time);
      }
    },
    send(event) {
      for (const subscription of subscriptions) {
        if (event.kind !== "bar" || subscription.keys.has(text(event))) {
          subscription.events.push(event);
          subscription.wake();
        }
      }
    },
    setPrice(symbol, price, time) {
      prices.set(symbol, { price, time });
    },
    breakOff(error) {
      for (const subscription of subscriptions) {
        subscription.fault = error;
        subscription.wake();
      }
    },
    end() {
      for (const subscription of subscriptions) {
        subscription.over = true;
        subscription.wake();
      }
    },
    async ready() {},
    now: () => clock.now(),
    async history(symbol, timeframe, count, until = Number.POSITIVE_INFINITY) {
      asked.history++;
      check(symbol);
      const fault = feed.historyFault?.({ symbol, timeframe });
      if (fault !== undefined) {
        throw fault;
      }
      const end = Math.min(until, clock.now());
      const closed = [...barsOf({ symbol, timeframe }).values()].filter((bar) => closeTime(bar, timeframe) <= end);
      return closed.sort((a, b) => a.openTime - b.openTime).slice(Math.max(0, closed.length - count));
    },
    async price(symbol) {
      asked.price++;
      check(symbol);
      const price = prices.get(symbol);
      if (feed.priceFault !== undefined || price === undefined) {
        throw feed.priceFault ?? new RuntimeError("unavailable", `${symbol} has no price yet`);
      }
      return price;
    },
    subscribe(series, signal) {
      for (const { symbol } of series) {
        check(symbol);
      }
      const keys = new Set(series.map(text));
      const subscription: Subscription = { keys, events: [], fault: undefined, over: signal.aborted, wake: () => {} };
      subscriptions.add(subscription);
      const stop = (): void => {
        subscription.over = true;
        subscription.wake();
      };
      signal.addEventListener("abort", stop, { once: true });
      return events(subscription, () => subscriptions.delete(subscription));
    },
    async close() {
      feed.end();
    },
  };
  return feed;
}

async function* events(subscription: Subscription, leave: () => void): AsyncGenerator<MarketEvent> {
  try {
    for (;;) {
      const event = subscription.over ? undefined : subscription.events.shift();
      if (event !== undefined) {
        yield event;
      } else if (subscription.fault !== undefined) {
        throw subscription.fault;
      } else if (subscription.over) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          subscription.wake = resolve;
        });
      }
    }
  } finally {
    leave();
  }
}

/**
 * Bars with these closes, one after the other, the first opening at `start`; each opens at the
 * close before it.
 */
export function barsFrom(start: number, timeframe: Timeframe, closes: readonly number[]): Bar[] {
  return closes.map((close, i) => {
    const open = closes[i - 1] ?? close;
    const openTime = start + i * timeframeMs(timeframe);
    return { openTime, open, high: Math.max(open, close), low: Math.min(open, close), close, volume: 10 };
  });
}
