import { describe, expect, it } from "vitest";
import { simulated } from "../../../src/adapters/simulated/simulated.ts";
import { type CacheOptions, cachedMarketData } from "../../../src/adapters/wrappers/cached-market-data.ts";
import { type Bar, closeTime } from "../../../src/domain/bar.ts";
import { RuntimeError } from "../../../src/domain/errors.ts";
import type { Asker, MarketData, MarketEvent } from "../../../src/ports/market-data.ts";
import { marketDataContract } from "../../contracts/market-data.ts";
import { refusal } from "../../contracts/refusal.ts";
import { ManualClock } from "../../manual-clock.ts";

const START = Date.UTC(2026, 2, 14, 15, 9, 26, 535);

marketDataContract("cached", async () => {
  const clock = new ManualClock(START);
  const speed = 60;
  return {
    feed: cachedMarketData(simulated({ seed: 7, speed, clock }), { ttlMs: 60_000, clock }),
    symbols: ["BTCUSDT", "a-b_c.d/e:F"],
    unknownSymbol: "BTC USDT",
    timeframes: ["1m", "5m", "15m", "30m", "1h", "4h", "1d"],
    completes: true,
    pass: (ms) => clock.elapse(ms / speed),
    pending: () => clock.pending,
  };
});

interface Question {
  readonly text: string;
  readonly asker: Asker | undefined;
  readonly answer: (change?: (bars: readonly Bar[]) => readonly Bar[]) => Promise<void>;
  readonly fail: () => void;
}

/** A market whose history answers when told to. */
async function open(options: Partial<CacheOptions> = {}) {
  const clock = new ManualClock(START);
  const real = simulated({ seed: 7, speed: 1, clock });
  await real.ready();
  const questions: Question[] = [];
  const events: MarketEvent[] = [];
  let prices = 0;
  const inner: MarketData = {
    ...real,
    history: (symbol, timeframe, count, until, asker) =>
      new Promise((resolve, reject) => {
        questions.push({
          text: `${symbol} ${timeframe} ${count}`,
          asker,
          answer: async (change = (bars) => bars) =>
            resolve(change(await real.history(symbol, timeframe, count, until))),
          fail: () => reject(new RuntimeError("unavailable", "no")),
        });
      }),
    price: (symbol) => {
      prices++;
      return real.price(symbol);
    },
    async *subscribe() {
      yield* events;
    },
  };
  const feed = cachedMarketData(inner, { ttlMs: 30_000, clock, ...options });
  const history = async (count: number, symbol = "BTCUSDT", until?: number) => {
    const asked = questions.length;
    const bars = feed.history(symbol, "1h", count, until);
    await Promise.resolve();
    await questions[asked]?.answer();
    return bars;
  };
  return { clock, feed, questions, events, history, real, prices: () => prices };
}

describe("cached market data", () => {
  it("asks once for what is asked for at once, by whomever", async () => {
    const { feed, questions } = await open();
    const [one, two, fewer] = [5, 5, 3].map((count) => feed.history("BTCUSDT", "1h", count));
    expect(questions.length).toBe(1);
    await questions[0]?.answer();
    expect(await one).toEqual(await two);
    expect(await fewer).toEqual((await one)?.slice(-3));
  });

  it("lets the engine ask by itself where a caller waits for its share of the venue", async () => {
    const { feed, questions } = await open();
    const caller = feed.history("BTCUSDT", "1h", 5, undefined, "caller");
    const engine = feed.history("BTCUSDT", "1h", 5);
    const another = feed.history("BTCUSDT", "1h", 5, undefined, "caller");
    expect(questions.map(({ asker }) => asker)).toEqual(["caller", "engine"]);
    await questions[1]?.answer();
    expect(await engine).toEqual(await another);
    await questions[0]?.answer();
    expect(await caller).toEqual(await engine);
  });

  it("answers again within the TTL, for as many bars or fewer, and asks again past it", async () => {
    const { clock, history, questions } = await open();
    const bars = await history(5);
    clock.advance(29_999);
    expect(await history(5)).toEqual(bars);
    expect(await history(2)).toEqual(bars.slice(-2));
    expect(await history(0)).toEqual([]);
    expect(questions.length).toBe(1);
    expect((await history(6)).length).toBe(6);
    expect(questions.length).toBe(2);
    clock.advance(30_000);
    await history(6);
    expect(questions.length).toBe(3);
  });

  it("measures the TTL by monotonic time", async () => {
    const { clock, history, questions } = await open();
    await history(5);
    clock.stepWall(3_600_000);
    await history(5);
    expect(questions.length).toBe(1);
  });

  it("keeps close times apart, and takes a newer bar as soon as it has closed", async () => {
    const { clock, feed, history, questions } = await open({ ttlMs: 86_400_000 });
    const before = await history(2);
    await history(2, "BTCUSDT", START - 3_600_000);
    await history(2, "BTCUSDT", START - 3_600_000 + 5);
    expect(questions.length).toBe(2);
    clock.advance(3_600_000);
    const after = await history(2);
    expect(after[0]).toEqual(before[1]);
    expect(after[1] && closeTime(after[1], "1h")).toBeLessThanOrEqual(feed.now());
  });

  it("keeps an answer without the newest bar for half a second only", async () => {
    const { clock, feed, history, questions } = await open();
    const early = feed.history("BTCUSDT", "1h", 2);
    await questions[0]?.answer((bars) => bars.slice(0, -1));
    expect((await early).length).toBe(1);
    await history(2);
    expect(questions.length).toBe(1);
    clock.advance(500);
    expect((await history(2)).length).toBe(2);
  });

  it("keeps no failure", async () => {
    const { feed, history, questions } = await open();
    const failing = [feed.history("BTCUSDT", "1h", 2), feed.history("BTCUSDT", "1h", 2)];
    questions[0]?.fail();
    await Promise.all(failing.map((one) => refusal(one, "unavailable")));
    expect((await history(2)).length).toBe(2);
    expect(questions.length).toBe(2);
  });

  it("forgets a symbol's answers where a subscription tells of a correction or a break", async () => {
    const { feed, events, history, questions } = await open();
    const [bar] = await history(1);
    await history(1, "ETHUSDT");
    events.push({ kind: "interrupted", symbols: ["ETHUSDT"], reason: "" });
    events.push({ kind: "bar", symbol: "BTCUSDT", timeframe: "1h", bar: bar as Bar, correction: true });
    const iterator = feed.subscribe([], new AbortController().signal)[Symbol.asyncIterator]();
    await iterator.next();
    await history(1);
    expect(questions.length).toBe(2);
    await history(1, "ETHUSDT");
    expect(questions.length).toBe(3);
    await iterator.next();
    await history(1);
    expect(questions.length).toBe(4);
  });

  it("drops the answers used longest ago past its bound", async () => {
    const { history, questions } = await open({ mostBars: 75 });
    await history(20, "A");
    await history(20, "B");
    await history(20, "A");
    await history(20, "C");
    expect(questions.length).toBe(3);
    await history(20, "A");
    await history(20, "C");
    expect(questions.length).toBe(3);
    await history(20, "B");
    expect(questions.length).toBe(4);
  });

  it("never answers with an old price, and asks once for one that is asked for at once", async () => {
    const { clock, feed, prices } = await open();
    const both = await Promise.all([feed.price("BTCUSDT"), feed.price("BTCUSDT")]);
    expect(both[0]).toEqual(both[1]);
    expect(prices()).toBe(1);
    clock.advance(5_000);
    expect((await feed.price("BTCUSDT")).time).toBe((both[0]?.time ?? 0) + 5_000);
    expect(prices()).toBe(2);
  });
});
