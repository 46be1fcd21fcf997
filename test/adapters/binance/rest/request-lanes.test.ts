import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { REQUEST_LANES, type RequestLane } from "../../../../src/adapters/binance/rest/request-lanes.ts";
import { RequestQueue } from "../../../../src/adapters/binance/rest/request-queue.ts";
import { refusal } from "../../../contracts/refusal.ts";
import { ManualClock, settled } from "../../../manual-clock.ts";
import { Rig } from "../rig.ts";

const START = Date.UTC(2026, 0, 1);
const LIMIT = 200;

function open() {
  const clock = new ManualClock(START);
  const queue = new RequestQueue(LIMIT, { monotonic: () => clock.monotonic(), venue: () => clock.now() });
  const take = (lane: RequestLane, weight = 2, deadline = Number.POSITIVE_INFINITY) =>
    queue.take({ weight, notBefore: 0, deadline, lane });
  return { clock, queue, take };
}

describe("requests for callers", () => {
  it("are a tenth of the venue's weight in any minute, prices three tenths, whatever else is asked for", async () => {
    const ask = fc.record({
      lane: fc.constantFrom(...REQUEST_LANES, "caller" as const),
      weight: fc.integer({ min: 1, max: 4 }),
      gap: fc.integer({ min: 0, max: 2_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(ask, { minLength: 60, maxLength: 150 }), async (asks) => {
        const { clock, queue, take } = open();
        const went: { readonly time: number; readonly lane: RequestLane; readonly weight: number }[] = [];
        for (const { lane, weight, gap } of asks) {
          void take(lane, weight).then((done) => {
            went.push({ time: clock.monotonic(), lane, weight });
            done();
          });
          await settled();
          clock.advance(gap);
          queue.pump();
          await settled();
        }
        for (const { time } of went) {
          const minute = went.filter((one) => one.time >= time && one.time < time + 60_000);
          const spent = (lane: RequestLane) =>
            minute.reduce((sum, one) => sum + (one.lane === lane ? one.weight : 0), 0);
          expect(spent("caller")).toBeLessThanOrEqual(0.1 * LIMIT + 1e-6);
          expect(spent("price")).toBeLessThanOrEqual(0.3 * LIMIT + 1e-6);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("keep nobody waiting but other callers: neither by their number, nor by those that the venue does not answer", async () => {
    const { queue, take } = open();
    const waiting = Array.from({ length: 502 }, () => take("caller"));
    expect([queue.underWay, queue.waiting]).toEqual([2, 500]);
    expect((await refusal(take("caller"), "unavailable")).message).toContain("callers have a share of the requests");
    const own = await Promise.all([take("own"), take("urgent"), take("price"), take("own")]);
    expect(own).toHaveLength(4);
    queue.refuseAll();
    await Promise.allSettled(waiting);
  });

  it("go behind what the engine needs, in whatever order they came", async () => {
    const { clock, queue, take } = open();
    (await take("own", 100))();
    const order: string[] = [];
    for (const lane of ["caller", "own", "price", "urgent"] as const) {
      void take(lane).then((done) => {
        order.push(lane);
        done();
      });
    }
    clock.advance(60_000);
    queue.pump();
    await settled();
    expect(order).toEqual(["urgent", "price", "own", "caller"]);
  });
});

describe("the venue's adapter", () => {
  let rig: Rig;
  afterEach(() => rig?.close());

  it("answers the engine while callers have used their share, and counts by purpose", async () => {
    rig = await Rig.open({ feed: { weightPerMinute: 200 } });
    const callers = Array.from({ length: 20 }, (_, index) =>
      rig.feed.history("BTCUSDT", "1m", 10 + index, undefined, "caller").catch(() => undefined),
    );
    const engine = await rig.feed.history("ETHUSDT", "1m", 500);
    expect(engine).toHaveLength(500);
    // Half of the tenth may be spent at once.
    expect(rig.feed.stats().weights).toMatchObject({ own: 2, price: 0 });
    expect(rig.feed.stats().weights.caller).toBeLessThanOrEqual(10);
    expect(rig.feed.stats().requestsWaiting).toBeGreaterThanOrEqual(15);
    await rig.feed.price("BTCUSDT");
    expect(rig.feed.stats().weights.price).toBe(4);
    await rig.close();
    await Promise.all(callers);
  });
});
