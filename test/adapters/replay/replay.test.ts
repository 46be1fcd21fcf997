import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ReplayOptions, replay } from "../../../src/adapters/replay/replay.ts";
import type { Timeframe } from "../../../src/domain/timeframe.ts";
import type { MarketEvent } from "../../../src/ports/market-data.ts";
import { marketDataContract } from "../../contracts/market-data.ts";
import { ManualClock, settled } from "../../manual-clock.ts";

const DATA = fileURLToPath(new URL("../../../data", import.meta.url));
const DAY = 86_400_000;
const HOUR = 3_600_000;
const HALF = 1_800_000;
const T0 = Date.UTC(2020, 0, 1);

marketDataContract("replay", async () => {
  const clock = new ManualClock(T0);
  const speed = 3600;
  return {
    feed: replay({ dir: DATA, speed, clock, symbols: ["BTCUSD", "ETHUSD"] }),
    symbols: ["BTCUSD", "ETHUSD"],
    unknownSymbol: "BTCUSDT",
    timeframes: ["30m", "1h", "2h", "4h", "1d"],
    completes: true,
    pass: (ms) => clock.elapse(ms / speed),
    pending: () => clock.pending,
  };
});

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "replay-"));
});
afterEach(() => rm(dir, { recursive: true }));

/**
 * Writes bars that open at these times; the n-th goes from price 100 + n to 101 + n with volume n +
 * 1.
 */
async function record(name: string, openTimes: readonly number[]): Promise<void> {
  const lines = openTimes.map((time, n) => `${time},${100 + n},${102 + n},${99 + n},${101 + n},${n + 1}`);
  await writeFile(join(dir, `${name}.csv`), ["open_time,open,high,low,close,volume", ...lines, ""].join("\n"));
}

/** `count` open times from `start` on, without those at the places left out. */
function times(start: number, step: number, count: number, without: readonly number[] = []): number[] {
  return Array.from({ length: count }, (_, i) => start + i * step).filter((_, i) => !without.includes(i));
}

async function opened(options: Partial<ReplayOptions> = {}) {
  return openedByDefault({ startAt: T0, ...options });
}

/** As `opened`, starting where the replay itself chooses. */
async function openedByDefault(options: Partial<ReplayOptions> = {}) {
  const clock = new ManualClock(T0);
  const feed = replay({ dir, speed: "max", clock, ...options });
  await feed.ready();
  return { feed, clock };
}

/** What comes behind the first event, which completes the moment of subscribing. */
async function all(events: AsyncIterable<MarketEvent>): Promise<readonly MarketEvent[]> {
  const seen: MarketEvent[] = [];
  for await (const event of events) {
    seen.push(event);
  }
  return seen.slice(1);
}

const forever = () => new AbortController().signal;
const one = (timeframe: Timeframe, symbol = "A") => [{ symbol, timeframe }];

function brief(event: MarketEvent): string {
  switch (event.kind) {
    case "bar":
      return `${event.symbol} ${event.timeframe} +${(event.bar.openTime - T0) / HOUR}h ${event.bar.open}..${event.bar.close}`;
    case "complete":
      return `complete +${(event.time - T0) / HOUR}h`;
    case "interrupted":
      return event.reason;
    default:
      return event satisfies never;
  }
}

