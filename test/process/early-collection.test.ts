import { afterEach, describe, expect, it, vi } from "vitest";
import { earlyCollection } from "../../src/process/early-collection.ts";
import { ManualClock } from "../manual-clock.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("collecting while bars are waited for", () => {
  it("is of the young generation, and not more often than closes come where time is real", async () => {
    const gc = vi.fn();
    vi.stubGlobal("gc", gc);
    const clock = new ManualClock(0);
    const collect = earlyCollection(clock);
    collect?.();
    collect?.();
    expect(gc.mock.calls).toEqual([[{ type: "minor" }]]);
    await clock.elapse(10);
    collect?.();
    expect(gc).toHaveBeenCalledTimes(2);
  });

  it("is left out where the process may not ask for it", () => {
    vi.stubGlobal("gc", undefined);
    expect(earlyCollection(new ManualClock(0))).toBeUndefined();
  });
});
