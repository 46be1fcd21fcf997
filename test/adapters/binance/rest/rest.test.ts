import { afterEach, describe, expect, it } from "vitest";
import { binance } from "../../../../src/adapters/binance/binance.ts";
import { closeTime } from "../../../../src/domain/bar.ts";
import { lastClose } from "../../../../src/domain/timeframe.ts";
import { refusal as expectRefusal } from "../../../contracts/refusal.ts";
import { banned, FakeExchange, throttled } from "../../../fake-exchange/fake-exchange.ts";
import { refusal } from "../../../fake-exchange/rest-api.ts";
import { ManualClock } from "../../../manual-clock.ts";
import { eventually, MINUTE, Rig, type RigOptions, START } from "../rig.ts";

const KLINES = "/api/v3/klines";

let rig: Rig;
afterEach(() => rig?.close());

async function open(options: RigOptions = {}): Promise<void> {
  rig = await Rig.open(options);
}

function klineRequests(): readonly string[] {
  return rig.exchange.requests.filter((request) => request.startsWith(KLINES));
}

/** The answer, with time passing in ticks until it is there. */
async function whileTimePasses<T>(answer: Promise<T>, { clock, feed }: Pick<Rig, "clock" | "feed"> = rig): Promise<T> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  answer.then(over, over);
  await eventually(async () => {
    if (!isOver && feed.stats().awaited === 0) {
      await clock.elapse(250);
    }
    return isOver;
  }, "no answer came");
  return answer;
}

describe("the history", () => {
  it("is asked for in pages of 1,000, from new to old", async () => {
    await open();
    const bars = await rig.feed.history("BTCUSDT", "1m", 2_500);
    expect(bars.length).toBe(2_500);
    expect(bars.every((bar, i) => i === 0 || bar.openTime === (bars[i - 1]?.openTime ?? 0) + MINUTE)).toBe(true);
    const limits = klineRequests().map((request) => new URLSearchParams(request.split("?")[1]).get("limit"));
    expect(limits).toEqual(["1000", "1000", "500"]);
  });

  it("ends where the venue's begins", async () => {
    await open({ exchange: { listedAt: START - 100.5 * MINUTE } });
    expect((await rig.feed.history("BTCUSDT", "1m", 5_000)).length).toBe(100);
    expect(klineRequests().length).toBe(1);
  });

  it("lacks what the venue lacks, and reaches further back instead", async () => {
    await open();
    const missing = lastClose(START, "1m") - 10 * MINUTE;
    rig.exchange.market.remove("BTCUSDT", "1m", missing);
    const bars = await rig.feed.history("BTCUSDT", "1m", 20);
    expect(bars.map(({ openTime }) => openTime)).not.toContain(missing);
    // The fake cuts its own market's newest 20, so one fewer comes.
    expect(bars.length).toBe(19);
  });

  it("never has a bar that the venue has not closed, whatever the machine's clock says", async () => {
    await open({ exchange: { startAt: START - 90_000 } });
    const newest = (await rig.feed.history("BTCUSDT", "1m", 2)).at(-1);
    expect(newest && closeTime(newest, "1m")).toBe(lastClose(START - 90_000, "1m"));
    expect(rig.feed.now()).toBe(START - 90_000);
  });

  it("waits until a bar that just closed has settled", async () => {
    await open({ feed: { settleMs: 400 } });
    await rig.passToMinute();
    const asked = klineRequests().length;
    const answer = rig.feed.history("BTCUSDT", "1m", 1);
    await rig.clock.elapse(250);
    expect(klineRequests().length).toBe(asked);
    const [bar] = await whileTimePasses(answer);
    expect(bar && closeTime(bar, "1m")).toBe(lastClose(rig.feed.now(), "1m"));
  });

  it("is not asked for names that the venue cannot have", async () => {
    await open();
    const before = rig.exchange.requests.length;
    for (const name of ["btcusdt", "BTC/USDT", "BTC USDT", "", "X".repeat(64)]) {
      await expectRefusal(rig.feed.history(name, "1m", 1), "not_found");
      await expectRefusal(rig.feed.price(name), "not_found");
    }
    expect(rig.exchange.requests.length).toBe(before);
  });
});

