import { afterEach, describe, expect, it } from "vitest";
import { TIMEFRAMES } from "../../../../src/domain/timeframe.ts";
import type { MarketEvent } from "../../../../src/ports/market-data.ts";
import { type RestReply, refusal } from "../../../fake-exchange/rest-api.ts";
import { eventually, Listener, MINUTE, Rig, type RigOptions, series } from "../rig.ts";

let rig: Rig;
afterEach(() => rig?.close());

async function open(options: RigOptions = {}): Promise<void> {
  rig = await Rig.open(options);
  await rig.passToMinute();
}

/** Messages the clients sent, by method. */
function sent(method: string): readonly { readonly params: readonly string[] }[] {
  return rig.exchange.connections.flatMap(({ requests }) =>
    (requests as { method: string; params: string[] }[]).filter((request) => request.method === method),
  );
}

describe("subscriptions", () => {
  it("share connections and streams, and are extended live", async () => {
    await open();
    const first = new Listener(rig, series("1m"));
    await rig.pass(1_000);
    const second = new Listener(rig, [...series("1m"), ...series("5m", "BTCUSDT", "ETHUSDT")]);
    await rig.pass(1_000);
    expect(rig.exchange.connections.length).toBe(1);
    expect(sent("SUBSCRIBE").flatMap(({ params }) => params)).toEqual(["btcusdt@kline_5m", "ethusdt@kline_5m"]);
    await rig.pass(5 * MINUTE);
    expect(first.events.length).toBe(5);
    expect(second.events.length).toBe(7);
  });

  it("that end unsubscribe a little later, unless someone follows the same again", async () => {
    await open();
    const first = new Listener(rig, [...series("1m"), ...series("5m")]);
    await rig.pass(1_000);
    await first.end();
    await rig.pass(1_000);
    const second = new Listener(rig, series("1m"));
    await rig.pass(10_000);
    expect(sent("SUBSCRIBE")).toEqual([]);
    expect(rig.exchange.connections.length).toBe(1);
    expect(sent("UNSUBSCRIBE").map(({ params }) => params)).toEqual([["btcusdt@kline_5m"]]);
    await second.end();
    await rig.pass(10_000);
    expect(rig.exchange.open.length).toBe(0);
    expect(rig.feed.stats()).toMatchObject({ connections: 0, streams: 0, pending: 0 });
  });

  it("that come one by one are gathered into few messages", async () => {
    await open();
    const first = new Listener(rig, series("1m"));
    await rig.pass(1_000);
    const more = TIMEFRAMES.slice(2).map((timeframe) => new Listener(rig, series(timeframe, "ETHUSDT")));
    await rig.pass(1_000);
    expect(sent("SUBSCRIBE").flatMap(({ params }) => params).length).toBe(11);
    expect(sent("SUBSCRIBE").length).toBeLessThanOrEqual(4);
    expect(rig.kinds()).toEqual(["connected"]);
    await Promise.all([first, ...more].map((listener) => listener.end()));
  });

  it("of more streams than a connection takes are spread, within the rate of messages", async () => {
    const symbols = Array.from({ length: 150 }, (_, i) => `S${i}USDT`);
    await open({ exchange: { symbols } });
    const wanted = TIMEFRAMES.slice(1, 9).flatMap((timeframe) => series(timeframe, ...symbols));
    expect(wanted.length).toBe(1_200);
    const listener = new Listener(rig, wanted);
    await eventually(async () => {
      await rig.clock.elapse(250);
      await rig.quiet();
      return rig.feed.stats().streams === 1_200 && rig.feed.stats().pending === 0;
    }, "the streams do not deliver");
    // The exchange cuts whoever sends six messages in a second or takes a 1,025th stream.
    expect(rig.kinds().filter((kind) => kind !== "caught_up")).toEqual(["connected", "connected"]);
    expect(rig.exchange.open.map(({ streams }) => streams.size).sort()).toEqual([1_024, 176]);
    expect(sent("SUBSCRIBE").every(({ params }) => params.length <= 100)).toBe(true);
    await listener.end();
  });

  it("that are not read get one interrupted in place of what was too much, and go on", async () => {
    await open({ feed: { queueLimit: 10 } });
    const events = rig.feed.subscribe(series("1s", "BTCUSDT", "ETHUSDT"), new AbortController().signal);
    const iterator = events[Symbol.asyncIterator]();
    await rig.pass(1_000);
    await rig.pass(7_000);
    const got: MarketEvent[] = [];
    await rig.pass(1_000);
    for (let i = 0; i < 3; i++) {
      got.push((await iterator.next()).value);
    }
    expect(got[0]).toMatchObject({ kind: "interrupted", symbols: expect.arrayContaining(["BTCUSDT", "ETHUSDT"]) });
    expect(got.slice(1).map(({ kind }) => kind)).toEqual(["bar", "bar"]);
    await iterator.return?.();
  });

  it("follow the symbols that exist, tell of those that do not, and follow these once they are listed", async () => {
    const symbols = ["BTCUSDT"];
    await open({ exchange: { symbols } });
    const listener = new Listener(rig, series("1m", "NOPEUSDT", "BTCUSDT"));
    await rig.pass(MINUTE);
    expect(listener.lines).toEqual(["interrupted NOPEUSDT", "BTCUSDT 1m 15:11:00"]);
    expect(listener.events[0]).toMatchObject({ reason: expect.stringContaining('no symbol "NOPEUSDT"') });
    symbols.push("NOPEUSDT");
    await rig.pass(2 * MINUTE);
    expect(listener.lines).toContain("NOPEUSDT 1m 15:13:00");
    expect(listener.lines.filter((line) => line === "interrupted NOPEUSDT").length).toBe(2);
  });

  it("follow the symbols that are known while the venue cannot be asked about others, and these soon after it can", async () => {
    const symbols = ["BTCUSDT"];
    await open({ exchange: { symbols } });
    const first = new Listener(rig, series("1m", "BTCUSDT"));
    await rig.pass(2 * MINUTE);
    let isAway = true;
    const fault = (reply: RestReply) => (isAway ? refusal(403, -1000, "Not from here.") : reply);
    rig.exchange.script("*", fault, Number.POSITIVE_INFINITY);
    symbols.push("NEWUSDT");
    const listener = new Listener(rig, series("1m", "BTCUSDT", "NEWUSDT"));
    await rig.pass(3 * MINUTE);
    expect(listener.lines).toEqual([
      "interrupted NEWUSDT",
      ...[13, 14, 15].map((minute) => `BTCUSDT 1m 15:${minute}:00`),
    ]);
    expect(listener.events[0]).toMatchObject({ reason: expect.stringContaining("-1000 Not from here.") });
    isAway = false;
    await rig.pass(20_000);
    await rig.pass(MINUTE);
    expect(listener.lines).toContain("NEWUSDT 1m 15:16:00");
    await first.end();
  });
});

