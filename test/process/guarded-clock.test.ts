import { expect, it } from "vitest";
import { guardedClock } from "../../src/process/guarded-clock.ts";
import { watchDelays } from "../../src/process/watch-delays.ts";
import { ManualClock } from "../manual-clock.ts";

const BUG = new Error("a is undefined");

it("what a timer's task throws, at once or later, is told, and ends nothing", async () => {
  const thrown: unknown[] = [];
  const manual = new ManualClock(0);
  const clock = guardedClock(manual, (error) => thrown.push(error));
  clock.after(1, () => {
    throw BUG;
  });
  clock.after(1, async () => {
    throw BUG;
  });
  let isRun = false;
  clock.after(2, () => {
    isRun = true;
  });
  const cancel = clock.after(2, () => {
    throw new Error("cancelled");
  });
  cancel();
  await manual.elapse(2);
  expect(thrown).toEqual([BUG, BUG]);
  expect(isRun).toBe(true);
});

it("a watch whose look throws looks again", () => {
  const manual = new ManualClock(0);
  const thrown: unknown[] = [];
  const clock = guardedClock(manual, (error) => thrown.push(error));
  let looks = 0;
  const delays = () => {
    looks++;
    throw BUG;
  };
  const stop = watchDelays({ clock, delays, warn: () => {}, info: () => {} });
  manual.advance(3_000);
  expect([looks, thrown.length]).toEqual([3, 3]);
  stop();
  expect(manual.pending).toBe(0);
});
