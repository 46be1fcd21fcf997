import { describe, expect, it } from "vitest";
import type { SweepSummary } from "../../src/domain/decision.ts";
import type { Timeframe } from "../../src/domain/timeframe.ts";
import type { EngineEvent } from "../../src/ports/observer.ts";
import { type ReplayStanding, replayReport } from "../../src/process/replay-report.ts";
import { ManualClock } from "../manual-clock.ts";

const START = Date.UTC(2024, 0, 1);
const DAY = 86_400_000;

function reporting() {
  const clock = new ManualClock(0);
  const lines: string[] = [];
  const state: { standing?: ReplayStanding } = {};
  const report = replayReport({ clock, standing: () => state.standing, say: (_, text) => lines.push(text) });
  const reach = (days: number) => {
    state.standing = { start: START, now: START + days * DAY, end: START + 10 * DAY };
    return state.standing;
  };
  return { clock, lines, report, reach };
}

function sweep(
  timeframe: Timeframe,
  outcomes: SweepSummary["outcomes"],
  cause: "close" | "call" = "close",
): EngineEvent {
  return { kind: "sweep", cause, timeframe, summary: { outcomes } as SweepSummary };
}

const DECIDED = { kind: "decided" } as EngineEvent;

describe("the report of a replay", () => {
  it("says how far it is while market time moves, with what came of it so far", () => {
    const { clock, lines, report, reach } = reporting();
    clock.advance(10_000);
    reach(0);
    clock.advance(10_000);
    expect(lines).toEqual([]);
    reach(2.5);
    report.observe(sweep("1h", { DECIDED: 1, CONDITIONS_NOT_MET: 1 }));
    report.observe(DECIDED);
    clock.advance(10_000);
    clock.advance(60_000);
    reach(9.99);
    clock.advance(10_000);
    expect(lines).toEqual([
      "replay: 25 %, market time 2024-01-03T12:00:00Z; 1 closes judged, 1 decisions",
      "replay: 99 %, market time 2024-01-10T23:45:36Z; 1 closes judged, 1 decisions",
    ]);
    report.stop();
    expect(clock.pending).toBe(0);
  });

  it("says at the end what came of it, the most frequent outcome first, without calls", () => {
    const { lines, report, reach } = reporting();
    for (let i = 0; i < 1_200; i++) {
      report.observe(sweep("1h", { CONDITIONS_NOT_MET: 2 }));
    }
    report.observe(sweep("4h", { COOLDOWN: 1, DECIDED: 1 }));
    report.observe(DECIDED);
    report.observe(sweep("1h", { DECIDED: 5 }, "call"));
    report.over(reach(10));
    expect(lines).toEqual([
      "replay: over at market time 2024-01-11T00:00:00Z: 1,201 closes judged (1,200 of 1h, 1 of 4h), 1 decisions; " +
        "2,402 evaluations: 2,400 CONDITIONS_NOT_MET, 1 COOLDOWN, 1 DECIDED",
    ]);
  });

  it("says so where nothing was judged, and nothing more once it is over", () => {
    const { clock, lines, report, reach } = reporting();
    report.over(reach(10));
    clock.advance(60_000);
    expect(lines).toEqual(["replay: over at market time 2024-01-11T00:00:00Z: no close was judged, 0 decisions"]);
  });
});
