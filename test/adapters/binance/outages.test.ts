import { afterEach, describe, expect, it } from "vitest";
import { lastClose, type Timeframe } from "../../../src/domain/timeframe.ts";
import { banned } from "../../fake-exchange/fake-exchange.ts";
import { type RestReply, refusal } from "../../fake-exchange/rest-api.ts";
import { eventually, Listener, MINUTE, Rig, type RigOptions, START, series } from "./rig.ts";

const SECOND = 1_000;
/** What the venue takes: attempts to connect in 5 minutes. */
const MOST_ATTEMPTS = 300;

let rig: Rig;
let listener: Listener;
afterEach(() => rig?.close());

/** In steps of a second at most, so that each bar of a second goes out when it closes. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= SECOND) {
    await rig.pass(Math.min(SECOND, left));
  }
}

/** A rig at 15:11:00 sharp, with a listener whose streams deliver. */
async function open(wanted = [...series("1s"), ...series("1m")], options: RigOptions = {}): Promise<void> {
  rig = await Rig.open(options);
  listener = new Listener(rig, wanted);
  await pass(MINUTE - (rig.feed.now() % MINUTE));
  await pass(2 * SECOND);
  await pass(MINUTE - (rig.feed.now() % MINUTE));
  listener.events.length = 0;
  rig.events.length = 0;
}

/** Connections are cut and refused from now on. */
async function refuse(): Promise<void> {
  rig.exchange.isRefusing = true;
  for (const connection of rig.exchange.open) {
    connection.cut();
  }
  await eventually(() => rig.kinds().includes("disconnected"), "the cut was not noticed");
}

/** What is said of a timeframe's bars; undefined where nothing is. */
function saidOf(timeframe: Timeframe): string | undefined {
  return rig.feed.delays?.().find((delay) => delay.timeframe === timeframe)?.text;
}

/**
 * The attempts to connect after this moment left no gap of more than 5 s, and were never too many.
 */
function expectPatientAttempts(since: number): void {
  const attempts = rig.exchange.attempts.filter((time) => time >= since);
  const gaps = [since, ...attempts].map((time, i) => (attempts[i] ?? rig.clock.monotonic()) - time);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(5 * SECOND);
  for (const from of attempts) {
    expect(attempts.filter((time) => time >= from && time < from + 5 * MINUTE).length).toBeLessThanOrEqual(
      MOST_ATTEMPTS,
    );
  }
}

/** Passes 5 s at most until the condition holds. */
async function expectWithin5s(holds: () => boolean, what: string): Promise<void> {
  const until = rig.clock.monotonic() + 5 * SECOND;
  while (!holds()) {
    expect(rig.clock.monotonic(), what).toBeLessThan(until);
    await pass(250);
  }
}

