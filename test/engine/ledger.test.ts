import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ledger } from "../../src/engine/deciding/ledger.ts";
import type { DecisionTrace } from "../../src/ports/decision-journal.ts";

const MINUTE = 60_000;

/** Decisions of two strategies on two symbols, some made later than their bar, some with longer lives. */
const traces = fc
  .array(
    fc.record({
      strategyId: fc.constantFrom("a", "b"),
      symbol: fc.constantFrom("X", "Y"),
      bar: fc.nat(8),
      lateMs: fc.constantFrom(0, 20_000),
      bars: fc.constantFrom(1, 3),
      shadow: fc.boolean(),
      settled: fc.boolean(),
    }),
    { maxLength: 30 },
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
        timestamp: barCloseTime + lateMs,
        validUntil: barCloseTime + bars * MINUTE,
      };
      return { trace, settled };
    }),
  );

describe("the gates' memory", () => {
  it("counts the places that are held, whatever was recorded, settled and pruned in whatever order (R32)", () => {
    fc.assert(
      fc.property(traces, fc.nat(12), fc.nat(12), fc.boolean(), (recorded, prunedAt, asked, shadow) => {
        const ledger = new Ledger();
        for (const { trace } of recorded) {
          ledger.record(trace);
        }
        for (const { trace, settled } of recorded) {
          if (settled) {
            ledger.settle(trace.decisionId);
          }
        }
        const now = prunedAt * MINUTE;
        ledger.prune(Number.NEGATIVE_INFINITY, now);
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
        expect(ledger.reserved("a", shadow, time, asOf)).toBe(held.length);
      }),
    );
  });

  it("knows a pair's newest decision of a kind, of those up to a time (R31)", () => {
    fc.assert(
      fc.property(traces, fc.nat(9), fc.boolean(), (recorded, asked, shadow) => {
        const ledger = new Ledger();
        for (const { trace, settled } of recorded) {
          ledger.record(trace, settled);
        }
        const time = asked * MINUTE + 10_000;
        const times = recorded
          .map(({ trace }) => trace)
          .filter((trace) => trace.strategyId === "a" && trace.symbol === "X" && trace.shadow === shadow)
          .map(({ timestamp }) => timestamp)
          .filter((timestamp) => timestamp <= time);
        expect(ledger.newest("a", "X", shadow, time)).toBe(times.length === 0 ? undefined : Math.max(...times));
        expect(ledger.size).toBe(recorded.length);
      }),
    );
  });

  it("is after forgetting what it was before recording (R38)", () => {
    fc.assert(
      fc.property(traces, fc.nat(30), fc.nat(9), fc.boolean(), (recorded, kept, asked, shadow) => {
        const ledger = new Ledger();
        const other = new Ledger();
        const taken: ReturnType<Ledger["record"]>[] = [];
        for (const [i, { trace, settled }] of recorded.entries()) {
          const entry = ledger.record(trace, settled);
          if (i < kept) {
            other.record(trace, settled);
          } else {
            taken.push(entry);
          }
        }
        for (const entry of taken.toReversed()) {
          ledger.forget(entry);
        }
        const time = asked * MINUTE + 10_000;
        expect(memoryOf(ledger, recorded, time, shadow)).toEqual(memoryOf(other, recorded, time, shadow));
      }),
    );
  });
});

/** All that a ledger says of some decisions and their pairs. */
function memoryOf(
  ledger: Ledger,
  recorded: readonly { readonly trace: DecisionTrace }[],
  time: number,
  shadow: boolean,
): readonly unknown[] {
  return [
    ledger.size,
    ...recorded.map(({ trace: { strategyId, symbol, barCloseTime, decisionId } }) => [
      ledger.knows(decisionId),
      ledger.decided({ strategyId, strategyVersion: 1, symbol, barCloseTime, shadow })?.decisionId,
      ledger.newest(strategyId, symbol, shadow, time),
      ledger.reserved(strategyId, shadow, time),
    ]),
  ];
}
