import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { LongWorks } from "../../../src/engine/concurrency/long-work.ts";

/** A clock that stands still but for what works are said to take; a turn of the loop is one. */
function machine() {
  let now = 0;
  const works = new LongWorks({
    monotonic: () => now,
    after(_, task) {
      const immediate = setImmediate(task);
      return () => clearImmediate(immediate);
    },
  });
  const compute = (ms: number): void => {
    now += ms;
  };
  return { works, compute, now: () => now };
}

describe("long works of callers", () => {
  it("have half a millisecond together in a turn of the loop, however many they are", async () => {
    const { works, compute, now } = machine();
    const ended: number[] = [];
    const run = async (name: number): Promise<void> => {
      const work = works.work();
      await work.begin();
      for (let step = 0; step < 40; step++) {
        compute(0.25);
        if (work.isLate()) {
          await work.rest();
        }
      }
      ended.push(name);
    };
    for (let name = 0; name < 5; name++) {
      void run(name);
    }
    let turns = 0;
    while (ended.length < 5) {
      await nextTurn();
      turns++;
    }
    // Each goes on for as long as it is not late, and a step more.
    expect(turns).toBeGreaterThanOrEqual(now() / 0.75);
    expect(ended).toEqual([0, 1, 2, 3, 4]);
  });
});