describe("a replay's bars", () => {
  it("are the file's, to the digit", async () => {
    const { feed } = await opened({ dir: DATA, startAt: Date.UTC(2018, 0) });
    expect(await feed.history("BTCUSD", "30m", 1, Date.UTC(2017, 9, 1, 0, 30))).toEqual([
      { openTime: Date.UTC(2017, 9, 1), open: 4367.1, high: 4387.5, low: 4365, close: 4386.3, volume: 755.5217587 },
    ]);
    expect((await feed.history("AAPL", "1d", 10_000)).length).toBe(1500);
  });

  it("may have open times in ms, CRLF and a byte-order mark", async () => {
    const text = `\uFEFFopen_time,open,high,low,close,volume\r\n${T0},1,2,0.5,1e0,0\r\n2020-01-01T01:00:00.000Z,1,2,.5,1.,0\r\n`;
    await writeFile(join(dir, "A-1h.csv"), text);
    const { feed } = await opened({ startAt: T0 });
    expect((await all(feed.subscribe(one("1h"), forever()))).length).toBe(4);
    expect((await feed.history("A", "1h", 9)).map((bar) => bar.openTime)).toEqual([T0, T0 + HOUR]);
  });

  it("make longer ones, but for buckets that the file cuts at its ends", async () => {
    await record("A-30m", times(T0 + HALF, HALF, 10));
    const { feed } = await opened({ startAt: T0 + HALF });
    expect((await all(feed.subscribe(one("2h"), forever()))).map(brief)).toEqual(["A 2h +2h 103..107", "complete +4h"]);
    expect(await feed.history("A", "2h", 9)).toEqual([
      { openTime: T0 + 2 * HOUR, open: 103, high: 108, low: 102, close: 107, volume: 4 + 5 + 6 + 7 },
    ]);
  });

  it("make no longer one of a bucket that the file ends in, though time goes on", async () => {
    await record("A-30m", times(T0, HALF, 3));
    await record("B-30m", times(T0, HALF, 9));
    const { feed } = await opened();
    await all(feed.subscribe(one("30m", "B"), forever()));
    expect((await feed.history("A", "1h", 9)).map((bar) => bar.close)).toEqual([102]);
  });

  it("are not made of bars that do not divide the timeframe", async () => {
    await record("A-8h", times(T0, 8 * HOUR, 9));
    const { feed } = await opened();
    await expect(feed.history("A", "12h", 1)).rejects.toMatchObject({ code: "not_found" });
    expect((await all(feed.subscribe(one("1d"), forever()))).length).toBe(6);
  });

  it("make longer ones of what there is where some are missing, and none where all are", async () => {
    await record("A-30m", times(T0, HALF, 12, [2, 4, 5, 9]));
    const { feed } = await opened();
    expect((await all(feed.subscribe(one("1h"), forever()))).map(brief)).toEqual([
      "A 1h +0h 100..102",
      "complete +1h",
      "A 1h +1h 102..103",
      "complete +2h",
      "complete +3h",
      "A 1h +3h 103..105",
      "complete +4h",
      "A 1h +4h 105..106",
      "complete +5h",
      "A 1h +5h 106..108",
      "complete +6h",
    ]);
    expect((await feed.history("A", "1h", 9)).length).toBe(5);
    expect((await feed.history("A", "30m", 99)).length).toBe(8);
  });

  it("come from the file of their own timeframe, else from the shortest that divides it", async () => {
    await record("A-30m", times(T0, HALF, 96));
    await record("A-4h", times(T0, 4 * HOUR, 12));
    await record("A-1d", times(T0, DAY, 2));
    const { feed } = await opened({ startAt: T0 + DAY });
    expect((await feed.history("A", "4h", 1))[0]?.volume).toBe(6);
    expect((await feed.history("A", "1d", 1))[0]?.volume).toBe(1);
    expect((await feed.history("A", "8h", 1))[0]?.volume).toBe(48 * 16 - (15 * 16) / 2);
    await expect(feed.history("A", "15m", 1)).rejects.toMatchObject({
      code: "not_found",
      message: "A is recorded in bars of 30m, 4h, 1d, of which 15m cannot be made",
    });
    expect(await feed.price("A")).toEqual({ price: 148, time: T0 + DAY });
  });
});

