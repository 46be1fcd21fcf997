import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RequestQueue, type Turn } from "../../../../src/adapters/binance/rest/request-queue.ts";
import { refusal } from "../../../contracts/refusal.ts";
import { ManualClock, settled } from "../../../manual-clock.ts";

const START = Date.UTC(2026, 0, 1);
const LIMIT = 100;

function open() {
  const clock = new ManualClock(START);
  const queue = new RequestQueue(LIMIT, { monotonic: () => clock.monotonic(), venue: () => clock.now() });
  const take = (turn: Partial<Turn> = {}) =>
    queue.take({ weight: 1, notBefore: 0, deadline: Number.POSITIVE_INFINITY, lane: "own", ...turn });
  const order: string[] = [];
  const note = (name: string, turn: Partial<Turn> = {}) => {
    void take(turn).then((done) => {
      order.push(name);
      done();
    });
  };
  /** Of the 50 that may be spent at once. */
  const spend = async (weight: number) => (await take({ weight }))();
  return { clock, queue, take, note, order, spend };
}

describe("the request queue", () => {
  it("lets nine tenths of the limit through in any minute, and no more", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ weight: fc.integer({ min: 1, max: 10 }), gap: fc.integer({ min: 0, max: 3_000 }) }), {
          minLength: 50,
          maxLength: 150,
        }),
        async (asks) => {
          const { clock, queue, take } = open();
          const went: { readonly time: number; readonly weight: number }[] = [];
          for (const { weight, gap } of asks) {
            void take({ weight }).then((done) => {
              went.push({ time: clock.monotonic(), weight });
              done();
            });
            // What went is noted before time goes on.
            await settled();
            clock.advance(gap);
            queue.pump();
            await settled();
          }
          for (const { time } of went) {
            const minute = went.filter((one) => one.time >= time && one.time < time + 60_000);
            expect(minute.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThanOrEqual(0.9 * LIMIT + 1e-6);
          }
          expect(went.length).toBeGreaterThan(5);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("lets ten go at once", async () => {
    const { queue, take } = open();
    const going = Array.from({ length: 12 }, () => take());
    expect([queue.underWay, queue.waiting]).toEqual([10, 2]);
    const done = await (going[0] as Promise<() => void>);
    done();
    done();
    expect([queue.underWay, queue.waiting]).toEqual([10, 1]);
  });

  it("lets urgent ones go first, each kind in the order it came", async () => {
    const { clock, queue, note, order, spend } = open();
    await spend(50);
    note("a");
    note("b");
    note("c", { lane: "urgent" });
    note("d", { lane: "urgent" });
    clock.advance(60_000);
    queue.pump();
    await settled();
    expect(order).toEqual(["c", "d", "a", "b"]);
  });

  it("lets no light one pass a heavy one that waits for room", async () => {
    const { clock, queue, note, order, spend } = open();
    await spend(50);
    note("heavy", { weight: 4 });
    note("light", { weight: 1 });
    for (let second = 0; second < 20; second++) {
      clock.advance(1_000);
      queue.pump();
      await settled();
    }
    expect(order).toEqual(["heavy", "light"]);
  });

  it("refuses who waited to the deadline, and at once who cannot be served by then", async () => {
    const { clock, queue, take, spend } = open();
    await spend(50);
    const late = take({ deadline: 500 });
    clock.advance(500);
    queue.pump();
    await refusal(late, "unavailable");
    queue.pauseUntil(10_000, "HTTP 429");
    expect((await refusal(take({ deadline: 9_000 }), "unavailable")).message).toContain("HTTP 429");
    const patient = take({ deadline: 20_000 });
    queue.pauseUntil(30_000, "HTTP 418");
    expect((await refusal(patient, "unavailable")).message).toContain("HTTP 418");
  });

  it("is bounded", async () => {
    const { take, spend } = open();
    await spend(50);
    for (let i = 0; i < 5_000; i++) {
      void take();
    }
    expect((await refusal(take(), "unavailable")).message).toContain("5000 requests wait");
  });

  it("refuses all once closed", async () => {
    const { queue, take, spend } = open();
    await spend(50);
    const waiting = take();
    queue.refuseAll();
    await refusal(waiting, "unavailable");
    await refusal(take(), "unavailable");
  });
});
