import { describe, expect, it } from "vitest";
import { BoundedQueue, ENDED, SILENCE } from "../../../src/engine/streams/bounded-queue.ts";
import { ManualClock, settled } from "../../manual-clock.ts";

function queueOf(limit: number) {
  const clock = new ManualClock(0);
  return { clock, queue: new BoundedQueue<number>(limit, clock) };
}

describe("a bounded queue", () => {
  it("holds as many as its limit, and ends with the one too many; what it held can still be read", async () => {
    const { queue } = queueOf(3);
    for (const item of [1, 2, 3]) {
      queue.send(item);
    }
    expect(() => queue.throwIfBroken()).not.toThrow();
    for (const item of [4, 5, 6]) {
      queue.send(item);
    }
    expect(queue.depth).toBe(3);
    expect([await queue.next(1), await queue.next(1), await queue.next(1), await queue.next(1)]).toEqual([
      1,
      2,
      3,
      ENDED,
    ]);
    expect(() => queue.throwIfBroken()).toThrow("more than 3 messages waited");
  });

  it("goes on for a reader that keeps up", async () => {
    const { queue } = queueOf(1);
    for (const item of [1, 2, 3]) {
      queue.send(item);
      expect(await queue.next(1)).toBe(item);
    }
    queue.throwIfBroken();
    expect(queue.isEmpty).toBe(true);
  });

  it("says that nothing came in time, not before, and leaves no timer behind", async () => {
    const { clock, queue } = queueOf(1);
    let said: unknown;
    const next = queue.next(800).then((item) => {
      said = item;
    });
    await clock.advance(799);
    await settled();
    expect(said).toBeUndefined();
    await clock.advance(1);
    await next;
    expect([said, clock.pending]).toEqual([SILENCE, 0]);
  });

  it("ended by a fault says so, and keeps the fault", async () => {
    const { queue } = queueOf(1);
    queue.fail(new Error("first"));
    queue.fail(new Error("second"));
    expect(await queue.next(1)).toBe(ENDED);
    expect(() => queue.throwIfBroken()).toThrow(expect.objectContaining({ cause: new Error("first") }));
  });
});