describe("streams that are refused", () => {
  it("are tried again within 5 s, however long it lasts, and deliver again within 5 s", async () => {
    await open(series("1m"));
    const since = rig.clock.monotonic();
    await refuse();
    await pass(7 * MINUTE);
    expectPatientAttempts(since);
    rig.exchange.isRefusing = false;
    await expectWithin5s(() => rig.exchange.open.length === 1, "no connection was opened");
    await pass(MINUTE);
    expect(listener.lines.length).toBe(8);
  });

  it("are told of within 5 s, by timeframe, with how late bars are, and no longer within 5 s of their return", async () => {
    await open();
    await pass(20 * SECOND);
    expect(rig.feed.delays?.()).toEqual([]);
    const refusedAt = rig.feed.now();
    await refuse();
    await pass(5 * SECOND);
    const since = new Date(refusedAt).toISOString();
    expect(saidOf("1s")).toMatch(
      new RegExp(`^streams down since ${since} \\(.*\\), bars come by REST, 3\\.[0-5] s late$`),
    );
    expect(saidOf("1m")).toMatch(
      new RegExp(`^streams down since ${since} \\(.*503.*\\), bars come by REST, 1\\.\\d s late$`),
    );
    await pass(50 * SECOND);
    // A minute has closed, and its bar came soon, since nothing else would have brought it.
    expect(listener.lines).toContain("BTCUSDT 1m 15:12:00");
    expect(saidOf("1m")).toMatch(/bars come by REST, 1\.[0-5] s late$/);
    const [late] = (rig.feed.delays?.() ?? []).filter(({ timeframe }) => timeframe === "1s");
    expect(late).toMatchObject({ symbols: ["BTCUSDT"], since: refusedAt });
    expect(late?.lateMs).toBeGreaterThanOrEqual(3_000);
    expect(late?.lateMs).toBeLessThanOrEqual(3_500);
    rig.exchange.isRefusing = false;
    await expectWithin5s(() => rig.feed.delays?.().length === 0, "it is still told of");
  });

  it("are told of with why the history brings no bars either, and how long the next one is overdue", async () => {
    await open();
    await refuse();
    rig.exchange.script("/api/v3/klines", () => refusal(403, -1000, "Not from here."), Number.POSITIVE_INFINITY);
    await pass(70 * SECOND);
    expect(saidOf("1s")).toMatch(/bars do not come by REST either \(.*-1000 Not from here\.\), (69|70|71)\.\d s late$/);
    expect(saidOf("1m")).toMatch(/bars do not come by REST either \(.*\), (9|10|11)\.\d s late$/);
  });

  it("are not told of where a connection comes back at once", async () => {
    await open();
    rig.exchange.open[0]?.cut();
    const said: unknown[] = [];
    for (let step = 0; step < 40; step++) {
      await pass(250);
      said.push(...(rig.feed.delays?.() ?? []));
    }
    expect(rig.kinds().filter((kind) => kind === "connected").length).toBe(1);
    expect(said).toEqual([]);
  });

  it("from the start on are told of, too", async () => {
    rig = await Rig.open();
    rig.exchange.isRefusing = true;
    listener = new Listener(rig, series("1m"));
    await pass(5 * SECOND);
    expect(saidOf("1m")).toMatch(/^streams down since .*bars come by REST/);
  });
});

describe("several connections", () => {
  const SYMBOLS = Array.from({ length: 12 }, (_, i) => `S${i}USDT`);
  const OPTIONS = { exchange: { symbols: SYMBOLS }, feed: { streamsPerConnection: 2 } };

  it("of which one is lost are told of as so many symbols", async () => {
    await open(series("1m", ...SYMBOLS), OPTIONS);
    expect(rig.exchange.open.length).toBe(6);
    rig.exchange.isRefusing = true;
    const lost = [...(rig.exchange.open[2]?.streams.values() ?? [])].map(({ symbol }) => symbol);
    rig.exchange.open[2]?.cut();
    await pass(5 * SECOND);
    expect(lost.length).toBe(2);
    expect(saidOf("1m")).toContain(`streams of 2 of 12 symbols, such as ${lost[0]}, down since`);
    expect(rig.feed.delays?.()[0]?.symbols).toEqual(lost);
  });

  it("that are all refused try in turns, and are all back within 5 s, within the limit of attempts", async () => {
    await open(series("1m", ...SYMBOLS), OPTIONS);
    const since = rig.clock.monotonic();
    await refuse();
    await pass(6 * MINUTE);
    expectPatientAttempts(since);
    rig.exchange.isRefusing = false;
    await expectWithin5s(() => rig.exchange.open.length === 6, "not all connections were opened");
    expectPatientAttempts(since);
  });

  it("that break again and again are opened no more often than the venue takes", async () => {
    await open(series("1m", ...SYMBOLS), OPTIONS);
    const since = rig.clock.monotonic();
    for (let second = 0; second < 400; second++) {
      for (const connection of rig.exchange.open) {
        connection.cut();
      }
      await pass(SECOND);
    }
    const attempts = rig.exchange.attempts.filter((time) => time >= since);
    expectPatientAttempts(since);
    expect(attempts.length).toBeGreaterThan(200);
  });
});

