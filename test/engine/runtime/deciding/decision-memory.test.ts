import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryJournal } from "../../../../src/adapters/memory/memory-journal.ts";
import { memoryPositions } from "../../../../src/adapters/memory/memory-positions.ts";
import type { Position } from "../../../../src/domain/position.ts";
import { Pace } from "../../../../src/engine/concurrency/pace.ts";
import { DecisionMemory, type JudgedAt } from "../../../../src/engine/runtime/deciding/decision-memory.ts";
import { restoredMemory } from "../../../../src/engine/runtime/deciding/restore.ts";
import type { DecisionTrace, TraceWindow } from "../../../../src/ports/decision-journal.ts";
import { stateOf } from "../../../../src/ports/engine-state.ts";
import { decision } from "../../../contracts/decision-samples.ts";
import { ManualClock } from "../../../manual-clock.ts";

const MINUTE = 60_000;

/**
 * Decisions of two strategies on two symbols, some made later than their bar, some with longer
 * lives.
 */
const traces = fc
  .array(
    fc.record({
      strategyId: fc.constantFrom("a", "b"),
      symbol: fc.constantFrom("X", "Y"),
      bar: fc.nat(8),
      lateMs: fc.constantFrom(0, 20_000, MINUTE),
      bars: fc.constantFrom(1, 3),
      shadow: fc.boolean(),
      settled: fc.boolean(),
    }),
    { maxLength: 30, size: "max" },
  )
  .map((drawn) =>
    drawn.map(({ bar, lateMs, bars, settled, ...rest }, i) => {
      const barCloseTime = bar * MINUTE;
      const trace: DecisionTrace = {
        ...rest,
        sequence: i + 1,
        decisionId: String(i),
        strategyVersion: 1,
        barCloseTime,
        // Made before the end of its validity.
        timestamp: barCloseTime + (bars === 1 ? Math.min(lateMs, 20_000) : lateMs),
        validUntil: barCloseTime + bars * MINUTE,
      };
      return { trace, settled };
    }),
  );

/** A memory in which these were recorded and settled, as commits and reports do. */
function recordedIn(drawn: readonly { readonly trace: DecisionTrace; readonly settled: boolean }[]): DecisionMemory {
  const memory = new DecisionMemory();
  for (const { trace, settled } of drawn) {
    memory.record(trace, settled);
  }
  return memory;
}

