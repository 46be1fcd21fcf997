import { describe, expect, it } from "vitest";
import type { SymbolStatus } from "../../src/engine/api.ts";
import { watchLoading } from "../../src/process/load-progress.ts";
import { ManualClock } from "../manual-clock.ts";

function watching() {
  const clock = new ManualClock(0);
  const lines: string[] = [];
  const state = { symbols: [] as readonly SymbolStatus[] };
  const stop = watchLoading({ clock, status: () => state, say: (_, text) => lines.push(text) });
  return { clock, lines, state, stop };
}

function series(usable: number, all: number): readonly SymbolStatus[] {
  return Array.from({ length: all }, (_, i) => ({
    symbol: `S${i}`,
    timeframe: "1m",
    bars: 0,
    requiredBars: 500,
    ...(i >= usable && { whyNot: "its history is not loaded yet" }),
  }));
}

describe("the progress of loading", () => {
  it("is told while it moves, with what is still missing, until every series is usable", () => {
    const { clock, lines, state } = watching();
    for (const symbols of [series(0, 0), series(0, 3), series(2, 3), series(2, 3), series(3, 3)]) {
      state.symbols = symbols;
      clock.advance(5_000);
    }
    const missing = (i: number) => `the others are not yet, such as S${i} 1m: its history is not loaded yet`;
    expect(lines).toEqual([
      `0 of 3 series are usable; ${missing(0)}`,
      `2 of 3 series are usable; ${missing(2)}`,
      "all 3 series are usable",
    ]);
    expect(clock.pending).toBe(0);
  });

  it("is no matter where all are usable at once, and ends with the service", () => {
    const { clock, lines, state } = watching();
    state.symbols = series(2, 2);
    clock.advance(60_000);
    expect(lines).toEqual([]);
    expect(clock.pending).toBe(0);
    const other = watching();
    other.stop();
    expect(other.clock.pending).toBe(0);
  });
});
