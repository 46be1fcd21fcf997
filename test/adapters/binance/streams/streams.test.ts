import { afterEach, describe, expect, it, vi } from "vitest";
import { StreamedSeries } from "../../../../src/adapters/binance/streams/streamed-series.ts";
import type { Bar } from "../../../../src/domain/bar.ts";
import { lastClose } from "../../../../src/domain/timeframe.ts";
import { refusal } from "../../../fake-exchange/rest-api.ts";
import { eventually, Listener, MINUTE, Rig, type RigOptions, series } from "../rig.ts";

let rig: Rig;
let listener: Listener;
afterEach(() => rig?.close());

/** A rig at 15:11:00 sharp, with a listener whose streams deliver. */
async function open(wanted = series("1m"), options: RigOptions = {}): Promise<void> {
  rig = await Rig.open(options);
  listener = new Listener(rig, wanted);
  await rig.passToMinute();
  await rig.pass(MINUTE);
  listener.events.length = 0;
}

async function newestBar(symbol = "BTCUSDT"): Promise<Bar> {
  return (await rig.exchange.market.newest(symbol, "1m", 1, lastClose(rig.exchange.market.now(), "1m") - 1))[0] as Bar;
}

/**
 * The bars the listener got are those that the exchange has, from the first to the last without a
 * gap.
 */
async function expectWhole(): Promise<void> {
  const bars = listener.events.flatMap((event) =>
    event.kind === "bar" && event.symbol === "BTCUSDT" ? [event.bar] : [],
  );
  const until = rig.exchange.market.now();
  expect(bars.length).toBeGreaterThan(0);
  expect(bars).toEqual(await rig.exchange.market.newest("BTCUSDT", "1m", bars.length, lastClose(until, "1m") - 1));
}

describe("bars", () => {
  it("go out when they close, and never while they form (R2)", async () => {
    await open();
    await rig.pass(150_000);
    expect(listener.lines).toEqual(["BTCUSDT 1m 15:12:00", "BTCUSDT 1m 15:13:00"]);
    const forming = await rig.exchange.market.forming("BTCUSDT", "1m");
    await rig.exchange.sendBar("BTCUSDT", "1m", { ...forming, close: forming.high }, false);
    expect(listener.events.length).toBe(2);
    await expectWhole();
  });

  it("that come again are dropped", async () => {
    await open();
    await rig.pass(MINUTE);
    const bar = await newestBar();
    await rig.exchange.sendBar("BTCUSDT", "1m", bar);
    await rig.exchange.sendBar("BTCUSDT", "1m", bar);
    expect(listener.lines).toEqual(["BTCUSDT 1m 15:12:00"]);
  });

  it("that come again with other content are passed on as corrections (R4), once", async () => {
    await open();
    await rig.pass(MINUTE * 2);
    const bar = await newestBar();
    const corrected = { ...bar, high: bar.high + 1 };
    await rig.exchange.sendBar("BTCUSDT", "1m", corrected);
    await rig.exchange.sendBar("BTCUSDT", "1m", corrected);
    expect(listener.lines.slice(2)).toEqual(["BTCUSDT 1m 15:13:00 corrected"]);
    expect(listener.events.at(-1)).toMatchObject({ bar: corrected });
  });

  it("said to be closed long before their time are refused", async () => {
    await open();
    const bar = await rig.exchange.market.forming("BTCUSDT", "1m");
    await rig.exchange.sendBar("BTCUSDT", "1m", bar);
    expect(listener.lines).toEqual([]);
    expect(rig.feed.stats().malformed).toBe(1);
    await rig.pass(MINUTE);
    expect(listener.lines).toEqual(["BTCUSDT 1m 15:12:00"]);
  });

  it("that closed between subscribing and the stream's start come from the history", async () => {
    rig = await Rig.open();
    await rig.pass(MINUTE - (rig.feed.now() % MINUTE) - 100);
    listener = new Listener(rig, series("1m"));
    await rig.pass(1_000);
    expect(listener.lines).toEqual(["BTCUSDT 1m 15:10:00"]);
    expect(rig.kinds()).toContain("caught_up");
    await rig.pass(MINUTE);
    await expectWhole();
  });

  it("whose text cannot be read are asked of the history", async () => {
    await open();
    const [connection] = rig.exchange.open;
    rig.exchange.isStalled = true;
    await rig.pass(MINUTE);
    for (const text of ["no JSON", "[]", '{"stream":"btcusdt@kline_1m","data":{"e":"kline","E":"now"}}']) {
      connection?.sendText(text);
    }
    await rig.pass(4_000);
    expect(rig.feed.stats().malformed).toBe(3);
    expect(listener.lines).toEqual(["BTCUSDT 1m 15:12:00"]);
    await expectWhole();
  });
});

