import { describe, expect, it } from "vitest";
import type { Decision } from "../../src/domain/decision.ts";
import type { DecisionJournal, DropPlace, TraceQuestion, TraceWindow } from "../../src/ports/decision-journal.ts";
import { decision, many, T } from "./decision-samples.ts";
import { refusal } from "./refusal.ts";

const HOUR = 3_600_000;

/**
 * What gates and retention ask of a journal; `get` gives that of the case, which is new and empty.
 */
export function decisionTracesContract(get: () => DecisionJournal): void {
  async function sequences(): Promise<readonly number[]> {
    return (await get().read({ includeShadow: true, limit: 10_000 })).map(({ sequence }) => sequence);
  }

  describe("decisions on exits", () => {
    const exitOf = (sequence: number, positionId: string, action: "CLOSE" | "ADJUST" = "ADJUST"): Decision => {
      const { validUntil: _, ...rest } = decision(sequence, { action, positionId });
      return rest;
    };

    it("are found by position, the newest of each, whole", async () => {
      const all = [decision(1), exitOf(2, "p"), exitOf(3, "q"), exitOf(4, "p", "CLOSE"), exitOf(5, "other")];
      await get().append(all);
      expect(await get().exits(["q", "p", "unknown"])).toStrictEqual([all[2], all[3]]);
      expect(await get().exits([])).toEqual([]);
      expect(await get().get([exitOf(4, "p").decisionId, decision(1).decisionId])).toStrictEqual([all[0], all[3]]);
    });

    it("are nothing that the gates ask for (R87)", async () => {
      await get().append([decision(1), exitOf(2, "p")]);
      const found: number[] = [];
      await get().traces({ validAfter: T - HOUR, closedBy: T + HOUR }, (page) =>
        found.push(...page.map(({ sequence }) => sequence)),
      );
      expect(new Set(found)).toEqual(new Set([1]));
      const question = { strategyId: "rsi", symbol: "BTCUSDT", barCloseTime: T, time: T + 10 };
      expect((await get().tracesAt([question])).map(({ sequence }) => sequence)).toEqual([1]);
      expect(await get().find([exitOf(2, "p").decisionId])).toEqual([]);
      const inForce = await get().read({ includeShadow: true, validAt: T, limit: 10 });
      expect(inForce.map(({ sequence }) => sequence)).toEqual([1]);
    });

    it("are dropped by their age alone, unless open positions need them (R81)", async () => {
      await get().append([decision(1), exitOf(2, "p"), exitOf(3, "p"), decision(4, { strategyId: "b" })]);
      const keep = new Set([decision(1).decisionId, exitOf(3, "p").decisionId]);
      const query = { before: T + HOUR, keepNewestFrom: T + HOUR, limit: 10 };
      expect((await get().drop({ ...query, keep })).dropped).toBe(2);
      expect(await sequences()).toEqual([1, 3]);
      expect((await get().drop({ ...query, keepNewestFrom: T })).dropped).toBe(1);
      expect(await sequences()).toEqual([1]);
    });
  });

  describe("find", () => {
    it("gives traces of those that are kept, in order of sequence", async () => {
      await get().append([decision(1), decision(2, { shadow: true, symbol: "ETHUSDT", strategyVersion: 7 })]);
      const [first, second] = [decision(1).decisionId, decision(2).decisionId];
      expect(await get().find([second, "unknown", first])).toStrictEqual([
        {
          sequence: 1,
          decisionId: first,
          strategyId: "rsi",
          strategyVersion: 1,
          symbol: "BTCUSDT",
          barCloseTime: T,
          timestamp: T + 1,
          validUntil: T + HOUR,
          shadow: false,
        },
        {
          sequence: 2,
          decisionId: second,
          strategyId: "rsi",
          strategyVersion: 7,
          symbol: "ETHUSDT",
          barCloseTime: T,
          timestamp: T + 2,
          validUntil: T + HOUR,
          shadow: true,
        },
      ]);
      expect(await get().find([])).toEqual([]);
    });

    it("takes more ids than a page has", async () => {
      await get().append(many(1, 2500));
      const ids = many(1, 2500).map((one) => one.decisionId);
      expect((await get().find(ids.toReversed())).map(({ decisionId }) => decisionId)).toEqual(ids);
    });
  });

  describe("traces", () => {
    async function traced(window: TraceWindow): Promise<readonly number[]> {
      const found = new Set<number>();
      await get().traces(window, (page) => {
        for (const { sequence } of page) {
          found.add(sequence);
        }
      });
      return [...found].sort((a, b) => a - b);
    }

    it("are those of the newest of every strategy, symbol and kind", async () => {
      await get().append([
        decision(1, { timestamp: T + 3 }),
        decision(2, { timestamp: T + 3 }),
        decision(3, { timestamp: T + 1 }),
        decision(4, { shadow: true }),
        decision(5, { symbol: "ETHUSDT" }),
        decision(6, { strategyId: "macd" }),
        decision(7, { strategyId: "macd", timestamp: T }),
      ]);
      expect(await traced({ validAfter: T + HOUR, closedBy: T + HOUR })).toEqual([2, 4, 5, 6]);
    });

    it("and those in the window: valid after its start, on bars that closed by its end", async () => {
      await get().append([
        decision(1),
        decision(2, { validUntil: T + 60_000 }),
        decision(3, { barCloseTime: T + 60_000, timestamp: T + 60_000 }),
        decision(4, { barCloseTime: T + 60_001, timestamp: T + 60_001 }),
        decision(5, { barCloseTime: T + 70_000, timestamp: T + 70_000 }),
      ]);
      expect(await traced({ validAfter: T + 60_000, closedBy: T + 60_000 })).toEqual([1, 3, 5]);
      expect(await traced({ validAfter: T + 59_999, closedBy: T + 60_001 })).toEqual([1, 2, 3, 4, 5]);
    });

    it("come over more than a page, and as they were appended", async () => {
      await get().append(Array.from({ length: 2500 }, (_, i) => decision(i + 1, { symbol: `S${i}` })));
      const all = many(1, 2500).map((one) => one.sequence);
      expect(await traced({ validAfter: T + HOUR, closedBy: T })).toEqual(all);
      const pages: unknown[] = [];
      await get().traces({ validAfter: T + HOUR, closedBy: T }, (page) => pages.push(...page));
      const found = await get().find(many(1, 2500).map((one) => one.decisionId));
      expect(pages).toHaveLength(2500);
      expect(pages).toEqual(expect.arrayContaining([...found.slice(0, 3), ...found.slice(-3)]));
    });
  });

  describe("tracesAt", () => {
    const ask = { strategyId: "rsi", symbol: "BTCUSDT", barCloseTime: T, time: T + 5 };

    async function answered(...questions: readonly TraceQuestion[]): Promise<readonly number[]> {
      return (await get().tracesAt(questions)).map(({ sequence }) => sequence);
    }

    it("gives what was decided on the bar, whenever that was, of both kinds", async () => {
      await get().append([
        decision(1, { timestamp: T + 9 }),
        decision(2, { timestamp: T + 8, shadow: true }),
        decision(3, { timestamp: T + 9, symbol: "ETHUSDT", validUntil: T + 1 }),
        decision(4, { timestamp: T + 9, strategyId: "macd" }),
        decision(5, { barCloseTime: T + 60_000, timestamp: T + 60_000 }),
      ]);
      expect(await answered(ask)).toEqual([1, 2]);
      expect(await answered({ ...ask, barCloseTime: T + 60_000, time: T - 1 })).toEqual([5]);
    });

    it("gives the newest of each kind on the pair that was made by the time", async () => {
      const [early, late] = [T - 4 * HOUR, T - 2 * HOUR];
      const old = { barCloseTime: late, validUntil: T - HOUR };
      await get().append([
        decision(1, { barCloseTime: early, timestamp: early, validUntil: early + HOUR }),
        decision(2, { ...old, timestamp: late + 1 }),
        decision(3, { ...old, timestamp: late + 1, shadow: true }),
        decision(4, { ...old, timestamp: late + 2, symbol: "ETHUSDT" }),
      ]);
      expect(await answered({ ...ask, time: T })).toEqual([2, 3]);
      expect(await answered({ ...ask, time: late - 1 })).toEqual([1]);
    });

    it("gives all of the strategy that were in force at the time", async () => {
      await get().append([
        decision(1, { symbol: "A" }),
        decision(2, { symbol: "B", barCloseTime: T + 6, timestamp: T + 6 }),
        decision(3, { symbol: "C", barCloseTime: T - HOUR, timestamp: T - HOUR, validUntil: T + 5 }),
        decision(4, { symbol: "D", barCloseTime: T - HOUR, timestamp: T - HOUR, validUntil: T + 6, shadow: true }),
        decision(5, { symbol: "E", strategyId: "macd" }),
      ]);
      expect(await answered(ask)).toEqual([1, 4]);
    });

    it("answers many questions, each decision once, in order of sequence", async () => {
      await get().append(many(1, 3));
      const others = Array.from({ length: 1_500 }, (_, i) => ({ ...ask, symbol: `S${i}` }));
      expect(await answered(ask, ...others, ask, { ...ask, time: T + 1 })).toEqual([1, 2, 3]);
      expect(await answered()).toEqual([]);
    });
  });

  describe("drop", () => {
    /** Decisions on pairs of their own, so that each is the newest, one on a pair of all. */
    const others = (from: number, to: number) => many(from, to).map((one) => ({ ...one, symbol: "ETHUSDT" }));

    it("drops what is before the time, oldest first, and says where it ended", async () => {
      await get().append(many(1, 5));
      const query = { before: T + 4, keepNewestFrom: T + 4, limit: 2 };
      const first = await get().drop(query);
      expect(first).toStrictEqual({ dropped: 2, end: { timestamp: T + 2, sequence: 2 } });
      expect(await sequences()).toEqual([3, 4, 5]);
      const second = await get().drop({ ...query, after: first.end as DropPlace });
      expect(second).toStrictEqual({ dropped: 1, end: { timestamp: T + 3, sequence: 3 } });
      expect(await get().drop({ ...query, after: second.end as DropPlace })).toStrictEqual({ dropped: 0 });
      expect(await sequences()).toEqual([4, 5]);
      expect(await get().find([decision(1).decisionId])).toEqual([]);
    });

    it("keeps the newest of a strategy, symbol and kind, from the time on that it is told to", async () => {
      await get().append([...many(1, 2), ...others(3, 4), decision(5, { shadow: true }), decision(6)]);
      const query = { before: T + 9, keepNewestFrom: T + 5, limit: 9 };
      expect(await get().drop(query)).toStrictEqual({ dropped: 4, end: { timestamp: T + 6, sequence: 6 } });
      expect(await sequences()).toEqual([5, 6]);
      expect(await get().drop({ ...query, keepNewestFrom: T + 6 })).toMatchObject({ dropped: 1 });
      expect(await sequences()).toEqual([6]);
    });

    it("goes on behind what it kept", async () => {
      await get().append([decision(1), ...others(2, 3), decision(4, { strategyId: "macd", timestamp: T + 3 })]);
      const query = { before: T + 9, keepNewestFrom: T, limit: 1 };
      const ends = [];
      for (let after: DropPlace | undefined; ; ) {
        const { dropped, end } = await get().drop({ ...query, ...(after && { after }) });
        ends.push([dropped, end?.sequence]);
        after = end;
        if (end === undefined) {
          break;
        }
      }
      expect(ends).toEqual([
        [0, 1],
        [1, 2],
        [0, 3],
        [0, 4],
        [0, undefined],
      ]);
      expect(await sequences()).toEqual([1, 3, 4]);
    });

    it("leaves the last sequence given, which the next one follows", async () => {
      await get().append(many(1, 3));
      expect(await get().drop({ before: T + 9, keepNewestFrom: T + 9, limit: 9 })).toMatchObject({ dropped: 3 });
      expect(await get().lastSequence()).toBe(3);
      await refusal(get().append([decision(1)]), "aborted");
      await get().append([decision(4)]);
      expect(await sequences()).toEqual([4]);
    });
  });
}
