import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ClosedPosition, compareClosed, type Position } from "../../src/domain/position.ts";
import type { PositionBook } from "../../src/ports/position-book.ts";
import { openPosition, time } from "./arbitraries.ts";
import { refusal } from "./refusal.ts";

const T = 1_700_000_000_000;

function opened(positionId: string, changes: Partial<Position> = {}): Position {
  return {
    positionId,
    strategyId: "rsi",
    symbol: "BTCUSDT",
    side: "LONG",
    sizeUsd: 1000 / 3,
    entryPrice: 37_000.1,
    openedAt: T,
    feesUsd: 0,
    ...changes,
  };
}

function closed(positionId: string, closeSequence: number, changes: Partial<Position> = {}): ClosedPosition {
  return {
    ...opened(positionId, changes),
    exitPrice: 38_000,
    closedAt: T + 10,
    feesUsd: 1.5,
    ...changes,
    closeSequence,
  };
}

/** `open` gives a new, empty book that is ready. */
export function positionBookContract(open: () => Promise<PositionBook>): void {
  let book: PositionBook;

  beforeEach(async () => {
    book = await open();
  });

  afterEach(() => book.close());

  async function put(...positions: readonly Position[]): Promise<void> {
    for (const position of positions) {
      await book.put(position);
    }
  }

  describe("put and get", () => {
    it("inserts a position, which is read back field by field", async () => {
      const position = opened("p", { decisionId: "d".repeat(32), side: "SHORT" });
      await put(position);
      expect(await book.get("p")).toStrictEqual(position);
      expect(await book.get("q")).toBeUndefined();
    });

    it("replaces the position with this id", async () => {
      await put(opened("p", { decisionId: "d" }), closed("p", 1));
      expect(await book.get("p")).toStrictEqual(closed("p", 1));
      await put(closed("p", 1, { exitPrice: 39_000 }));
      expect(await book.get("p")).toStrictEqual(closed("p", 1, { exitPrice: 39_000 }));
    });

    it("fails where another position has the close sequence, and changes nothing", async () => {
      await put(closed("p", 1), opened("q"));
      await refusal(book.put(closed("q", 1)), "aborted");
      expect(await book.get("q")).toStrictEqual(opened("q"));
    });

    it("never puts an opening in the place of a closing, for one that was given up may come late", async () => {
      await put(opened("p"), closed("p", 1));
      await refusal(book.put(opened("p")), "aborted");
      expect(await book.get("p")).toStrictEqual(closed("p", 1));
    });

    it("reads any position back field by field", async () => {
      let sequence = 0;
      const closing = fc.record(
        {
          exitPrice: fc.double({ min: 5e-324, noDefaultInfinity: true, noNaN: true }),
          closedAt: time,
          exitReason: fc.constantFrom("STOP" as const, "TIME" as const),
        },
        { noNullPrototype: true, requiredKeys: ["exitPrice", "closedAt"] },
      );
      await fc.assert(
        fc.asyncProperty(openPosition, fc.option(closing), async (position, end) => {
          // Each under an id of its own: a closing is never opened again.
          const positionId = `${position.positionId} ${++sequence}`;
          const any = { ...position, positionId, ...(end !== null && { ...end, closeSequence: sequence }) };
          await book.put(any);
          expect(await book.get(any.positionId)).toStrictEqual(any);
        }),
        { numRuns: 100 },
      );
    });
  });

  it("gives all that are open, over more than a page", async () => {
    await put(closed("done", 1), ...Array.from({ length: 1100 }, (_, i) => opened(`p-${i}`)));
    const found = await book.open();
    expect(found).toHaveLength(1100);
    expect(new Set(found.map((one) => one.positionId)).size).toBe(1100);
    expect(found.every((one) => one.closedAt === undefined)).toBe(true);
  });

  describe("closed", () => {
    it("gives a strategy's closed ones in order of closed_at, then id by code point", async () => {
      await put(
        closed("\u{1f600}", 1),
        closed("\u{ff5e}", 2),
        closed("early", 3, { closedAt: T + 5 }),
        closed("B", 4),
        closed("a", 5),
        closed("other", 6, { strategyId: "macd" }),
        opened("open"),
      );
      expect(ids(await book.closed("rsi"))).toEqual(["early", "B", "a", "\u{ff5e}", "\u{1f600}"]);
      expect(await book.closed("nobody")).toEqual([]);
    });

    it("gives those closed at or after the start and before the end", async () => {
      await put(...[1, 2, 3, 4].map((i) => closed(`p${i}`, i, { closedAt: T + i })));
      expect(ids(await book.closed("rsi", T + 2))).toEqual(["p2", "p3", "p4"]);
      expect(ids(await book.closed("rsi", undefined, T + 2))).toEqual(["p1"]);
      expect(ids(await book.closed("rsi", T + 2, T + 4))).toEqual(["p2", "p3"]);
    });

    it("orders like compareClosed, over more than a page", async () => {
      const many = Array.from({ length: 1100 }, (_, i) =>
        closed(`p-${(i * 7919) % 1100}`, i + 1, { closedAt: T + (i % 7) }),
      );
      await put(...many);
      expect(ids(await book.closed("rsi"))).toEqual(ids([...many].sort(compareClosed)));
    });
  });

  describe("closedAfter", () => {
    it("goes in order of close sequence, strictly after the one given, at most `limit`", async () => {
      await put(closed("c", 3), closed("a", 1), closed("b", 2), opened("open"));
      expect(ids(await book.closedAfter(0, 9))).toEqual(["a", "b", "c"]);
      expect(ids(await book.closedAfter(1, 9))).toEqual(["b", "c"]);
      expect(ids(await book.closedAfter(0, 2))).toEqual(["a", "b"]);
      expect(ids(await book.closedAfter(3, 9))).toEqual([]);
    });

    it("gives those of the strategies asked for; of all, where none are given", async () => {
      await put(closed("a", 1), closed("b", 2, { strategyId: "macd" }), closed("c", 3));
      expect(ids(await book.closedAfter(0, 9, ["macd"]))).toEqual(["b"]);
      expect(ids(await book.closedAfter(1, 9, ["rsi", "none"]))).toEqual(["c"]);
      expect(ids(await book.closedAfter(0, 9, []))).toEqual(["a", "b", "c"]);
    });
  });

  it("has given no close sequence at first, then the last one", async () => {
    await put(opened("p"));
    expect(await book.lastCloseSequence()).toBe(0);
    await put(closed("a", 2), closed("b", 1));
    expect(await book.lastCloseSequence()).toBe(2);
  });

  describe("rejections", () => {
    it("keeps the first for a decision", async () => {
      await book.reject({ decisionId: "d", reason: "no funds: 残高不足", time: T });
      await book.reject({ decisionId: "d", reason: "later", time: T + 1 });
      expect(await book.rejection("d")).toStrictEqual({ decisionId: "d", reason: "no funds: 残高不足", time: T });
      expect(await book.rejection("e")).toBeUndefined();
    });
  });

  it("tells which decisions have a rejection, or a position, open or closed", async () => {
    await book.reject({ decisionId: "rejected", reason: "", time: T });
    await put(
      opened("p1", { decisionId: "opened" }),
      closed("p2", 1, { decisionId: "closed" }),
      opened("p3", { decisionId: "not asked for" }),
      opened("p4"),
    );
    const unknown = Array.from({ length: 2_500 }, (_, i) => `unknown-${i}`);
    const asked = ["rejected", ...unknown, "opened", "closed"];
    expect(await book.settled(asked)).toEqual(new Set(["rejected", "opened", "closed"]));
    expect(await book.settled([])).toEqual(new Set());
  });

  it("closes as often as it is told to", async () => {
    await book.close();
    await book.close();
  });
}

function ids(positions: readonly Position[]): readonly string[] {
  return positions.map((one) => one.positionId);
}