describe("the price", () => {
  it("is the last trade's, with the time of that trade", async () => {
    await open();
    const { price, time } = await rig.feed.price("BTCUSDT");
    expect({ price, time }).toEqual(await rig.exchange.market.lastTrade("BTCUSDT"));
    expect(time).toBe(lastClose(START, "1s"));
  });

  it("is unavailable where nothing was traded yet", async () => {
    await open();
    rig.exchange.script("/api/v3/aggTrades", (reply) => ({ ...reply, body: [] }));
    expect((await expectRefusal(rig.feed.price("BTCUSDT"), "unavailable")).message).toMatch(/no trade of BTCUSDT/);
  });
});

describe("a refusal", () => {
  it("of an unknown symbol is not_found with the venue's code and words", async () => {
    await open();
    const error = await expectRefusal(rig.feed.history("NOSUCHCOIN", "1m", 1), "not_found");
    expect(error.message).toContain("NOSUCHCOIN");
    expect(error.message).toContain("-1121 Invalid symbol.");
    expect(klineRequests().length).toBe(1);
  });

  it("of any other kind is unavailable with the venue's code and words, and not tried again", async () => {
    await open();
    rig.exchange.script(KLINES, () => refusal(400, -1102, "Mandatory parameter 'x' was not sent."));
    const error = await expectRefusal(rig.feed.history("BTCUSDT", "1m", 1), "unavailable");
    expect(error.message).toContain("HTTP 400, -1102 Mandatory parameter 'x' was not sent.");
    expect(klineRequests().length).toBe(1);
  });

  it("by a firewall, which is no JSON, says the status", async () => {
    await open();
    rig.exchange.script(KLINES, () => ({ status: 403, body: "<html>" }));
    expect((await expectRefusal(rig.feed.history("BTCUSDT", "1m", 1), "unavailable")).message).toContain("HTTP 403");
  });
});