describe("a bar that the stream skips", () => {
  it("is asked of the history before the next one goes out", async () => {
    await open(series("1s"));
    rig.exchange.isStalled = true;
    await rig.clock.elapse(2_000);
    await rig.exchange.emit();
    rig.exchange.isStalled = false;
    await rig.clock.elapse(500);
    expect(listener.lines).toEqual([]);
    await rig.pass(500);
    expect(listener.lines).toEqual(["01", "02", "03"].map((second) => `BTCUSDT 1s 15:11:${second}`));
    expect(rig.events).toContainEqual({ kind: "caught_up", symbol: "BTCUSDT", timeframe: "1s", bars: 2 });
  });

  it.each([
    ["engine", "urgent"],
    ["caller", "caller"],
  ] as const)("is urgent only where it is the engine's: %s", async (asker, lane) => {
    await open(series("1s").map((each) => ({ ...each, asker })));
    rig.exchange.isStalled = true;
    await rig.clock.elapse(2_000);
    await rig.exchange.emit();
    rig.exchange.isStalled = false;
    const before = rig.feed.stats().weights;
    await rig.clock.elapse(500);
    await rig.pass(500);
    expect(listener.lines).toHaveLength(3);
    expect(rig.feed.stats().weights[lane] - before[lane]).toBe(2);
  });

  it("leaves a gap where the venue lacks it", async () => {
    await open();
    rig.exchange.market.remove("BTCUSDT", "1m", lastClose(rig.feed.now(), "1m") + MINUTE);
    await rig.pass(3 * MINUTE);
    expect(listener.lines).toEqual(["BTCUSDT 1m 15:12:00", "BTCUSDT 1m 15:14:00"]);
  });

  it("is told by an interrupted where the history cannot be asked", async () => {
    await open();
    rig.exchange.script("/api/v3/klines", () => refusal(400, -1000, "An unknown error occurred."), 100);
    rig.exchange.market.remove("BTCUSDT", "1m", lastClose(rig.feed.now(), "1m") + MINUTE);
    await rig.pass(3 * MINUTE);
    expect(listener.lines).toEqual(["BTCUSDT 1m 15:12:00", "interrupted BTCUSDT", "BTCUSDT 1m 15:14:00"]);
    expect(listener.events[1]).toMatchObject({ reason: expect.stringContaining("-1000 An unknown error occurred.") });
  });
});

describe("a break", () => {
  it("is followed by a new connection, and by what closed meanwhile", async () => {
    await open();
    rig.exchange.isRefusing = true;
    rig.exchange.open[0]?.cut();
    await eventually(() => rig.kinds().includes("disconnected"), "the cut was not noticed");
    await rig.pass(MINUTE * 2 + 1_000);
    rig.exchange.isRefusing = false;
    await rig.pass(MINUTE * 2);
    expect(listener.lines).toEqual([12, 13, 14, 15].map((minute) => `BTCUSDT 1m 15:${minute}:00`));
    await expectWhole();
    expect(rig.exchange.open.length).toBe(1);
  });

  it("of a connection that goes silent is noticed", async () => {
    await open();
    const stale = rig.exchange.open[0];
    await rig.clock.elapse(59_000);
    expect(rig.kinds()).not.toContain("disconnected");
    await rig.clock.elapse(1_250);
    expect(rig.events).toContainEqual(expect.objectContaining({ reason: "it was silent for 60 s" }));
    await rig.pass(5_000);
    expect(stale?.isOpen).toBe(false);
    expect(rig.exchange.open.length).toBe(1);
    await expectWhole();
  });

  it("of a subscription that is not answered is noticed", async () => {
    await open();
    for (const connection of rig.exchange.open) {
      connection.isDeaf = true;
    }
    const second = new Listener(rig, series("1m", "ETHUSDT"));
    await rig.clock.elapse(11_000);
    await eventually(() => rig.kinds().includes("disconnected"), "the missing answer was not noticed");
    await rig.pass(MINUTE);
    expect(second.lines).toEqual(["ETHUSDT 1m 15:12:00"]);
  });

  it("by a refused subscription is retried", async () => {
    await open();
    rig.exchange.open[0]?.sendText('{"error":{"code":2,"msg":"Invalid request: too many parameters"},"id":9}');
    await eventually(() => rig.kinds().includes("disconnected"), "the refusal was not noticed");
    await rig.pass(MINUTE);
    await expectWhole();
  });
});

