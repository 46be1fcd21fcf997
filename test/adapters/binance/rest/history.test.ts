import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { klinesSchema } from "../../../../src/adapters/binance/venue/venue-json.ts";
import { timeframeMs } from "../../../../src/domain/timeframe.ts";
import type { RestReply } from "../../../fake-exchange/rest-api.ts";
import { MINUTE, Rig, START } from "../rig.ts";

const KLINES = "/api/v3/klines";
const DAY = 86_400_000;

/** As the venue has the day on which it went down after 28 minutes. */
const SHORT = [1518048000000, "10", "12", "9", "11", "5", 1518049694788, "0", 1, "0", "0", "0"] as const;

type Row = readonly (string | number)[];

let rig: Rig;
afterEach(() => rig?.close());

/** Answers of the history from now on are what `change` makes of their rows. */
async function openWith(change: (rows: readonly Row[]) => readonly unknown[]): Promise<void> {
  rig = await Rig.open();
  const fault = (reply: RestReply) => ({ ...reply, body: change(reply.body as readonly Row[]) });
  rig.exchange.script(KLINES, fault, Number.POSITIVE_INFINITY);
}

function row(openTime: number, length = DAY): Row {
  return [openTime, "10", "12", "9", "11", "5", openTime + length - 1, "0", 1, "0", "0", "0"];
}

function pageOf(rows: readonly unknown[]) {
  return klinesSchema("1d").parse(rows);
}

describe("a page of the history", () => {
  it("reads a row that closes early as a bar: the venue went down in it", () => {
    const page = pageOf([row(SHORT[0] - DAY), SHORT, row(SHORT[0] + DAY)]);
    expect(page.bars.map(({ openTime }) => openTime)).toEqual([-DAY, 0, DAY].map((by) => SHORT[0] + by));
    expect(page.bars[1]).toEqual({ openTime: SHORT[0], open: 10, high: 12, low: 9, close: 11, volume: 5 });
    expect(page.leftOut).toEqual([]);
  });

  it("leaves out a row that opens off the grid, which is a hole, and uses the others", () => {
    const page = pageOf([row(SHORT[0] - DAY), row(SHORT[0] + 14_838), row(SHORT[0] + DAY)]);
    expect(page.bars.map(({ openTime }) => openTime)).toEqual([SHORT[0] - DAY, SHORT[0] + DAY]);
    expect(page).toMatchObject({ rows: 3, oldest: SHORT[0] - DAY });
    expect(page.leftOut).toEqual([`a row opens at ${SHORT[0] + 14_838}, which is not aligned to 1d`]);
  });

  it("leaves out a row that repeats the one before", () => {
    const page = pageOf([row(0), row(DAY), row(DAY), row(2 * DAY)]);
    expect(page.bars.map(({ openTime }) => openTime)).toEqual([0, DAY, 2 * DAY]);
    expect(page.leftOut).toEqual([`two rows open at ${DAY}`]);
  });

  it("whatever rows are off the grid, short or repeated, has each good row as a bar, in order", () => {
    const kind = fc.constantFrom("good", "short", "off", "repeated");
    fc.assert(
      fc.property(fc.array(kind, { maxLength: 40 }), (kinds) => {
        const rows = kinds.flatMap((one, i): readonly Row[] => {
          const good = row(i * DAY);
          const short = [...good.slice(0, 6), i * DAY + 1_694_788, ...good.slice(7)];
          const of = { good: [good], short: [short], off: [row(i * DAY + 14_838)], repeated: [good, short] };
          return of[one];
        });
        const page = pageOf(rows);
        const good = kinds.flatMap((one, i) => (one === "off" ? [] : [i * DAY]));
        expect(page.bars.map(({ openTime }) => openTime)).toEqual(good);
        expect(page.rows - page.leftOut.length).toBe(good.length);
      }),
    );
  });

  it.each([
    ["a row of another form", [row(0), null]],
    ["a number that is no decimal text", [row(0), [DAY, 10, "12", "9", "11", "5", 0]]],
    ["rows in disorder", [row(DAY), row(0)]],
  ])("with %s is refused: it is not the answer that was asked for", (_, rows) => {
    expect(klinesSchema("1d").safeParse(rows).success).toBe(false);
  });
});

describe("the history", () => {
  it("has a hole where a row is off the grid, and reaches as far back as ever", async () => {
    await openWith((rows) =>
      rows.map((one) => ((one[0] as number) % (500 * MINUTE) === 0 ? row((one[0] as number) + 14_838, MINUTE) : one)),
    );
    const bars = await rig.feed.history("BTCUSDT", "1m", 2_500);
    const missing = bars.filter((bar, i) => i > 0 && bar.openTime !== (bars[i - 1]?.openTime ?? 0) + MINUTE);
    expect(missing.length).toBe(5);
    expect(bars.length).toBe(2_500);
    expect(rig.feed.stats()).toMatchObject({ leftOut: 5, malformed: 0 });
    expect(rig.events).toContainEqual(
      expect.objectContaining({ kind: "left_out", symbol: "BTCUSDT", timeframe: "1m", rows: 2 }),
    );
  });

  it("ends, where every row of a page is off the grid", async () => {
    await openWith((rows) => rows.map((one) => row((one[0] as number) + 1, MINUTE)));
    expect(await rig.feed.history("BTCUSDT", "1m", 3)).toEqual([]);
    expect(rig.exchange.requests.filter((request) => request.startsWith(KLINES)).length).toBe(1);
    await rig.close();
    await openWith((rows) => rows.map((_, i) => row(START - (START % MINUTE) + i * MINUTE, MINUTE)));
    expect(await rig.feed.history("BTCUSDT", "1m", 3)).toEqual([]);
  });
});

describe("a bar of a stream", () => {
  it("that is said to end before its time goes out at its time, and does not move time on", async () => {
    rig = await Rig.open();
    const got: number[] = [];
    const controller = new AbortController();
    const reading = (async () => {
      for await (const event of rig.feed.subscribe([{ symbol: "BTCUSDT", timeframe: "1m" }], controller.signal)) {
        if (event.kind === "bar") {
          got.push(event.bar.openTime);
        }
      }
    })();
    await rig.passToMinute();
    await rig.pass(MINUTE - 3_000);
    const before = got.length;
    const bar = await rig.exchange.market.forming("BTCUSDT", "1m");
    await rig.exchange.sendBar("BTCUSDT", "1m", bar, true, bar.openTime + 30_000);
    await rig.quiet();
    expect([rig.feed.now() - bar.openTime, got.length - before]).toEqual([MINUTE - 3_000, 0]);
    expect(rig.feed.stats().malformed).toBe(0);
    await rig.pass(3_000);
    expect(got.at(-1)).toBe(bar.openTime);
    expect(rig.feed.now()).toBe(bar.openTime + timeframeMs("1m"));
    controller.abort();
    await reading;
  });
});