describe("the gates' memory", () => {
  it("counts the places that are held, whatever was recorded, settled and expired in whatever order (R32)", () => {
    fc.assert(
      fc.property(traces, fc.nat(12), fc.nat(12), fc.boolean(), (recorded, expiredBy, asked, shadow) => {
        const memory = recordedIn(recorded.map(({ trace }) => ({ trace, settled: false })));
        for (const { trace, settled } of recorded) {
          if (settled) {
            memory.settle(trace.decisionId);
          }
        }
        const now = expiredBy * MINUTE;
        memory.expire(now);
        const [time, asOf] = [asked * MINUTE, asked * MINUTE + 10_000];
        const held = recorded.filter(
          ({ trace, settled }) =>
            !settled &&
            trace.validUntil > now &&
            trace.strategyId === "a" &&
            trace.shadow === shadow &&
            trace.barCloseTime <= time &&
            trace.timestamp <= asOf &&
            time < trace.validUntil,
        );
        expect(memory.reserved("a", shadow, time, asOf)).toBe(held.length);
      }),
    );
  });

  it("knows a pair's newest decision of a kind, of those up to a time (R31)", () => {
    fc.assert(
      fc.property(traces, fc.nat(9), fc.boolean(), (recorded, asked, shadow) => {
        const memory = recordedIn(recorded);
        const time = asked * MINUTE + 10_000;
        const times = recorded
          .map(({ trace }) => trace)
          .filter((trace) => trace.strategyId === "a" && trace.symbol === "X" && trace.shadow === shadow)
          .map(({ timestamp }) => timestamp)
          .filter((timestamp) => timestamp <= time);
        const pair = { strategyId: "a", symbol: "X", shadow };
        expect(memory.newest(pair, time)).toBe(times.length === 0 ? undefined : Math.max(...times));
      }),
    );
  });

  it("is after forgetting what it was before recording (R38)", () => {
    fc.assert(
      fc.property(traces, fc.nat(30), fc.nat(9), fc.boolean(), (recorded, kept, asked, shadow) => {
        const memory = recordedIn(recorded.slice(0, kept));
        const taken = recorded.slice(kept).map(({ trace, settled }) => memory.record(trace, settled));
        for (const entry of taken.toReversed()) {
          memory.forget(entry);
        }
        const time = asked * MINUTE + 10_000;
        const other = recordedIn(recorded.slice(0, kept));
        expect(memoryOf(memory, recorded, time, shadow)).toEqual(memoryOf(other, recorded, time, shadow));
      }),
    );
  });

  const question = fc.record({
    strategyId: fc.constantFrom("a", "b", "a", "b", "new"),
    symbol: fc.constantFrom("X", "Y"),
    bar: fc.nat(9),
    lateMs: fc.constantFrom(0, 10_000, 30_000),
    shadow: fc.boolean(),
    cooldownMs: fc.constantFrom(0, MINUTE, 5 * MINUTE),
  });

  it("either answers as one that forgets nothing, or says that the journal must be asked", async () => {
    let remembered = 0;
    await fc.assert(
      fc.asyncProperty(
        traces,
        fc.nat(30),
        fc.nat(9),
        fc.nat(12),
        question,
        async (drawn, restored, end, now, asked) => {
          const before = drawn.slice(0, restored).sort((a, b) => a.trace.timestamp - b.trace.timestamp);
          const after = drawn.slice(restored);
          const memory = await restarted(before, { validAfter: end * MINUTE, closedBy: (end + 1) * MINUTE });
          const recorded = after.map(({ trace, settled }) => memory.record(trace, settled));
          for (const entry of recorded) {
            memory.trim(entry);
          }
          memory.expire(now * MINUTE);
          await memory.forgetBefore((now - 5) * MINUTE, new Pace(new ManualClock(0)));
          const { bar, lateMs, ...pair } = asked;
          const barCloseTime = bar * MINUTE;
          const judged = { ...pair, strategyVersion: 2, barCloseTime, judgedAt: barCloseTime + lateMs };
          if (memory.remembers(judged)) {
            remembered++;
            expect(verdict(memory, judged)).toEqual(verdict(recordedIn([...before, ...after]), judged));
          }
        },
      ),
      { numRuns: 2_000 },
    );
    expect(remembered).toBeGreaterThan(300);
  });

  it("asks the journal what lies between the newest decision and an older one that it was told of later", async () => {
    const at = (bar: number) => {
      const [barCloseTime, validUntil] = [bar * MINUTE, (bar + 1) * MINUTE];
      const pair = { strategyId: "a", symbol: "X", shadow: false, strategyVersion: 1 };
      const trace = {
        ...pair,
        sequence: 1,
        decisionId: String(bar),
        barCloseTime,
        timestamp: barCloseTime,
        validUntil,
      };
      return { trace, settled: false };
    };
    const memory = await restarted([at(5), at(8)], { validAfter: 0, closedBy: 10 * MINUTE });
    memory.trim(memory.record(at(2).trace));
    const judged = { ...at(6).trace, judgedAt: 6 * MINUTE, cooldownMs: 2 * MINUTE };
    expect(memory.remembers(judged)).toBe(false);
    expect(memory.remembers({ ...judged, barCloseTime: 9 * MINUTE, judgedAt: 9 * MINUTE })).toBe(true);
  });

  it("costs a start the sum of decisions in force and open positions, not their product", {
    timeout: 60_000,
  }, async () => {
    const COUNT = 200_000;
    const at = { barCloseTime: 0, timestamp: 0, validUntil: MINUTE, strategyVersion: 1, shadow: false, symbol: "X" };
    const traces = Array.from({ length: COUNT }, (_, i) => ({
      ...at,
      sequence: i + 1,
      decisionId: `d${i}`,
      strategyId: `s${i % 2}`,
    }));
    const openPositions = traces.map(({ decisionId, strategyId }, i): Position => {
      const terms = { symbol: "X", side: "LONG", sizeUsd: 1, entryPrice: 1, openedAt: 0, feesUsd: 0 } as const;
      return { ...terms, positionId: `p${i}`, strategyId, ...(i % 2 === 0 && { decisionId }) };
    });
    const settledDecisions = new Set(traces.filter((_, i) => i % 4 === 1).map(({ decisionId }) => decisionId));
    const state = {
      traces,
      openPositions,
      settledDecisions,
      lastSequence: COUNT,
      lastCloseSequence: 0,
      judgedUntil: 0,
    };
    const memory = await restoredMemory(state, { validAfter: 0, closedBy: 0 }, new Pace(new ManualClock(0)));
    expect([memory.open("s0"), memory.open("s1")]).toEqual([COUNT / 2, COUNT / 2]);
    expect([memory.reserved("s0", false, 0), memory.reserved("s1", false, 0)]).toEqual([0, COUNT / 4]);
  });

  it("holds two decisions of a pair at most, however many it made", () => {
    const memory = new DecisionMemory();
    const pair = { strategyId: "a", symbol: "X", shadow: false };
    for (let bar = 0; bar < 1_000; bar++) {
      const barCloseTime = bar * MINUTE;
      const times = { barCloseTime, timestamp: barCloseTime, validUntil: barCloseTime + MINUTE };
      memory.trim(memory.record({ ...pair, ...times, decisionId: String(bar), strategyVersion: 1 }));
      memory.expire(barCloseTime);
    }
    const held = new Set([...memory.of(pair)].map(({ decisionId }) => decisionId));
    expect([...held].sort()).toEqual(["998", "999"]);
  });

  it("lets go of a strategy's places by market time, which may run a year in a minute (R32)", () => {
    const memory = new DecisionMemory();
    const made = (bar: number) => {
      const [decisionId, barCloseTime] = [String(bar), bar * MINUTE];
      const times = { barCloseTime, timestamp: barCloseTime, validUntil: barCloseTime + MINUTE };
      return { strategyId: "a", symbol: "X", shadow: false, strategyVersion: 1, decisionId, ...times };
    };
    for (let bar = 0; bar < 10; bar++) {
      memory.trim(memory.record(made(bar)));
    }
    const held = Array.from({ length: 10 }, (_, bar) => String(bar)).filter((id) => memory.holds(id));
    expect(held).toEqual(["8", "9"]);
    const judgedAt = (bar: number) => ({ ...made(bar), symbol: "Y", judgedAt: bar * MINUTE, cooldownMs: 0 });
    expect(memory.remembers(judgedAt(9))).toBe(true);
    expect(memory.remembers(judgedAt(7))).toBe(false);
  });
});

