import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { simulated } from "../../../src/adapters/simulated/simulated.ts";
import { barFault, closeTime, mergeBars } from "../../../src/domain/bar.ts";
import { lastClose, TIMEFRAMES, timeframeMs } from "../../../src/domain/timeframe.ts";
import type { MarketData, MarketEvent } from "../../../src/ports/market-data.ts";
import { marketDataContract } from "../../contracts/market-data.ts";
import { ManualClock, settled } from "../../manual-clock.ts";

const START = Date.UTC(2026, 2, 14, 15, 9, 26, 535);

async function exchange(options: { seed?: number; speed?: number; startAt?: number; clock?: ManualClock } = {}) {
  const clock = options.clock ?? new ManualClock(START);
  const feed = simulated({ seed: 1, speed: 1, ...options, clock });
  await feed.ready();
  return { feed, clock };
}

marketDataContract("simulated", async () => {
  const clock = new ManualClock(START);
  const speed = 60;
  return {
    feed: simulated({ seed: 7, speed, clock }),
    symbols: ["BTCUSDT", "a-b_c.d/e:F"],
    unknownSymbol: "BTC USDT",
    timeframes: ["1m", "5m", "15m", "30m", "1h", "4h", "1d"],
    completes: true,
    pass: (ms) => clock.elapse(ms / speed),
    pending: () => clock.pending,
  };
});

const symbols = fc.constantFrom("BTCUSDT", "ETHUSDT", "SOLUSDT", "EURUSD", "X", "0", "some/other:thing");
const times = fc.integer({ min: Date.UTC(1971, 0), max: Date.UTC(2060, 0) });

