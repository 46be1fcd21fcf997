import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Bar, barFault, closeTime, mergeBars } from "../../src/domain/bar.ts";
import { lastClose, type Timeframe, timeframeMs } from "../../src/domain/timeframe.ts";
import type { MarketData, MarketEvent } from "../../src/ports/market-data.ts";

/** A feed to be tried, and the hands to try it with. */
export interface MarketRig {
  /** Not ready yet. */
  readonly feed: MarketData;
  /** Two symbols that the venue has. */
  readonly symbols: readonly [string, string];
  /** One that it has not. */
  readonly unknownSymbol: string;
  /** What the venue serves, short to long; each of the first two divides the next. */
  readonly timeframes: readonly [Timeframe, Timeframe, ...Timeframe[]];
  /** Whether it promises `complete` after the bars of a close time. */
  readonly completes: boolean;
  /** Lets so much market time pass, in ms, and everything that it sets off settle. */
  pass(ms: number): Promise<void>;
  /** Timers and the like that are waiting. */
  pending(): number;
}

type Series = { readonly symbol: string; readonly timeframe: Timeframe };
type BarEvent = Extract<MarketEvent, { kind: "bar" }>;

/**
 * What every MarketData does, a case for each sentence of the port's comment. `open` gives a fresh
 * rig for each.
 */