describe("a connection that breaks each time as soon as it is open", () => {
  it("is told of as down, and no longer once one has held", async () => {
    await open();
    const since = rig.feed.now();
    for (let second = 0; second < 20; second++) {
      await eventually(async () => {
        await pass(250);
        return rig.exchange.open.length > 0;
      }, "no connection was opened");
      await pass(SECOND);
      rig.exchange.open[0]?.cut();
      await rig.quiet();
    }
    expect((rig.feed.delays?.()[0]?.since ?? 0) - since).toBeLessThan(15 * SECOND);
    await pass(15 * SECOND);
    expect(rig.feed.delays?.()).toEqual([]);
  });
});

describe("a connection that hangs while it is opened", () => {
  it("is given up in time for the next one to be there within 5 s", async () => {
    await open(series("1m"));
    rig.exchange.isHanging = true;
    rig.exchange.open[0]?.cut();
    await eventually(() => rig.kinds().includes("disconnected"), "the cut was not noticed");
    await rig.clock.elapse(SECOND);
    await eventually(() => rig.exchange.attempts.length === 2, "no attempt was made");
    await rig.clock.elapse(9 * SECOND);
    await eventually(() => rig.exchange.attempts.length > 2, "no other attempt was made");
    rig.exchange.isHanging = false;
    const healed = rig.clock.monotonic();
    await eventually(async () => {
      await rig.clock.elapse(250);
      return rig.exchange.open.length > 0;
    }, "no connection was opened");
    expect(rig.clock.monotonic() - healed).toBeLessThanOrEqual(5 * SECOND);
  });
});

describe("a stream that is silent", () => {
  it("is told of as soon as the history has a bar that it did not bring", async () => {
    await open();
    rig.exchange.isStalled = true;
    const since = rig.feed.now();
    await pass(5 * SECOND);
    expect(saidOf("1s")).toMatch(
      /^streams down since .* \(the connection stands and brings nothing\), bars come by REST/,
    );
    expect(rig.feed.delays?.()[0]?.since).toBe(since + SECOND);
    rig.exchange.isStalled = false;
    await pass(2 * SECOND);
    expect(rig.feed.delays?.()).toEqual([]);
  });

  it("is replaced again, though one was replaced a little before", async () => {
    await open();
    for (let time = 1; time <= 3; time++) {
      rig.exchange.isStalled = true;
      await pass(6 * SECOND);
      rig.exchange.isStalled = false;
      await pass(20 * SECOND);
      expect(rig.exchange.connections.length).toBeGreaterThan(time);
      expect(rig.exchange.connections.length).toBeLessThanOrEqual(1 + 2 * time);
    }
    expect(rig.exchange.open.length).toBe(1);
  });

  it("while others of its connection speak is told of alone", async () => {
    await open(series("1s", "BTCUSDT", "ETHUSDT"));
    rig.exchange.streamFault = (message) =>
      message.includes('"ETHUSDT"') ? '{"stream":"x","data":{"e":"y"}}' : message;
    await pass(6 * SECOND);
    expect(saidOf("1s")).toMatch(/^streams of 1 of 2 symbols, such as ETHUSDT, down since/);
    rig.exchange.streamFault = undefined;
    await pass(2 * SECOND);
    expect(rig.feed.delays?.()).toEqual([]);
    expect(listener.lines.filter((line) => line.startsWith("ETHUSDT")).length).toBe(8);
    expect(lastClose(rig.feed.now(), "1s")).toBe(rig.feed.now());
  });
});