describe("a replay's time", () => {
  it("starts at midnight after a fifth of what the symbols have in common, and ends with the last bar of any", async () => {
    await record("A-1h", times(T0, HOUR, 24 * 103));
    await record("B-1h", times(T0 + 50 * DAY, HOUR, 24 * 100 + 5));
    await record("OLD-1d", times(T0 - 900 * DAY, DAY, 10));
    expect((await openedByDefault()).feed.now()).toBe(T0 + 60 * DAY);
    const { feed } = await openedByDefault({ symbols: ["A", "OLD"] });
    expect(feed.now()).toBe(T0 + 20 * DAY);
    await all(feed.subscribe(one("1h", "B"), forever()));
    expect(feed.now()).toBe(T0 + 103 * DAY);
  });

  it("spans all in the folder where no symbol is named", async () => {
    await record("A-1h", times(T0, HOUR, 24 * 103));
    expect((await openedByDefault({ symbols: [] })).feed.now()).toBe(T0 + 20 * DAY);
  });

  it("starts on a bar where a fifth is less than a day", async () => {
    await record("A-30m", times(T0 + HALF, HALF, 21));
    const { feed } = await openedByDefault();
    expect(feed.now()).toBe(T0 + 5 * HALF);
  });

  it("follows the clock at a numeric speed and stands still at the end", async () => {
    await record("A-1h", times(T0, HOUR, 10));
    const { feed, clock } = await opened({ speed: 3600, startAt: T0 + HOUR });
    expect(feed.now()).toBe(T0 + HOUR);
    const events = all(feed.subscribe(one("1h"), forever()));
    await clock.elapse(2_500);
    expect(feed.now()).toBe(T0 + 3.5 * HOUR);
    expect(await feed.price("A")).toEqual({ price: 103, time: T0 + 3 * HOUR });
    await clock.elapse(60_000);
    expect(feed.now()).toBe(T0 + 10 * HOUR);
    expect((await events).length).toBe(18);
    expect(clock.pending).toBe(0);
  });

  it("does not wait for symbols after the end of those chosen", async () => {
    await record("A-1h", times(T0, HOUR, 3));
    await record("B-1h", times(T0, HOUR, 10));
    const { feed, clock } = await opened({ speed: 3600, symbols: ["A"] });
    const events = all(feed.subscribe(one("1h", "B"), forever()));
    await clock.elapse(20_000);
    expect((await events).map(brief).at(-1)).toBe("complete +3h");
  });

  it("completes a close time without bars inside the recording, and ends after the last bar", async () => {
    await record("A-1h", times(T0, HOUR, 6, [2, 3]));
    const { feed } = await opened();
    expect((await all(feed.subscribe(one("1h"), forever()))).map(brief)).toEqual([
      "A 1h +0h 100..101",
      "complete +1h",
      "A 1h +1h 101..102",
      "complete +2h",
      "complete +3h",
      "complete +4h",
      "A 1h +4h 102..103",
      "complete +5h",
      "A 1h +5h 103..104",
      "complete +6h",
    ]);
  });

  it("skips what none of the subscribed symbols has", async () => {
    await record("A-1h", times(T0, HOUR, 2));
    await record("B-1h", times(T0 + 900 * DAY, HOUR, 2));
    const { feed } = await opened();
    const events = await all(feed.subscribe([...one("1h", "B"), ...one("1h")], forever()));
    expect(events.length).toBe(8);
    expect(feed.now()).toBe(T0 + 900 * DAY + 2 * HOUR);
  });
});

describe("a replay at a numeric speed", () => {
  const hourly = async (speed: number) => {
    await record("A-1h", times(T0, HOUR, 10));
    return opened({ speed, startAt: T0 });
  };

  it("stands still until somebody subscribes, and again once nobody does", async () => {
    const { feed, clock } = await hourly(3600);
    await clock.elapse(5_000);
    expect(feed.now()).toBe(T0);
    const controller = new AbortController();
    const reading = all(feed.subscribe(one("1h"), controller.signal));
    await clock.elapse(1_500);
    controller.abort();
    await clock.elapse(5_000);
    expect(feed.now()).toBe(T0 + 1.5 * HOUR);
    expect((await reading).map(brief)).toEqual(["A 1h +0h 100..101", "complete +1h"]);
    void all(feed.subscribe(one("1h"), forever()));
    await clock.elapse(500);
    expect(feed.now()).toBe(T0 + 2 * HOUR);
    await feed.close();
  });

  it.each([3600, 36_000, 1e9])("passes no close that is still read, at speed %s, and catches up", async (speed) => {
    const { feed, clock } = await hourly(speed);
    const events = feed.subscribe(one("1h"), forever())[Symbol.asyncIterator]();
    const seen: string[] = [];
    for (let next = await read(); next !== undefined; next = await read()) {
      seen.push(brief(next));
      // As a sweep would, on a machine that is busy or stopped.
      clock.advance(13_000);
      expect(feed.now()).toBe(next.kind === "bar" ? next.bar.openTime + HOUR : (next as { time: number }).time);
    }
    expect(seen.length).toBe(21);
    expect(seen.slice(0, 3)).toEqual(["complete +0h", "A 1h +0h 100..101", "complete +1h"]);
    expect(seen.at(-1)).toBe("complete +10h");
    expect(clock.pending).toBe(0);

    async function read(): Promise<MarketEvent | undefined> {
      const next = events.next();
      await clock.elapse(HOUR / speed);
      return (await next).value;
    }
  });

  it("says at once that a close is complete in which another subscription ended", async () => {
    const { feed, clock } = await hourly(3600);
    const controller = new AbortController();
    const events = feed.subscribe(one("1h"), controller.signal)[Symbol.asyncIterator]();
    await events.next();
    const bar = events.next();
    await clock.elapse(1_000);
    expect(brief((await bar).value as MarketEvent)).toBe("A 1h +0h 100..101");
    const next = feed.subscribe(one("1h"), forever())[Symbol.asyncIterator]();
    controller.abort();
    await clock.elapse(5_000);
    expect((await next.next()).value).toEqual({ kind: "complete", time: T0 + HOUR });
    expect((await feed.history("A", "1h", 9)).length).toBe(1);
    await feed.close();
  });
});

