import { expect, it, vi } from "vitest";
import type { EngineEvent } from "../../src/ports/observer.ts";
import { collectAfterCloses } from "../../src/process/idle-collector.ts";
import { ManualClock } from "../manual-clock.ts";

function sweep(decided: number, cause: "close" | "call" = "close"): EngineEvent {
  const outcomes = { DECIDED: decided, CONDITIONS_NOT_MET: 500 };
  return {
    kind: "sweep",
    cause,
    summary: { evaluations: decided + 500, outcomes, strategies: 1, symbols: 500, durationMs: 1 },
  };
}

function opened() {
  const clock = new ManualClock(0);
  const collect = vi.fn();
  const { observe } = collectAfterCloses(clock, collect);
  return { clock, collect, observe };
}

it("what a close of many decisions left behind is collected in the rest that follows", () => {
  const { clock, collect, observe } = opened();
  observe(sweep(500));
  clock.advance(9);
  expect(collect).not.toHaveBeenCalled();
  clock.advance(1);
  expect(collect).toHaveBeenCalledTimes(1);
  clock.advance(60_000);
  expect(collect).toHaveBeenCalledTimes(1);
});

it("the rest begins with the last of several closes", () => {
  const { clock, collect, observe } = opened();
  observe(sweep(500));
  clock.advance(8);
  observe(sweep(60));
  observe(sweep(0));
  clock.advance(9);
  expect(collect).not.toHaveBeenCalled();
  clock.advance(1);
  expect(collect).toHaveBeenCalledTimes(1);
});

it("few decisions, and those of calls, are left to the collector", () => {
  const { clock, collect, observe } = opened();
  observe(sweep(49));
  observe(sweep(500, "call"));
  clock.advance(1_000);
  expect(collect).not.toHaveBeenCalled();
});

it("nothing is collected where Node lends out no collector", () => {
  expect(globalThis.gc).toBeUndefined();
  const clock = new ManualClock(0);
  collectAfterCloses(clock).observe(sweep(500));
  clock.advance(1_000);
});