describe("the weight limit", () => {
  it("holds for a universe of 500 symbols on three timeframes, with no more than ten requests at once", async () => {
    const symbols = Array.from({ length: 500 }, (_, i) => `S${i}USDT`);
    await open({ exchange: { symbols, weightPerMinute: 1_200 }, feed: { weightPerMinute: 1_200 } });
    const wanted = (["1m", "5m", "1h"] as const).flatMap((timeframe) => series(timeframe, ...symbols));
    const began = rig.clock.monotonic();
    let loaded = 0;
    let most = 0;
    const loads = wanted.map(async ({ symbol, timeframe }) => {
      const bars = await rig.feed.history(symbol, timeframe, 1);
      loaded += bars.length;
    });
    const all = Promise.allSettled(loads);
    await eventually(async () => {
      most = Math.max(most, rig.feed.stats().awaited);
      if (rig.feed.stats().awaited === 0) {
        await rig.clock.elapse(1_000);
      }
      return rig.feed.stats().requestsWaiting === 0 && rig.feed.stats().awaited === 0;
    }, "the universe was not loaded");
    await all;
    expect(most).toBeLessThanOrEqual(10);
    expect(rig.kinds()).not.toContain("throttled");
    expect(rig.exchange.mostWeight).toBeLessThanOrEqual(1_080 + 12);
    expect(rig.clock.monotonic() - began).toBeLessThan(60_000 * 6);
    expect(loaded).toBeGreaterThan(500);
  });

  it("counts what others on the same address use", async () => {
    await open();
    rig.exchange.script("/api/v3/klines", (reply) => ({ ...reply, headers: { "x-mbx-used-weight-1m": "5800" } }));
    await rig.feed.history("BTCUSDT", "1m", 1);
    expect(rig.feed.stats().usedWeight).toBe(5_800);
    const asked = rig.exchange.requests.length;
    await rig.clock.elapse(MINUTE / 2);
    const next = rig.feed.history("BTCUSDT", "1m", 1);
    await rig.clock.elapse(MINUTE / 2 - 500);
    expect(rig.exchange.requests.length).toBe(asked);
    await rig.clock.elapse(1_000);
    expect((await next).length).toBe(1);
    expect(rig.feed.stats().usedWeight).toBeLessThan(10);
  });
});
