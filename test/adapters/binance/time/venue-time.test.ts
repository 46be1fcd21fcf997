import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VenueTime } from "../../../../src/adapters/binance/time/venue-time.ts";
import { ManualClock } from "../../../manual-clock.ts";

const START = Date.UTC(2026, 0, 1);

describe("venue time", () => {
  it("is wall time until the venue was heard", () => {
    const clock = new ManualClock(START);
    const time = new VenueTime(clock);
    expect([time.isSynced, time.now(), time.estimate()]).toEqual([false, START, START]);
  });

  it("is never ahead of the venue, and behind by no more than the time of an answer", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.array(fc.record({ there: fc.nat(900), back: fc.nat(900), rest: fc.nat(100_000) }), { minLength: 1 }),
        (skew, samples) => {
          const clock = new ManualClock(START);
          const time = new VenueTime(clock);
          const venue = () => clock.now() + skew;
          // A time far from the machine's is believed once it was said twice.
          time.sample(venue(), clock.monotonic());
          let least = Number.POSITIVE_INFINITY;
          for (const { there, back, rest } of samples) {
            const sentAt = clock.monotonic();
            clock.advance(there);
            const serverTime = venue();
            clock.advance(back);
            time.sample(serverTime, sentAt);
            least = Math.min(least, back);
            clock.advance(rest);
            expect(time.estimate()).toBeLessThanOrEqual(venue());
            expect(time.estimate()).toBeGreaterThanOrEqual(venue() - least);
          }
        },
      ),
    );
  });

  it("does not follow steps of the wall clock", () => {
    const clock = new ManualClock(START);
    const time = new VenueTime(clock);
    time.sample(START + 5_000, clock.monotonic());
    clock.stepWall(-3_600_000);
    clock.advance(10);
    expect(time.now()).toBe(START + 5_010);
  });

  it("stands still, and does not go back, where a sample sets the estimate back", () => {
    const clock = new ManualClock(START);
    const time = new VenueTime(clock);
    time.sample(START + 5_000, 0);
    expect(time.now()).toBe(START + 5_000);
    time.sample(START + 4_000, clock.monotonic());
    expect([time.now(), time.estimate()]).toEqual([START + 5_000, START + 4_000]);
    clock.advance(1_500);
    expect(time.now()).toBe(START + 5_500);
  });

  it("is moved on by events, unless they are far ahead", () => {
    const clock = new ManualClock(START);
    const time = new VenueTime(clock);
    time.sample(START, 0);
    expect(time.atLeast(START + 300)).toBe(true);
    expect(time.atLeast(START + 100)).toBe(true);
    expect(time.now()).toBe(START + 300);
    expect(time.atLeast(START + 60_000)).toBe(false);
    expect([time.now(), time.isDoubtful]).toEqual([START + 300, true]);
  });

  it("believes a leap once it is said twice in a row, and no single one", () => {
    const clock = new ManualClock(START);
    const time = new VenueTime(clock);
    time.sample(START, 0);
    time.sample(START + 3_600_000, clock.monotonic());
    expect([time.now(), time.isDoubtful]).toEqual([START, true]);
    time.sample(START - 3_600_000, clock.monotonic());
    expect([time.now(), time.isDoubtful]).toEqual([START, true]);
    time.sample(START + 100, clock.monotonic());
    expect([time.now(), time.isDoubtful]).toEqual([START + 100, false]);
    time.sample(START + 3_600_000, clock.monotonic());
    clock.advance(2_000);
    time.sample(START + 3_602_000, clock.monotonic());
    expect([time.now(), time.isDoubtful]).toEqual([START + 3_602_000, false]);
  });

  it("that is far from the machine's is known after two samples that agree", () => {
    const clock = new ManualClock(START);
    const time = new VenueTime(clock);
    time.sample(START + 90_000, 0);
    expect([time.isSynced, time.now()]).toEqual([false, START]);
    clock.advance(50);
    time.sample(START + 90_050, 0);
    expect([time.isSynced, time.now()]).toEqual([true, START + 90_050]);
  });
});
