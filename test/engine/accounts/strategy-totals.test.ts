import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryPositions } from "../../../src/adapters/memory/memory-positions.ts";
import { RuntimeError } from "../../../src/domain/errors.ts";
import { gainOf } from "../../../src/domain/performance.ts";
import type { ClosedPosition } from "../../../src/domain/position.ts";
import { RunningTotals } from "../../../src/engine/accounts/running-totals.ts";
import { StrategyTotals } from "../../../src/engine/accounts/strategy-totals.ts";
import { Pace } from "../../../src/engine/concurrency/pace.ts";
import { ManualClock } from "../../manual-clock.ts";

const rethrow = (error: unknown): void => {
  throw error;
};

function closed(positionId: string, closedAt: number, strategyId = "s"): ClosedPosition {
  const terms = {
    symbol: "BTC",
    side: "LONG",
    sizeUsd: 1,
    entryPrice: 1,
    openedAt: 0,
    exitPrice: 1,
    feesUsd: 0,
  } as const;
  return { ...terms, positionId, strategyId, closedAt, closeSequence: closedAt };
}

/** A book that counts how often it is read, and may fail. */
function countingBook() {
  const memory = memoryPositions();
  const control = {
    reads: 0,
    fails: false,
    put: memory.put,
    async closed(strategyId: string) {
      control.reads++;
      if (control.fails) {
        throw new RuntimeError("unavailable", "away");
      }
      return memory.closed(strategyId);
    },
  };
  return control;
}

describe("the totals of strategies", () => {
  it("are read once, and then kept as the book has the positions, whatever the order of the reports and of the questions", async () => {
    const steps = fc.array(fc.record({ id: fc.nat(20), time: fc.nat(5), asks: fc.boolean() }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(steps, async (reports) => {
        const book = countingBook();
        const positions = new StrategyTotals(book, new ManualClock(0), rethrow);
        const seen = new Map<string, ClosedPosition>();
        const asked: Promise<unknown>[] = [];
        for (const { id, time, asks } of reports) {
          const position = seen.get(`p${id}`) ?? { ...closed(`p${id}`, time), exitPrice: 1 + id / 7 };
          seen.set(position.positionId, position);
          await book.put({ ...position, closeSequence: id });
          positions.add(position);
          if (asks) {
            asked.push(positions.of("s"));
          }
        }
        await Promise.all(asked);
        const all = await book.closed("s");
        const expected = await RunningTotals.of(all.map(gainOf), new Pace(new ManualClock(0)));
        const found = await positions.of("s");
        expect(found.length).toBe(all.length);
        expect(found.performance("s", 0)).toStrictEqual(expected.performance("s", 0));
        expect(book.reads).toBe(2);
      }),
    );
  });

  it("are asked of the book again where it could not be read", async () => {
    const book = countingBook();
    await book.put(closed("p", 1));
    const positions = new StrategyTotals(book, new ManualClock(0), rethrow);
    book.fails = true;
    await expect(positions.of("s")).rejects.toMatchObject({ code: "unavailable" });
    positions.add(closed("p", 1));
    book.fails = false;
    expect((await positions.of("s")).length).toBe(1);
  });

  it("of the strategies asked for longest ago are forgotten where they are too many", async () => {
    const book = countingBook();
    for (const [i, strategyId] of ["a", "b", "c"].entries()) {
      await book.put(closed(`1${strategyId}`, 2 * i, strategyId));
      await book.put(closed(`2${strategyId}`, 2 * i + 1, strategyId));
    }
    const positions = new StrategyTotals(book, new ManualClock(0), rethrow, 4);
    for (const strategyId of ["a", "b", "a", "c", "a", "c", "b"]) {
      expect((await positions.of(strategyId)).length).toBe(2);
    }
    expect(book.reads).toBe(4);
  });
});
