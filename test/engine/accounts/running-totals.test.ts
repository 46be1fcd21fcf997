import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { memoryPositions } from "../../../src/adapters/memory/memory-positions.ts";
import { memoryStrategies } from "../../../src/adapters/memory/memory-strategies.ts";
import { type Gain, type Performance, Tally } from "../../../src/domain/performance.ts";
import type { ClosedPosition } from "../../../src/domain/position.ts";
import { performanceDesk } from "../../../src/engine/accounts/performance-desk.ts";
import { RunningTotals } from "../../../src/engine/accounts/running-totals.ts";
import type { PerformanceDesk, PerformanceStep } from "../../../src/engine/api.ts";
import { Pace } from "../../../src/engine/concurrency/pace.ts";
import { DecisionMemory } from "../../../src/engine/runtime/deciding/decision-memory.ts";
import { CatchUpTurns } from "../../../src/engine/streams/catch-up-turns.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { ManualClock } from "../../manual-clock.ts";

/** Gains in the order of their reports, their ids and times in any. */
const gains = fc
  .array(
    fc.record({
      closedAt: fc.nat(40),
      holdMs: fc.nat(1_000_000),
      pnlPct: fc.double({ min: -1, max: 1, noNaN: true }),
      pnlUsd: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    }),
    { maxLength: 700, size: "max" },
  )
  .map((drawn) =>
    drawn.map((one, i): Gain => ({ ...one, positionId: `p${(i * 7919) % 1_009}`, closeSequence: i + 1 })),
  );

function inOrder(some: readonly Gain[]): readonly Gain[] {
  return some.toSorted((a, b) => a.closedAt - b.closedAt || (a.positionId < b.positionId ? -1 : 1));
}

/** R46 as it is written, one sum after the other. */
function expected(some: readonly Gain[]): Partial<Performance> {
  const ordered = inOrder(some);
  const sum = (of: (gain: Gain) => number) => ordered.reduce((total, gain) => total + of(gain), 0);
  const wins = ordered.filter(({ pnlUsd }) => pnlUsd > 0);
  const losses = ordered.filter(({ pnlUsd }) => pnlUsd < 0);
  let [total, peak, drawdown] = [0, 0, 0];
  for (const { pnlUsd } of ordered) {
    total += pnlUsd;
    peak = Math.max(peak, total);
    drawdown = Math.max(drawdown, peak - total);
  }
  const count = ordered.length;
  return {
    closedPositions: count,
    wins: wins.length,
    losses: losses.length,
    totalPnlUsd: sum(({ pnlUsd }) => pnlUsd),
    meanPnlPct: count === 0 ? 0 : sum(({ pnlPct }) => pnlPct) / count,
    maxDrawdownUsd: drawdown,
    ...(losses.length > 0 && {
      profitFactor:
        wins.reduce((all, { pnlUsd }) => all + pnlUsd, 0) / losses.reduce((all, { pnlUsd }) => all - pnlUsd, 0),
    }),
    ...(count > 0 && {
      meanHoldTimeMs: Math.trunc(sum(({ holdMs }) => holdMs) / count),
      lastClosedAt: ordered.at(-1)?.closedAt ?? 0,
    }),
  };
}

function pace(): Pace {
  return new Pace(new ManualClock(0));
}