describe("a replay at max", () => {
  it("moves on as it is read, to the close of what it sends", async () => {
    await record("A-1h", times(T0, HOUR, 5));
    const { feed } = await opened();
    const events = feed.subscribe(one("1h"), forever())[Symbol.asyncIterator]();
    await settled();
    expect(feed.now()).toBe(T0);
    expect((await events.next()).value).toEqual({ kind: "complete", time: T0 });
    for (let n = 1; n <= 5; n++) {
      expect((await events.next()).value).toMatchObject({ kind: "bar" });
      expect(feed.now()).toBe(T0 + n * HOUR);
      expect((await events.next()).value).toEqual({ kind: "complete", time: T0 + n * HOUR });
      await settled();
      expect(feed.now()).toBe(T0 + n * HOUR);
    }
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it("waits for every subscription, so that none is late", async () => {
    await record("A-1h", times(T0, HOUR, 8));
    const { feed } = await opened();
    const slow = feed.subscribe(one("4h"), forever())[Symbol.asyncIterator]();
    const fast: string[] = [];
    const reading = (async () => {
      for await (const event of feed.subscribe(one("1h"), forever())) {
        fast.push(brief(event));
      }
    })();
    await slow.next();
    await settled();
    expect(fast).toEqual(["complete +0h"]);
    const first = slow.next();
    await settled();
    expect(fast.at(-1)).toBe("complete +4h");
    expect(brief((await first).value as MarketEvent)).toBe("A 4h +0h 100..104");
    expect(feed.now()).toBe(T0 + 4 * HOUR);
    await slow.return?.();
    await reading;
    expect(fast.at(-1)).toBe("complete +8h");
  });

  it("goes on when the subscription that held it aborts", async () => {
    await record("A-1h", times(T0, HOUR, 3));
    const { feed } = await opened();
    const controller = new AbortController();
    feed.subscribe(one("1h"), controller.signal);
    const reading = all(feed.subscribe(one("1h"), forever()));
    await settled();
    expect(feed.now()).toBe(T0);
    controller.abort();
    expect((await reading).length).toBe(6);
  });

  it("is not held by a subscription that was refused", async () => {
    await record("A-1h", times(T0, HOUR, 3));
    const { feed } = await opened();
    feed.subscribe(one("1m"), forever());
    expect((await all(feed.subscribe(one("1h"), forever()))).length).toBe(6);
  });

  it("ends all at close, without moving time on", async () => {
    await record("A-1h", times(T0, HOUR, 9));
    const { feed } = await opened();
    const held = feed.subscribe(one("1h"), forever())[Symbol.asyncIterator]();
    const reading = all(feed.subscribe(one("1h"), forever()));
    await settled();
    await feed.close();
    expect(await reading).toEqual([]);
    expect(await held.next()).toEqual({ done: true, value: undefined });
    expect(feed.now()).toBe(T0);
  });

  it("sends the same bytes twice, and the same as at a numeric speed", async () => {
    const series = ["BTCUSD", "ETHUSD"].flatMap((symbol) =>
      (["1d", "30m", "4h"] as const).map((timeframe) => ({ symbol, timeframe })),
    );
    const options = { dir: DATA, startAt: Date.UTC(2018, 3, 1), symbols: ["BTCUSD", "ETHUSD"] };
    const play = async () => JSON.stringify(await all((await opened(options)).feed.subscribe(series, forever())));
    const once = await play();
    expect(await play()).toBe(once);
    const { feed, clock } = await opened({ ...options, speed: 86_400 });
    const reading = all(feed.subscribe(series, forever()));
    await clock.elapse(60_000);
    expect(JSON.stringify(await reading)).toBe(once);
  });

  it("plays half a year of two symbols on four timeframes in well under a second's work", async () => {
    const { feed } = await opened({ dir: DATA, startAt: Date.UTC(2017, 9, 1) });
    const series = ["BTCUSD", "ETHUSD"].flatMap((symbol) =>
      (["30m", "1h", "4h", "1d"] as const).map((timeframe) => ({ symbol, timeframe })),
    );
    const began = performance.now();
    const events = await all(feed.subscribe(series, forever()));
    expect(events.filter((event) => event.kind === "bar").length).toBeGreaterThan(30_000);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe("a replay that cannot be", () => {
  it("refuses a broken row", async () => {
    await writeFile(join(dir, "A-1h.csv"), `open_time,open,high,low,close,volume\n${T0},1,2,3,1,1\n`);
    await expect(opened()).rejects.toMatchObject({
      code: "invalid",
      message: `REPLAY_DIR: ${join(dir, "A-1h.csv")} line 2: low 3 is above open 1 or close 1`,
    });
  });

  it("finds a symbol of any script, however the file system writes its letters", async () => {
    await record("币安人生USDT-1h", times(T0, HOUR, 3));
    await record("CAFE\u0301-USD-1h", times(T0, HOUR, 3));
    const { feed } = await opened({ symbols: ["币安人生USDT", "CAF\u00c9-USD"] });
    await expect(feed.history("CAF\u00c9-USD", "1h", 3)).resolves.toEqual([]);
  });

  it("takes files in two spellings of one symbol for one series", async () => {
    await record("CAFE\u0301-1h", times(T0, HOUR, 3));
    await record("CAF\u00c9-1h", times(T0, HOUR, 5));
    const { feed } = await opened();
    expect([...feed.recordings()].map(([symbol, [{ bars }]]) => [symbol, bars.length])).toEqual([["CAF\u00c9", 5]]);
  });

  it("refuses a folder that is not there or holds no bars", async () => {
    await expect(opened({ dir: join(dir, "none") })).rejects.toMatchObject({ code: "invalid" });
    await writeFile(join(dir, "README.md"), "not bars");
    await expect(opened()).rejects.toThrow(/nothing to replay/);
  });

  it("refuses a symbol that is not there, saying what is", async () => {
    await record("A-1h", times(T0, HOUR, 3));
    await expect(opened({ symbols: ["A", "BTCUSDT"] })).rejects.toMatchObject({
      code: "not_found",
      message: 'nothing is recorded of "BTCUSDT"; there is A',
    });
  });

  it("refuses a start before the first bar, at or after the end, and a speed that is none", async () => {
    await record("A-1h", times(T0, HOUR, 3));
    await expect(opened({ startAt: T0 + 3 * HOUR })).rejects.toThrow(
      "REPLAY_FROM is 2020-01-01T03:00:00.000Z, must be from 2020-01-01T00:00:00.000Z, the first bar, to before 2020-01-01T03:00:00.000Z",
    );
    await expect(opened({ startAt: T0 - HOUR })).rejects.toThrow(
      "REPLAY_FROM is 2019-12-31T23:00:00.000Z, must be from",
    );
    expect(() => replay({ dir, speed: 0, clock: new ManualClock(0) })).toThrow(/speed of the replay is 0/);
  });

  it("has no price before its first bar has closed, and cannot be asked before it is ready", async () => {
    await record("A-1h", times(T0, HOUR, 3));
    const { feed } = await opened({ startAt: T0 });
    await expect(feed.price("A")).rejects.toMatchObject({ code: "unavailable" });
    expect(() => replay({ dir, speed: 1, clock: new ManualClock(0) }).now()).toThrow(/not ready/);
  });
});
