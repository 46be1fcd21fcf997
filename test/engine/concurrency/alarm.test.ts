import { describe, expect, it } from "vitest";
import { Alarm } from "../../../src/engine/concurrency/alarm.ts";
import { ManualClock } from "../../manual-clock.ts";

function rigged() {
  const clock = new ManualClock(0);
  const rings: number[] = [];
  const alarm = new Alarm(clock, () => rings.push(clock.monotonic()));
  return { clock, rings, alarm };
}

describe("an alarm", () => {
  it("rings at the earliest limit it was told of, with one timer for all", () => {
    const { clock, rings, alarm } = rigged();
    alarm.ringBy(500);
    alarm.ringBy(300);
    alarm.ringBy(400);
    expect(clock.pending).toBe(1);
    clock.advance(1_000);
    expect(rings).toEqual([300]);
  });

  it("rings again for a limit told of afterwards, at once where it is over", () => {
    const { clock, rings, alarm } = rigged();
    alarm.ringBy(100);
    clock.advance(100);
    alarm.ringBy(50);
    alarm.ringBy(250);
    clock.advance(0);
    alarm.ringBy(250);
    clock.advance(500);
    expect(rings).toEqual([100, 100, 250]);
  });

  it("leaves no timer behind when it is closed, and sets none any more", () => {
    const { clock, rings, alarm } = rigged();
    alarm.ringBy(100);
    alarm.stop();
    alarm.ringBy(50);
    expect(clock.pending).toBe(0);
    clock.advance(1_000);
    expect(rings).toEqual([]);
  });
});