export function marketDataContract(name: string, open: () => Promise<MarketRig>): void {
  describe(`${name} is market data`, () => {
    let rig: MarketRig;
    let feed: MarketData;
    let symbol: string;
    let short: Timeframe;
    let long: Timeframe;
    beforeEach(async () => {
      rig = await open();
      feed = rig.feed;
      [symbol] = rig.symbols;
      [short, long] = rig.timeframes;
      await feed.ready();
    });
    afterEach(() => feed.close());

    const everySeries = () => [long, short].flatMap((timeframe) => rig.symbols.map((s) => ({ symbol: s, timeframe })));
    /** A recording stands still while nobody reads; ended with the feed. */
    const listen = () => void drain(subscribe([{ symbol, timeframe: short }]));
    const subscribe = (series: readonly Series[], signal = new AbortController().signal) =>
      feed.subscribe(series, signal)[Symbol.asyncIterator]();

    it("has a source", () => {
      expect(feed.source).toMatch(/^[a-z]+$/);
    });

    it("has a time that never goes back and goes on", async () => {
      listen();
      const before = feed.now();
      let last = before;
      for (let i = 0; i < 20; i++) {
        await rig.pass(777);
        expect(feed.now()).toBeGreaterThanOrEqual(last);
        last = feed.now();
      }
      expect(last).toBeGreaterThan(before);
    });

    it("refuses unknown symbols with not_found", async () => {
      const fault = { code: "not_found", message: expect.stringContaining(rig.unknownSymbol) };
      await expect(feed.history(rig.unknownSymbol, short, 1)).rejects.toMatchObject(fault);
      await expect(feed.price(rig.unknownSymbol)).rejects.toMatchObject(fault);
      await expect(subscribe([{ symbol: rig.unknownSymbol, timeframe: short }]).next()).rejects.toMatchObject(fault);
    });

    it("gives valid, aligned bars, oldest first and without duplicates", async () => {
      for (const timeframe of rig.timeframes) {
        const bars = await feed.history(symbol, timeframe, 50);
        expect(bars.length, timeframe).toBeGreaterThan(10);
        for (const [i, bar] of bars.entries()) {
          expect(barFault(bar)).toBeUndefined();
          expect(lastClose(bar.openTime, timeframe)).toBe(bar.openTime);
          expect(bar.openTime).toBeGreaterThan(bars[i - 1]?.openTime ?? 0);
        }
      }
    });

    it("has closed bars only in its history, up to the newest", async () => {
      listen();
      for (let i = 0; i < 5; i++) {
        await rig.pass(timeframeMs(short) * 0.7);
        const newest = (await feed.history(symbol, short, 3)).at(-1) as Bar;
        expect(closeTime(newest, short)).toBe(lastClose(feed.now(), short));
        const asked = await feed.history(symbol, short, 3, feed.now() + timeframeMs("1d"));
        expect(asked.at(-1)).toEqual(newest);
      }
    });

    it("gives the newest bars that closed at or before `until`, whatever the window", async () => {
      const all = await feed.history(symbol, short, 300);
      const first = all[0] as Bar;
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 40 }),
          fc.double({ min: 0, max: 1, noNaN: true }),
          async (n, part) => {
            const until = Math.floor(first.openTime + part * (feed.now() - first.openTime));
            const closed = all.filter((bar) => closeTime(bar, short) <= until);
            const got = await feed.history(symbol, short, n, until);
            const known = n === 0 ? [] : closed.slice(-n);
            expect(got.slice(got.length - known.length)).toEqual(known);
            expect(got.length).toBeLessThanOrEqual(n);
          },
        ),
        { numRuns: 50 },
      );
      const last = all.at(-1) as Bar;
      expect((await feed.history(symbol, short, 1, closeTime(last, short)))[0]).toEqual(last);
      expect((await feed.history(symbol, short, 1, closeTime(last, short) - 1))[0]).not.toEqual(last);
    });

    it("gives fewer bars where the venue has fewer", async () => {
      const longest = rig.timeframes.at(-1) as Timeframe;
      const all = await feed.history(symbol, longest, 1_000_000);
      expect(all.length).toBeLessThan(1_000_000);
      expect(await feed.history(symbol, longest, 5, (all[0] as Bar).openTime)).toEqual([]);
    });

    it("makes longer bars of what its shorter bars hold", async () => {
      for (const [i, from] of rig.timeframes.entries()) {
        for (const to of rig.timeframes.slice(i + 1)) {
          const ratio = timeframeMs(to) / timeframeMs(from);
          if (Number.isInteger(ratio) && ratio <= 5000) {
            const parts = await feed.history(symbol, from, ratio * 3);
            for (const bar of (await feed.history(symbol, to, 2)).slice(-2)) {
              const inside = parts.filter((p) => lastClose(p.openTime, to) === bar.openTime);
              expectMerged(bar, { ...mergeBars(inside), openTime: bar.openTime });
            }
          }
        }
      }
    });

    it("has no delays to tell of while all is well", async () => {
      const events = subscribe(everySeries());
      for (let i = 0; i < 5; i++) {
        await rig.pass(timeframeMs(short));
        expect(feed.delays?.() ?? []).toEqual([]);
      }
      await events.return?.();
    });

    it("has a current price with its time", async () => {
      const { price, time } = await feed.price(symbol);
      expect(price).toBeGreaterThan(0);
      expect(time).toBeLessThanOrEqual(feed.now());
      expect(time).toBeGreaterThan(feed.now() - timeframeMs(short));
    });

    it("sends what closes after the subscription, though it is read later, and equal to the history", async () => {
      await rig.pass(timeframeMs(long) - (feed.now() % timeframeMs(long)));
      const from = feed.now();
      const events = subscribe(everySeries());
      await rig.pass(timeframeMs(long) * 3);
      const bars: BarEvent[] = [];
      const reading = readBars(events, bars);
      await rig.pass(0);
      const expected = await closedIn(feed, everySeries(), from, feed.now());
      expect(expected.length).toBeGreaterThan(8);
      expect(bars.map(keyOf).sort()).toEqual(expected.map(keyOf).sort());
      await events.return?.();
      await reading;
    });

    it("says first that what closed before the subscription is complete, where it says so at all", async () => {
      const from = feed.now();
      const events = subscribe(everySeries());
      await rig.pass(timeframeMs(long) * 3);
      if (rig.completes) {
        expect((await events.next()).value).toEqual({ kind: "complete", time: from });
      }
      await events.return?.();
    });

    it("lets market time pass no close that a subscription still reads, where it completes them", async () => {
      const events = subscribe(everySeries());
      const other = drain(subscribe([{ symbol, timeframe: short }]));
      let reached = feed.now();
      for (let read = 0; rig.completes && read < 3; ) {
        const { value } = await events.next();
        reached = value.kind === "bar" ? closeTime(value.bar, value.timeframe) : value.time;
        await rig.pass(timeframeMs(long) * 3);
        expect(feed.now()).toBe(reached);
        read += value.kind === "complete" ? 1 : 0;
      }
      await events.return?.();
      await feed.close();
      await other;
    });

    it("sends bars in market-time order and never before they closed", async () => {
      const from = feed.now();
      const seen: { readonly close: number; readonly key: string; readonly now: number }[] = [];
      let completed = Number.NEGATIVE_INFINITY;
      const events = subscribe(everySeries());
      const reading = read(events, (event) => {
        if (event.kind === "bar") {
          const close = closeTime(event.bar, event.timeframe);
          // After a `complete`, none older comes.
          expect(close).toBeGreaterThan(completed);
          seen.push({ close, key: `${event.symbol} ${event.timeframe}`, now: feed.now() });
        } else if (event.kind === "complete") {
          expect(event.time).toBeGreaterThan(completed);
          completed = event.time;
        }
      });
      await rig.pass(timeframeMs(long) * 3);
      const until = feed.now();
      await events.return?.();
      await reading;
      const expected = await closedIn(feed, everySeries(), from, until);
      expect(seen.length).toBe(expected.length);
      for (const { close, now } of seen) {
        expect(close).toBeGreaterThan(from);
        expect(close).toBeLessThanOrEqual(now);
      }
      for (const key of new Set(seen.map((s) => s.key))) {
        const closes = seen.filter((s) => s.key === key).map((s) => s.close);
        expect(closes).toEqual([...new Set(closes)].sort((a, b) => a - b));
      }
      if (rig.completes) {
        expect(completed).toBe(lastClose(until, short));
        expect(seen).toEqual(seen.toSorted((a, b) => a.close - b.close));
      }
    });

    it("keeps one subscription apart from another", async () => {
      const from = feed.now();
      const subscribed = [1, 2].map(() => subscribe([{ symbol, timeframe: short }]));
      const read = subscribed.map(() => [] as BarEvent[]);
      const reading = subscribed.map((events, n) => readBars(events, read[n] as BarEvent[]));
      await rig.pass(timeframeMs(short) * 3);
      await subscribed[0]?.return?.();
      await rig.pass(timeframeMs(short) * 3);
      const expected = await closedIn(feed, [{ symbol, timeframe: short }], from, feed.now());
      const first = (read[0] as BarEvent[]).length;
      expect(first).toBeGreaterThan(1);
      expect(first).toBeLessThan(expected.length);
      expect(read[0]?.map(keyOf)).toEqual(expected.slice(0, first).map(keyOf));
      expect(read[1]?.map(keyOf)).toEqual(expected.map(keyOf));
      await subscribed[1]?.return?.();
      await Promise.all(reading);
    });

    it("ends a subscription when the signal aborts, while it waits and before it is read", async () => {
      const idle = rig.pending();
      const controller = new AbortController();
      const waiting = subscribe([{ symbol, timeframe: long }], controller.signal);
      const unread = subscribe([{ symbol, timeframe: long }], controller.signal);
      const end = drain(waiting);
      controller.abort();
      await end;
      expect(await unread.next()).toEqual({ done: true, value: undefined });
      expect(await subscribe([{ symbol, timeframe: long }], controller.signal).next()).toMatchObject({ done: true });
      expect(rig.pending()).toBe(idle);
    });

    it("unsubscribes when the iterator returns, while it waits, too", async () => {
      const idle = rig.pending();
      const events = subscribe([{ symbol, timeframe: long }]);
      const end = drain(events);
      await events.return?.();
      await end;
      expect(await events.next()).toEqual({ done: true, value: undefined });
      expect(rig.pending()).toBe(idle);
    });

    it("ends subscriptions when closed, which is idempotent", async () => {
      const end = drain(subscribe([{ symbol, timeframe: long }]));
      await feed.close();
      await end;
      await feed.close();
      expect(rig.pending()).toBe(0);
    });
  });
}