describe("simulated bars", () => {
  it("make up every longer timeframe to the bit", async () => {
    const { feed } = await exchange({ startAt: Date.UTC(2061, 0) });
    const pairs = TIMEFRAMES.flatMap((from) => TIMEFRAMES.map((to) => ({ from, to }))).filter(({ from, to }) => {
      const ratio = timeframeMs(to) / timeframeMs(from);
      return ratio > 1 && Number.isInteger(ratio) && ratio <= 1440;
    });
    expect(pairs.length).toBeGreaterThan(60);
    for (const { from, to } of pairs) {
      await fc.assert(
        fc.asyncProperty(symbols, times, async (symbol, time) => {
          const until = lastClose(time, to);
          const [bar] = await feed.history(symbol, to, 1, until);
          const parts = await feed.history(symbol, from, timeframeMs(to) / timeframeMs(from), until);
          expect(bar).toStrictEqual(mergeBars(parts));
        }),
        { numRuns: 6 },
      );
    }
  });

  it("make up a day of 86,400 seconds to the bit", async () => {
    const { feed } = await exchange();
    const seconds = await feed.history("ETHUSDT", "1s", 86_400, lastClose(START, "1d"));
    expect(seconds.length).toBe(86_400);
    expect([mergeBars(seconds)]).toStrictEqual(await feed.history("ETHUSDT", "1d", 1));
  });

  it("are valid, open where the bar before closed, and lie on a grid of ticks", async () => {
    const { feed } = await exchange({ startAt: Date.UTC(2061, 0) });
    await fc.assert(
      fc.asyncProperty(symbols, times, fc.constantFrom(...TIMEFRAMES), async (symbol, time, timeframe) => {
        const bars = await feed.history(symbol, timeframe, 70, time);
        expect(bars.length).toBe(70);
        for (const [i, bar] of bars.entries()) {
          expect(barFault(bar)).toBeUndefined();
          expect(bar.open).toBe(bars[i - 1]?.close ?? bar.open);
          expect(String(bar.close)).toMatch(/^\d+(\.\d{1,8})?$/);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("are equal for equal seeds, whatever was asked for before, and differ for others", async () => {
    const one = (await exchange({ seed: 42 })).feed;
    const two = (await exchange({ seed: 42 })).feed;
    const other = (await exchange({ seed: 43 })).feed;
    for (const timeframe of TIMEFRAMES) {
      await two.history("SOLUSDT", timeframe, 13, START - 86_400_000 * 30);
      const bars = await one.history("SOLUSDT", timeframe, 100);
      expect(await two.history("SOLUSDT", timeframe, 100)).toStrictEqual(bars);
      expect(await other.history("SOLUSDT", timeframe, 100)).not.toEqual(bars);
    }
  });

  it("are equal when many other symbols were asked for in between", async () => {
    const { feed } = await exchange();
    const before = await feed.history("BTCUSDT", "1m", 10);
    for (let i = 0; i < 300; i++) {
      await feed.history(`S${i}`, "1d", 1);
    }
    expect(await feed.history("BTCUSDT", "1m", 10)).toStrictEqual(before);
  });

  it("stay what they were in the release before", async () => {
    // A replayed simulation must not change under its users: a new path is a breaking change, to be
    // said in the changelog.
    const { feed } = await exchange();
    expect(await feed.history("BTCUSDT", "1d", 1)).toMatchInlineSnapshot(`
      [
        {
          "close": 33706.3,
          "high": 36104.6,
          "low": 33506.5,
          "open": 34823.4,
          "openTime": 1773360000000,
          "volume": 37151.6787109375,
        },
      ]
    `);
    expect(await feed.history("BTCUSDT", "1s", 1)).toMatchInlineSnapshot(`
      [
        {
          "close": 33223.6,
          "high": 33225.1,
          "low": 33222.7,
          "open": 33222.7,
          "openTime": 1773500965000,
          "volume": 0.119140625,
        },
      ]
    `);
  });

  it("cost time in proportion to the bars asked for", async () => {
    const { feed } = await exchange();
    const began = performance.now();
    expect((await feed.history("BTCUSDT", "1d", 5000)).length).toBe(5000);
    expect((await feed.history("BTCUSDT", "30m", 5000)).length).toBe(5000);
    // Some 0.1 s where nothing else runs; a cost that grew with the square would be minutes.
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it("have prices near what their names suggest, and characters of their own", async () => {
    const { feed } = await exchange();
    const years = async (symbol: string) => {
      const bars = await feed.history(symbol, "1d", 1500);
      const closes = bars.map((bar) => bar.close).sort((a, b) => a - b);
      const moves = bars.map((bar) => Math.log(bar.high / bar.low)).sort((a, b) => a - b);
      return { price: closes[750] as number, move: moves[750] as number };
    };
    const [btc, eth, eur] = [await years("BTCUSDT"), await years("ETHUSDT"), await years("EURUSD")];
    expect(btc.price).toBeGreaterThan(15_000);
    expect(btc.price).toBeLessThan(300_000);
    expect(eth.price).toBeGreaterThan(600);
    expect(eth.price).toBeLessThan(20_000);
    expect(eur.price).toBeGreaterThan(0.7);
    expect(eur.price).toBeLessThan(1.6);
    expect(btc.move).toBeGreaterThan(3 * eur.move);
  });

  it.each(["1m", "1h"] as const)(
    "are lively on %s: RSI leaves 30..70 on either side, ranges vary in clusters",
    async (tf) => {
      const { feed } = await exchange();
      for (const symbol of ["BTCUSDT", "ETHUSDT", "SOLUSDT"]) {
        const bars = await feed.history(symbol, tf, 3000);
        const rsi = relativeStrength(bars.map((bar) => bar.close));
        expect(rsi.filter((value) => value < 30).length).toBeGreaterThan(30);
        expect(rsi.filter((value) => value > 70).length).toBeGreaterThan(30);
        expect(rsi.filter((value) => value > 30 && value < 70).length).toBeGreaterThan(2000);
        expect(correlationWithNext(bars.map((bar) => Math.log(bar.high / bar.low)))).toBeGreaterThan(0.2);
      }
    },
  );
});

describe("simulated market time", () => {
  it("starts at wall time or at startAt and runs at the speed given", async () => {
    const { feed, clock } = await exchange({ speed: 60 });
    expect(feed.now()).toBe(START);
    clock.advance(1500);
    expect(feed.now()).toBe(START + 90_000);
    expect((await exchange({ startAt: 1_000_000 })).feed.now()).toBe(1_000_000);
  });

  it("does not follow steps of the wall clock", async () => {
    const { feed, clock } = await exchange();
    clock.stepWall(-3_600_000);
    clock.advance(10);
    expect(feed.now()).toBe(START + 10);
  });

  it("gives the price of the tick that closed last", async () => {
    const { feed } = await exchange();
    const [tick] = await feed.history("BTCUSDT", "1s", 1);
    expect(await feed.price("BTCUSDT")).toEqual({ price: tick?.close, time: Math.floor(START / 1000) * 1000 });
  });

  it("sends a close time's bars by timeframe, then symbol as given, then complete", async () => {
    const { feed, clock } = await exchange({ startAt: Date.UTC(2026, 2, 14, 15, 59, 30) });
    const series = ["SOLUSDT", "BTCUSDT"].flatMap((symbol) =>
      (["1h", "1m", "1h"] as const).map((timeframe) => ({ symbol, timeframe })),
    );
    const events = await during(feed, series, () => clock.elapse(100_000));
    const four = Date.UTC(2026, 2, 14, 16);
    expect(events.map(brief)).toEqual([
      `complete ${four - 30_000}`,
      `SOLUSDT 1m ${four}`,
      `BTCUSDT 1m ${four}`,
      `SOLUSDT 1h ${four}`,
      `BTCUSDT 1h ${four}`,
      `complete ${four}`,
      `SOLUSDT 1m ${four + 60_000}`,
      `BTCUSDT 1m ${four + 60_000}`,
      `complete ${four + 60_000}`,
    ]);
  });

  it("sets one timer a close, and no more than one at a time", async () => {
    const { feed, clock } = await exchange({ speed: 3600 });
    let timers = 0;
    const schedule = clock.after.bind(clock);
    clock.after = (ms, task) => {
      timers++;
      return schedule(ms, task);
    };
    await during(feed, [{ symbol: "BTCUSDT", timeframe: "1h" }], async () => {
      await clock.elapse(10_000);
      expect(clock.pending).toBe(1);
    });
    expect(timers).toBeLessThanOrEqual(22);
    expect(clock.pending).toBe(0);
  });

  it("waits for very long without overflowing a timer", async () => {
    const { feed, clock } = await exchange({ speed: 0.001 });
    let longest = 0;
    const schedule = clock.after.bind(clock);
    clock.after = (ms, task) => {
      longest = Math.max(longest, ms);
      return schedule(ms, task);
    };
    const wait = 86_400_000 - (START % 86_400_000);
    const events = await during(feed, [{ symbol: "BTCUSDT", timeframe: "1d" }], () => clock.elapse(wait * 1000));
    expect(longest).toBeLessThan(2 ** 31);
    expect(events.length).toBe(3);
  });

  it("lets other work in while a reader catches up", async () => {
    const { feed, clock } = await exchange();
    const events = feed.subscribe([{ symbol: "BTCUSDT", timeframe: "1s" }], new AbortController().signal);
    clock.advance(1_000_000);
    let others = 0;
    setImmediate(() => others++);
    let count = 0;
    for await (const event of events) {
      count += event.kind === "bar" ? 1 : 0;
      if (count === 1000) {
        break;
      }
    }
    expect(others).toBe(1);
  });

  it("lets other work in between the histories of many symbols that are asked for at once", async () => {
    const { feed } = await exchange();
    let turns = 0;
    let isOver = false;
    const asked = Array.from({ length: 50 }, (_, i) => feed.history(`S${i}`, "1m", 10));
    const done = Promise.all(asked).then(() => {
      isOver = true;
    });
    while (!isOver) {
      await settled();
      turns++;
    }
    await done;
    expect(turns).toBeGreaterThan(40);
  });

  it("waits, rather than ends, with nothing subscribed", async () => {
    const { feed, clock } = await exchange();
    const controller = new AbortController();
    let ended = false;
    const reading = (async () => {
      for await (const event of feed.subscribe([], controller.signal)) {
        expect(event).toEqual({ kind: "complete", time: START });
      }
      ended = true;
    })();
    await clock.elapse(10_000_000);
    expect(ended).toBe(false);
    controller.abort();
    await reading;
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses speed %s", (speed) => {
    expect(() => simulated({ seed: 1, speed, clock: new ManualClock(START) })).toThrow(/speed .* must be finite/);
  });

  it("refuses a seed that is no number", () => {
    expect(() => simulated({ seed: Number.NaN, speed: 1, clock: new ManualClock(START) })).toThrow(/seed .* NaN/);
  });

  it("has no price before the epoch's first second", async () => {
    const { feed } = await exchange({ startAt: 500 });
    await expect(feed.price("BTCUSDT")).rejects.toMatchObject({ code: "unavailable" });
    expect(await feed.history("BTCUSDT", "1s", 5)).toEqual([]);
  });
});

async function during(
  feed: MarketData,
  series: Parameters<MarketData["subscribe"]>[0],
  act: () => Promise<void>,
): Promise<readonly MarketEvent[]> {
  const controller = new AbortController();
  const events: MarketEvent[] = [];
  const reading = (async () => {
    for await (const event of feed.subscribe(series, controller.signal)) {
      events.push(event);
    }
  })();
  await act();
  controller.abort();
  await reading;
  return events;
}

function brief(event: MarketEvent): string {
  return event.kind === "bar"
    ? `${event.symbol} ${event.timeframe} ${closeTime(event.bar, event.timeframe)}`
    : `${event.kind} ${event.kind === "complete" ? event.time : event.reason}`;
}

/**
 * RSI over 14 changes with Wilder's smoothing, written out here so that the feed is tried without
 * the engine.
 */
function relativeStrength(closes: readonly number[]): readonly number[] {
  let [gain, loss] = [0, 0];
  const values: number[] = [];
  for (let i = 1; i < closes.length; i++) {
    const change = (closes[i] as number) - (closes[i - 1] as number);
    gain += (Math.max(change, 0) - gain) / 14;
    loss += (Math.max(-change, 0) - loss) / 14;
    if (i > 100) {
      values.push((100 * gain) / (gain + loss));
    }
  }
  return values;
}

function correlationWithNext(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [together, alone] = [0, 0];
  for (let i = 1; i < values.length; i++) {
    together += ((values[i] as number) - mean) * ((values[i - 1] as number) - mean);
    alone += ((values[i] as number) - mean) ** 2;
  }
  return together / alone;
}