/** What a start over these gives. */
async function restarted(
  drawn: readonly { readonly trace: DecisionTrace; readonly settled: boolean }[],
  window: TraceWindow,
): Promise<DecisionMemory> {
  const journal = memoryJournal();
  await journal.append(drawn.map(({ trace }, i) => decision(i + 1, { ...trace, sequence: i + 1 })));
  const positions = memoryPositions();
  for (const { trace, settled } of drawn) {
    if (settled) {
      await positions.reject({ decisionId: trace.decisionId, reason: "", time: 0 });
    }
  }
  return restoredMemory(await stateOf(journal, positions, window), window, new Pace(new ManualClock(0)));
}

/** What the gates would say. */
function verdict(memory: DecisionMemory, judged: JudgedAt): unknown {
  const decided = memory.decided(judged) !== undefined;
  const newest = memory.newest(judged, judged.judgedAt) ?? Number.NEGATIVE_INFINITY;
  const isCooling = judged.judgedAt - newest < judged.cooldownMs;
  return decided
    ? "decided"
    : { isCooling, reserved: memory.reserved(judged.strategyId, judged.shadow, judged.judgedAt, judged.judgedAt) };
}

/** All that a memory says of some decisions and their pairs. */
function memoryOf(
  memory: DecisionMemory,
  recorded: readonly { readonly trace: DecisionTrace }[],
  time: number,
  shadow: boolean,
): readonly unknown[] {
  return recorded.map(({ trace: { strategyId, symbol, barCloseTime, decisionId } }) => [
    memory.holds(decisionId),
    memory.decided({ strategyId, strategyVersion: 1, symbol, barCloseTime, shadow })?.decisionId,
    memory.newest({ strategyId, symbol, shadow }, time),
    memory.reserved(strategyId, shadow, time),
  ]);
}