/** Prices are equal to the bit; sums of volumes may have been added in another order. */
function expectMerged(bar: Bar, merged: Bar): void {
  expect({ ...bar, volume: 0 }).toEqual({ ...merged, volume: 0 });
  expect(Math.abs(bar.volume - merged.volume)).toBeLessThanOrEqual(1e-12 * merged.volume);
}

/** The bars that history has of these series with `from < close <= until`, as events. */
async function closedIn(feed: MarketData, series: readonly Series[], from: number, until: number): Promise<BarEvent[]> {
  const events: BarEvent[] = [];
  for (const { symbol, timeframe } of series) {
    for (const bar of await feed.history(symbol, timeframe, 1000, until)) {
      if (closeTime(bar, timeframe) > from) {
        events.push({ kind: "bar", symbol, timeframe, bar });
      }
    }
  }
  return events;
}

function keyOf({ symbol, timeframe, bar }: BarEvent): string {
  return JSON.stringify([symbol, timeframe, bar]);
}

/** Reads to the end, and keeps the bars. */
function readBars(events: AsyncIterator<MarketEvent>, bars: BarEvent[]): Promise<void> {
  return read(events, (event) => {
    if (event.kind === "bar") {
      bars.push(event);
    }
  });
}

async function read(events: AsyncIterator<MarketEvent>, see: (event: MarketEvent) => void): Promise<void> {
  for (let result = await events.next(); !result.done; result = await events.next()) {
    see(result.value);
  }
}

/** Resolves when the subscription has ended, whatever it sends before. */
function drain(events: AsyncIterator<MarketEvent>): Promise<void> {
  return read(events, () => {});
}