describe("running totals (R46)", () => {
  it("are to the bit those of the order by closed_at and id, however the reports came and came again", async () => {
    await fc.assert(
      fc.asyncProperty(gains, fc.nat(700), async (reported, seen) => {
        const totals = await RunningTotals.of([], pace());
        for (const gain of reported) {
          expect(totals.add(gain)).toBe(true);
        }
        const some = reported.slice(0, seen);
        for (const gain of some) {
          expect(totals.add(gain)).toBe(false);
        }
        expect(totals.performance("s", 3)).toMatchObject({ strategyId: "s", openPositions: 3, ...expected(reported) });
        const then = await totals.reportedBy(seen, pace());
        expect(then.performance("s", 0)).toMatchObject(expected(some));
      }),
      { numRuns: 60 },
    );
  });

  it("are those of some positions alone, between two times", async () => {
    await fc.assert(
      fc.asyncProperty(gains, fc.nat(41), fc.nat(41), async (reported, start, end) => {
        const totals = await RunningTotals.of(inOrder(reported), pace());
        const inside = reported.filter(({ closedAt }) => start <= closedAt && closedAt < end);
        const found = (await totals.between(start, end, pace())).performance("s", 0);
        expect(found).toMatchObject(expected(inside));
        expect(found.closedPositions).toBe(inside.length);
      }),
      { numRuns: 60 },
    );
  });

  it("deviate as the differences from the mean do", async () => {
    await fc.assert(
      fc.asyncProperty(gains, async (reported) => {
        const totals = await RunningTotals.of(inOrder(reported), pace());
        const { stdevPnlPct, meanPnlPct, closedPositions } = totals.performance("s", 0);
        const squares = reported.reduce((sum, { pnlPct }) => sum + (pnlPct - meanPnlPct) ** 2, 0);
        if (closedPositions < 2) {
          expect(stdevPnlPct).toBeUndefined();
        } else {
          expect(stdevPnlPct).toBeCloseTo(Math.sqrt(squares / (closedPositions - 1)), 12);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("ten thousand closed positions of one strategy", () => {
  const COUNT = 10_000;

  function closing(i: number): ClosedPosition {
    const terms = { strategyId: "s", symbol: "BTC", side: "LONG", sizeUsd: 1_000, entryPrice: 100 } as const;
    const times = { openedAt: 0, closedAt: i, closeSequence: i };
    return { ...terms, ...times, positionId: `p${i}`, exitPrice: 100 + (i % 7) - 3, feesUsd: 0.1 };
  }

  /** Time goes on by a tenth of a millisecond each time that somebody looks; rests are counted. */
  function restlessClock() {
    let time = 0;
    const control = { rests: 0 };
    const clock: Clock = {
      now: () => time,
      monotonic: () => {
        time += 0.1;
        return time;
      },
      after(ms, task) {
        control.rests += ms === 0 ? 1 : 0;
        const timer = setImmediate(task);
        return () => clearImmediate(timer);
      },
    };
    return { clock, control };
  }

  async function deskOf(
    clock: Clock,
  ): Promise<{ desk: PerformanceDesk; positions: ReturnType<typeof memoryPositions> }> {
    const positions = memoryPositions();
    const desk = performanceDesk({
      onThrown: () => undefined,
      positions,
      journal: { find: async () => [] },
      repository: memoryStrategies(),
      memory: new DecisionMemory(),
      clock,
      queueLimit: 10,
      identity: "i",
      catchUps: new CatchUpTurns(1),
      lastClosing: { sequence: COUNT, mark: "" },
    });
    return { desk, positions };
  }

  async function watched(desk: PerformanceDesk): Promise<PerformanceStep[]> {
    const end = new AbortController();
    const steps: PerformanceStep[] = [];
    for await (const step of desk.watch({ strategyIds: [], resumeToken: "start" }, end.signal)) {
      steps.push(step);
      if (steps.length > COUNT) {
        end.abort();
      }
    }
    return steps;
  }

  it("are watched from the start in as many steps as there are, with rests in between", {
    timeout: 60_000,
  }, async () => {
    const { clock, control } = restlessClock();
    const { desk, positions } = await deskOf(clock);
    const all = Array.from({ length: COUNT }, (_, i) => closing(i + 1));
    for (const position of all) {
      await positions.put(position);
    }
    const page = all.map((position) => position);
    vi.spyOn(positions, "closedAfter").mockImplementation(async (after, limit) => page.slice(after, after + limit));
    const take = vi.spyOn(Tally.prototype, "take");
    const steps = await watched(desk);
    expect(take.mock.calls.length).toBeLessThan(3 * COUNT);
    take.mockRestore();
    expect(control.rests).toBeGreaterThan(3);
    expect(steps.filter(({ closed }) => closed).length).toBe(COUNT);
    const last = steps.at(-1)?.closed?.performance;
    expect(last).toEqual(await desk.performance("s"));
    const middle = steps.find(({ closed }) => closed?.position.closeSequence === COUNT / 2)?.closed?.performance;
    expect(middle?.closedPositions).toBe(COUNT / 2);
  });

  it("are reported in a few steps each", { timeout: 60_000 }, async () => {
    const { desk } = await deskOf(new ManualClock(0));
    const take = vi.spyOn(Tally.prototype, "take");
    for (let i = 1; i <= 2_000; i++) {
      const { closeSequence: _, ...report } = closing(i);
      expect((await desk.closed(report)).performance.closedPositions).toBe(i);
    }
    expect(take.mock.calls.length).toBeLessThan(3 * 2_000);
    take.mockRestore();
  });
});