describe("a stall", () => {
  it("behind which the connection stands is told by a bar that the history has; the connection is replaced", async () => {
    await open();
    rig.exchange.isStalled = true;
    await rig.pass(MINUTE + 3_500);
    expect(listener.lines).toEqual(["BTCUSDT 1m 15:12:00"]);
    expect(rig.kinds()).toContain("renewing");
    await rig.pass(1_000);
    rig.exchange.isStalled = false;
    await rig.pass(MINUTE);
    expect(rig.exchange.connections.length).toBe(2);
    expect(rig.exchange.open.length).toBe(1);
    await expectWhole();
  });

  it("of streams that have nothing to say replaces no connection, and the history is asked less and less often", async () => {
    await open();
    rig.exchange.isStalled = true;
    for (let minute = 0; minute < 60; minute++) {
      rig.exchange.market.remove("BTCUSDT", "1m", lastClose(rig.feed.now(), "1m") + minute * MINUTE);
    }
    const before = rig.exchange.requests.filter((request) => request.startsWith("/api/v3/klines")).length;
    await rig.pass(60 * MINUTE);
    expect(rig.exchange.connections.length).toBe(1);
    const asked = rig.exchange.requests.filter((request) => request.startsWith("/api/v3/klines")).length - before;
    expect(asked).toBeGreaterThan(5);
    expect(asked).toBeLessThan(20);
  });
});

describe("an end that is foreseen", () => {
  it("by age is forestalled with overlap, and no bar is lost or doubled", async () => {
    await open(series("1m"), { feed: { renewAfterMs: 10 * MINUTE }, exchange: { maxAgeMs: 11 * MINUTE } });
    await rig.pass(35 * MINUTE);
    expect(rig.kinds().filter((kind) => kind === "renewing").length).toBe(3);
    expect(rig.kinds()).not.toContain("disconnected");
    expect(rig.kinds()).not.toContain("caught_up");
    expect(listener.events.length).toBe(35);
    expect(rig.exchange.open.length).toBe(1);
    await expectWhole();
  });

  it("by serverShutdown is forestalled with overlap", async () => {
    await open();
    const [old] = rig.exchange.open;
    old?.sendShutdown(rig.exchange.market.now());
    await rig.quiet();
    await rig.pass(MINUTE);
    expect(old?.isOpen).toBe(false);
    expect(rig.exchange.open.length).toBe(1);
    expect(rig.kinds().slice(-2)).toEqual(["renewing", "connected"]);
    await expectWhole();
  });

  it("goes on with the old connection as long as no new one opens", async () => {
    await open();
    rig.exchange.isRefusing = true;
    rig.exchange.open[0]?.sendShutdown(rig.exchange.market.now());
    await rig.quiet();
    await rig.pass(2 * MINUTE);
    expect(listener.events.length).toBe(2);
    rig.exchange.isRefusing = false;
    await rig.pass(2 * MINUTE);
    expect(rig.exchange.connections.length).toBe(2);
    expect(rig.exchange.open.length).toBe(1);
    await expectWhole();
  });
});

describe("a fault in what is made of a message", () => {
  it("is told, and the connection made anew: no bar is missed", async () => {
    await open();
    const bug = new Error("a is undefined");
    vi.spyOn(StreamedSeries.prototype, "take").mockImplementationOnce(() => {
      throw bug;
    });
    await rig.pass(5 * MINUTE);
    vi.restoreAllMocks();
    expect(rig.events.filter(({ kind }) => kind === "thrown")).toEqual([{ kind: "thrown", error: bug }]);
    expect(rig.events).toContainEqual(expect.objectContaining({ reason: "a fault of this program" }));
    await expectWhole();
  });
});