describe("a stream that speaks", () => {
  /** Bars that have closed do not go out, or so much later; those that form do. */
  function withoutClosed(): void {
    rig.exchange.streamFault = (message) =>
      message.includes('"x":true') ? '{"stream":"x","data":{"e":"y"}}' : message;
  }

  it("and loses a bar is not told of, and its connection not replaced", async () => {
    await open();
    withoutClosed();
    await pass(SECOND);
    rig.exchange.streamFault = undefined;
    const said: unknown[] = [];
    for (let second = 0; second < 20; second++) {
      await pass(SECOND);
      said.push(...(rig.feed.delays?.() ?? []));
    }
    expect(said).toEqual([]);
    expect(rig.exchange.connections.length).toBe(1);
    expect(listener.lines.filter((line) => line.includes(" 1s ")).length).toBe(21);
  });

  it("and brings no bar that has closed is told of after three, and its connection replaced once", async () => {
    await open(series("1s"));
    withoutClosed();
    await pass(30 * SECOND);
    expect(saidOf("1s")).toMatch(/^streams down since/);
    expect(rig.exchange.connections.length).toBe(2);
    rig.exchange.streamFault = undefined;
    await pass(2 * SECOND);
    expect(rig.feed.delays?.()).toEqual([]);
  });
});

describe("a ban", () => {
  it("while the streams are up is in no bar's way", async () => {
    await open(series("1m"));
    rig.exchange.script("*", () => banned(600), Number.POSITIVE_INFINITY);
    await expect(rig.feed.price("BTCUSDT")).rejects.toThrow(/418/);
    const asked = rig.exchange.requests.length;
    await pass(5 * MINUTE);
    expect(listener.lines.length).toBe(5);
    expect(rig.feed.delays?.()).toEqual([]);
    expect(rig.exchange.requests.length).toBe(asked);
  });

  it("while the streams are down is told of, nothing is asked until it is over, and then the bars come", async () => {
    await open(series("1m"));
    await refuse();
    rig.exchange.script("*", () => banned(120), 1);
    await expect(rig.feed.price("BTCUSDT")).rejects.toThrow(/418/);
    const asked = rig.exchange.requests.length;
    await pass(110 * SECOND);
    expect(rig.exchange.requests.length).toBe(asked);
    expect(saidOf("1m")).toMatch(/bars do not come by REST either \(.*told us to wait \d+ s more \(HTTP 418/);
    await pass(10 * SECOND);
    await expectWithin5s(() => listener.lines.length === 2, "the bars did not come");
    expect(saidOf("1m")).toMatch(/bars come by REST/);
  });
});

describe("the machine's clock", () => {
  it("that is wrong, or steps, is in no bar's way", async () => {
    await open(series("1m"), { exchange: { startAt: START - 90 * SECOND } });
    await pass(MINUTE);
    rig.clock.stepWall(-3_600_000);
    await pass(2 * MINUTE);
    rig.clock.stepWall(7_200_000);
    await pass(2 * MINUTE);
    expect(listener.lines.length).toBe(5);
    expect(rig.feed.delays?.()).toEqual([]);
    expect(rig.kinds()).toEqual([]);
  });
});

describe("connections that are full", () => {
  it("deliver all their streams within 5 s after the venue is back", async () => {
    const symbols = Array.from({ length: 400 }, (_, i) => `S${i}USDT`);
    rig = await Rig.open({ exchange: { symbols } });
    rig.exchange.isStalled = true;
    listener = new Listener(
      rig,
      (["4h", "8h", "1d"] as const).flatMap((timeframe) => series(timeframe, ...symbols)),
    );
    await rig.pass(20 * SECOND);
    const carried = () => rig.exchange.open.reduce((sum, { streams }) => sum + streams.size, 0);
    expect(carried()).toBe(1_200);
    await refuse();
    await rig.pass(30 * SECOND);
    rig.exchange.isRefusing = false;
    await expectWithin5s(() => carried() === 1_200, "not all streams were subscribed to");
  });
});

describe("while streams are down", () => {
  it("the history is asked again soon once it answers again, however long it did not", async () => {
    await open(series("1m"));
    await refuse();
    let isAway = true;
    const fault = (reply: RestReply) => (isAway ? refusal(503, -1008, "Server is overloaded.") : reply);
    rig.exchange.script("*", fault, Number.POSITIVE_INFINITY);
    await pass(10 * MINUTE);
    isAway = false;
    const before = listener.events.length;
    await expectWithin5s(() => listener.events.length > before, "no bar came");
    await pass(2 * MINUTE);
    expect(listener.lines.at(-1)).toBe("BTCUSDT 1m 15:23:00");
  });

  it("a venue that cannot be asked is asked by few, and by all once it answers", async () => {
    const symbols = Array.from({ length: 40 }, (_, i) => `S${i}USDT`);
    await open(series("1m", ...symbols), { exchange: { symbols } });
    await refuse();
    let isAway = true;
    const fault = (reply: RestReply) => (isAway ? refusal(403, -1000, "Not from here.") : reply);
    rig.exchange.script("/api/v3/klines", fault, Number.POSITIVE_INFINITY);
    await pass(MINUTE + 5 * SECOND);
    const asked = rig.exchange.requests.length;
    await pass(30 * SECOND);
    expect(rig.exchange.requests.length - asked).toBeLessThan(60);
    isAway = false;
    await expectWithin5s(() => listener.events.length === 40, "not all bars came");
  });

  it("a symbol that the venue no longer has keeps no other one waiting", async () => {
    const symbols = ["BTCUSDT", "GONEUSDT"];
    await open(series("1m", ...symbols), { exchange: { symbols } });
    await refuse();
    symbols.pop();
    await pass(3 * MINUTE + 3 * SECOND);
    expect(listener.lines.filter((line) => line.startsWith("BTC"))).toEqual(
      [12, 13, 14].map((minute) => `BTCUSDT 1m 15:${minute}:00`),
    );
    expect(saidOf("1m")).toMatch(/bars do not come by REST either \(Binance has no symbol "GONEUSDT"/);
  });

  it("bars that the history has a little late come a little late, an hour after as well", async () => {
    await open(series("1m"));
    await refuse();
    // At each close, the history has the bar at the second time of asking.
    const seen = new Set<unknown>();
    const lag = (reply: RestReply) => {
      const rows = reply.body as readonly (readonly unknown[])[];
      const newest = rows.at(-1)?.[0];
      const isNew = newest !== undefined && !seen.has(newest);
      seen.add(newest);
      return isNew ? { ...reply, body: rows.slice(0, -1) } : reply;
    };
    rig.exchange.script("/api/v3/klines", lag, Number.POSITIVE_INFINITY);
    await rig.pass(30 * SECOND);
    for (let minute = 0; minute < 60; minute++) {
      await rig.pass(33 * SECOND);
      expect(listener.events.length).toBe(minute + 1);
      await rig.pass(27 * SECOND);
    }
  });

  it("bars of seconds take no bars of minutes their place in the weight limit", async () => {
    const symbols = Array.from({ length: 60 }, (_, i) => `S${i}USDT`);
    const wanted = [...series("1s", ...symbols), ...series("1m", ...symbols)];
    await open(wanted, { exchange: { symbols, weightPerMinute: 6_000 } });
    await refuse();
    await pass(5 * MINUTE);
    const minutes = () => listener.lines.filter((line) => line.includes(" 1m "));
    expect(minutes().length).toBe(4 * 60);
    await pass(3 * SECOND);
    expect(minutes().length).toBe(5 * 60);
    const of = (timeframe: Timeframe) => rig.feed.delays?.().find((delay) => delay.timeframe === timeframe);
    expect(of("1m")?.lateMs).toBeLessThan(3_000);
    // Every symbol has its turn.
    expect(of("1s")?.lateMs).toBeLessThan(25_000);
    expect(rig.exchange.mostWeight).toBeLessThan(2_000);
  });
});

describe("a change of what is followed", () => {
  it("while streams are down does not make the outage look younger, or hide it", async () => {
    await open();
    const since = rig.feed.now();
    await refuse();
    for (let second = 0; second < 8; second++) {
      const next = new Listener(rig, [...series("1s"), ...series("1m")]);
      await listener.end();
      listener = next;
      await pass(SECOND);
    }
    expect(rig.feed.delays?.().map((delay) => [delay.timeframe, delay.since])).toEqual([
      ["1s", since],
      ["1m", since],
    ]);
    await listener.end();
    await pass(SECOND);
    expect(rig.feed.delays?.()).toEqual([]);
  });
});