describe("429", () => {
  it("stops all requests for as long as Retry-After says, then the request is made again", async () => {
    await open();
    rig.exchange.script(KLINES, () => throttled(6_000, 7));
    const answer = rig.feed.history("BTCUSDT", "1m", 1);
    await eventually(() => rig.kinds().includes("throttled"), "no 429 seen");
    const asked = rig.exchange.requests.length;
    await rig.clock.elapse(6_700);
    await rig.quiet();
    expect(rig.exchange.requests.length).toBe(asked);
    expect((await whileTimePasses(answer)).length).toBe(1);
    expect(rig.events).toContainEqual(
      expect.objectContaining({
        kind: "throttled",
        status: 429,
        waitMs: 7_000,
        message: expect.stringContaining("-1003"),
      }),
    );
  });

  it("fails at once whoever cannot wait so long, with the venue's words", async () => {
    await open();
    rig.exchange.script(KLINES, () => throttled(6_000, 50));
    const answer = rig.feed.history("BTCUSDT", "1m", 1);
    await eventually(() => rig.kinds().includes("throttled"), "no 429 seen");
    const error = await expectRefusal(rig.feed.price("ETHUSDT"), "unavailable");
    expect(error.message).toMatch(/wait 50 s more \(HTTP 429, -1003 Too much request weight used/);
    expect((await whileTimePasses(answer)).length).toBe(1);
  });
});

describe("418", () => {
  it("fails everything at once until the ban is over, and asks nothing meanwhile", async () => {
    await open();
    rig.exchange.script(KLINES, () => banned(120));
    const error = await expectRefusal(rig.feed.history("BTCUSDT", "1m", 1), "unavailable");
    expect(error.message).toMatch(/wait 120 s more \(HTTP 418, -1003 Way too much/);
    const asked = rig.exchange.requests.length;
    for (let ten = 0; ten < 11; ten++) {
      await rig.clock.elapse(10_000);
      await expectRefusal(rig.feed.price("BTCUSDT"), "unavailable");
    }
    expect(rig.exchange.requests.length).toBe(asked);
    await rig.clock.elapse(10_250);
    expect((await whileTimePasses(rig.feed.history("BTCUSDT", "1m", 1))).length).toBe(1);
  });
});

describe("a fault that may pass", () => {
  it.each([
    ["a 5xx", () => refusal(503, -1008, "Server is currently overloaded")],
    ["a cut connection", () => "cut" as const],
    ["an answer that is no JSON", () => ({ status: 200, body: '[[1773500940000,"3' })],
    ["an answer of another form", () => ({ status: 200, body: [[1773500940000, 33, 34, 32, 33, 1, 1773500999999]] })],
    ["bars out of order", (reply) => ({ ...reply, body: [...(reply.body as unknown[])].reverse() })],
  ] satisfies [string, Parameters<Rig["exchange"]["script"]>[1]][])("is tried again: %s", async (_, fault) => {
    await open();
    rig.exchange.script(KLINES, fault, 2);
    expect((await whileTimePasses(rig.feed.history("BTCUSDT", "1m", 5))).length).toBe(5);
    expect(klineRequests().length).toBe(3);
  });

  it("is told after three tries", async () => {
    await open();
    rig.exchange.script(KLINES, () => refusal(503, -1008, "Server is currently overloaded"), 10);
    const failing = whileTimePasses(rig.feed.history("BTCUSDT", "1m", 5));
    expect((await expectRefusal(failing, "unavailable")).message).toContain("HTTP 503, -1008 Server is currently");
    expect(klineRequests().length).toBe(3);
  });

  it("counts what could not be read", async () => {
    await open();
    rig.exchange.script(KLINES, () => ({ status: 200, body: "{" }), 3);
    const error = await expectRefusal(whileTimePasses(rig.feed.history("BTCUSDT", "1m", 5)), "unavailable");
    expect(error.message).toContain("cannot be read");
    expect(rig.feed.stats().malformed).toBe(3);
  });

  it("is an answer that does not come: each try has ten seconds", async () => {
    await open();
    rig.exchange.script(KLINES, () => "hang", 3);
    const refused = expectRefusal(rig.feed.history("BTCUSDT", "1m", 5), "unavailable");
    for (let tries = 1; tries <= 3; tries++) {
      await eventually(() => klineRequests().length === tries, `try ${tries} was not made`);
      await rig.clock.elapse(12_000);
    }
    expect((await refused).message).toContain("no answer in time");
    expect(rig.feed.stats().awaited).toBe(0);
  });
});

describe("the venue's time", () => {
  const TIME = "/api/v3/time";

  it("told wrong once, by an hour, moves nothing", async () => {
    await open();
    rig.exchange.script(TIME, () => ({ status: 200, body: { serverTime: START + 3_600_000 } }));
    await rig.pass(90_000);
    expect(rig.exchange.requests.filter((request) => request.startsWith(TIME)).length).toBeGreaterThan(2);
    expect(rig.feed.now()).toBe(START + 90_000);
  });

  it("told otherwise whenever it is asked is unavailable, with the reason", async () => {
    await open({ isReady: false });
    let told = START;
    rig.exchange.script(
      TIME,
      () => {
        told += 3_600_000;
        return { status: 200, body: { serverTime: told } };
      },
      Number.POSITIVE_INFINITY,
    );
    await rig.feed.ready();
    const error = await expectRefusal(rig.feed.history("BTCUSDT", "1m", 1), "unavailable");
    expect(error.message).toContain("tells another time whenever it is asked");
  });
});

describe("a venue that is down at the start", () => {
  it("is waited for, while everything is unavailable", async () => {
    await open();
    const { restUrl, wsUrl, port } = rig.exchange;
    await rig.close();
    const clock = new ManualClock(START);
    const feed = binance({ restUrl, wsUrl, clock, settleMs: 0 });
    const down = { clock, feed };
    await whileTimePasses(feed.ready(), down);
    expect(feed.now()).toBe(clock.now());
    await expectRefusal(whileTimePasses(feed.history("BTCUSDT", "1m", 1), down), "unavailable");
    await expectRefusal(whileTimePasses(feed.price("BTCUSDT"), down), "unavailable");
    const wanted = [{ symbol: "BTCUSDT", timeframe: "1m" }] as const;
    const events = feed.subscribe(wanted, new AbortController().signal)[Symbol.asyncIterator]();
    await expectRefusal(whileTimePasses(events.next(), down), "unavailable");
    const exchange = new FakeExchange({ clock, symbols: ["BTCUSDT"], startAt: clock.now() + 5_000 });
    await exchange.start(port);
    expect((await whileTimePasses(feed.history("BTCUSDT", "1m", 1), down)).length).toBe(1);
    expect(feed.now()).toBe(exchange.market.now());
    await feed.close();
    await exchange.close();
  });

  it("refuses a URL of no use at once", () => {
    const clock = new ManualClock(START);
    expect(() => binance({ restUrl: "api.binance.com", wsUrl: "ws://x", clock })).toThrow(/must begin with http/);
    expect(() => binance({ restUrl: "http://x", wsUrl: "http://x", clock })).toThrow(/must begin with ws/);
  });
});
