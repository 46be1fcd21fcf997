import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Decision } from "../../src/domain/decision.ts";
import type {
  DecisionJournal,
  DropPlace,
  JournalQuery,
  TraceQuestion,
  TraceWindow,
} from "../../src/ports/decision-journal.ts";
import { decision as anyDecision } from "./arbitraries.ts";
import { decision, T } from "./decision-samples.ts";
import { refusal } from "./refusal.ts";

const HOUR = 3_600_000;

function many(from: number, to: number): readonly Decision[] {
  return Array.from({ length: to - from + 1 }, (_, i) => decision(from + i));
}

/** `open` gives a new, empty journal that is ready. */
export function decisionJournalContract(open: () => Promise<DecisionJournal>): void {
  let journal: DecisionJournal;

  beforeEach(async () => {
    journal = await open();
  });

  afterEach(() => journal.close());

  async function sequences(query: Partial<JournalQuery> = {}): Promise<readonly number[]> {
    const read = await journal.read({ includeShadow: true, limit: 10_000, ...query });
    return read.map((one) => one.sequence);
  }

  describe("the note of closes that are judged", () => {
    it("is absent at first, and is the one noted last", async () => {
      expect(await journal.judgedUntil()).toBeUndefined();
      await journal.noteJudged(T);
      await journal.noteJudged(T + 60_000);
      expect(await journal.judgedUntil()).toBe(T + 60_000);
      await journal.append(many(1, 2));
      expect(await journal.judgedUntil()).toBe(T + 60_000);
    });
  });

  describe("append", () => {
    it("keeps decisions, which are read back field by field", async () => {
      const both = [decision(1), decision(2, { shadow: true, side: "SHORT", conditions: [], metadata: {} })];
      await journal.append(both);
      expect(await journal.read({ includeShadow: true, limit: 10 })).toStrictEqual(both);
    });

    it("reads any decision back field by field", async () => {
      let sequence = 0;
      const used = new Set<string>();
      const fresh = anyDecision.filter(({ decisionId }) => !used.has(decisionId));
      await fc.assert(
        fc.asyncProperty(fresh, async (any) => {
          sequence++;
          used.add(any.decisionId);
          const one = { ...any, sequence };
          await journal.append([one]);
          expect(await journal.read({ after: sequence - 1, includeShadow: true, limit: 1 })).toStrictEqual([one]);
          const { strategyVersion, barCloseTime, timestamp, validUntil } = one;
          expect(await journal.find([one.decisionId])).toMatchObject([
            { sequence, strategyVersion, barCloseTime, timestamp, validUntil },
          ]);
        }),
        { numRuns: 100 },
      );
    });

    it("writes nothing where there is nothing to write", async () => {
      await journal.append([]);
      expect(await journal.lastSequence()).toBe(0);
    });

    it("writes none where a sequence is taken", async () => {
      await journal.append(many(1, 3));
      await refusal(journal.append([decision(3, { decisionId: "f".repeat(32) }), decision(4)]), "aborted");
      expect(await sequences()).toEqual([1, 2, 3]);
      expect(await journal.lastSequence()).toBe(3);
    });

    it("writes none where a decision id is taken, in the journal or in the call", async () => {
      await journal.append(many(1, 2));
      const taken = decision(1).decisionId;
      await refusal(journal.append([decision(3), decision(4, { decisionId: taken })]), "aborted");
      await refusal(journal.append([decision(3), decision(4, { decisionId: decision(3).decisionId })]), "aborted");
      expect(await sequences()).toEqual([1, 2]);
      await journal.append([decision(3)]);
      expect(await journal.lastSequence()).toBe(3);
    });

    it("writes none of many where one far behind cannot be written", async () => {
      await journal.append([decision(1)]);
      const taken = decision(1).decisionId;
      await refusal(journal.append([...many(2, 349), decision(350, { decisionId: taken })]), "aborted");
      expect(await sequences()).toEqual([1]);
      await refusal(journal.append(many(3, 350)), "aborted");
      expect(await sequences()).toEqual([1]);
      await journal.append(many(2, 350));
      expect(await sequences()).toEqual(many(1, 350).map((one) => one.sequence));
    });

    it("writes none where sequences do not follow the last one, or each other", async () => {
      await journal.append(many(1, 2));
      await refusal(journal.append([decision(4)]), "aborted");
      await refusal(journal.append([decision(3), decision(5)]), "aborted");
      expect(await sequences()).toEqual([1, 2]);
    });

    it("writes nothing where it comes too late, and what is in time", async () => {
      await refusal(journal.append([decision(1)], 0), "deadline_exceeded");
      await refusal(journal.append([decision(1)], -60_000), "deadline_exceeded");
      expect([await journal.lastSequence(), await sequences()]).toEqual([0, []]);
      await journal.append([decision(1), decision(2)], 60_000);
      expect(await sequences()).toEqual([1, 2]);
    });

    it("can be tried, which leaves nothing", async () => {
      await journal.append([decision(1)]);
      await journal.probe([decision(2), decision(3)]);
      await journal.probe([]);
      expect([await journal.lastSequence(), await sequences()]).toEqual([1, [1]]);
      await journal.append([decision(2)]);
      expect(await sequences()).toEqual([1, 2]);
    });

    it("lets one of two writers win a sequence", async () => {
      const attempts = ["a", "b"].map((letter) => journal.append([decision(1, { decisionId: letter.repeat(32) })]));
      const outcomes = await Promise.allSettled(attempts);
      expect(outcomes.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
      expect(await sequences()).toEqual([1]);
    });
  });

  describe("read", () => {
    it("goes in order of sequence, over more than a page", async () => {
      await journal.append(many(1, 1500));
      await journal.append(many(1501, 2500));
      expect(await sequences()).toEqual(many(1, 2500).map((one) => one.sequence));
      expect(await sequences({ limit: 2100 })).toHaveLength(2100);
    });

    it("gives at most `limit`, none for 0", async () => {
      await journal.append(many(1, 5));
      expect(await sequences({ limit: 2 })).toEqual([1, 2]);
      expect(await sequences({ limit: 0 })).toEqual([]);
    });

    it("bounds sequences: above `after`, up to and including `upTo`", async () => {
      await journal.append(many(1, 5));
      expect(await sequences({ after: 2 })).toEqual([3, 4, 5]);
      expect(await sequences({ upTo: 2 })).toEqual([1, 2]);
      expect(await sequences({ after: 2, upTo: 4 })).toEqual([3, 4]);
      expect(await sequences({ after: 5 })).toEqual([]);
    });

    it("bounds timestamps: at or after the start, before the end", async () => {
      await journal.append(many(1, 5));
      expect(await sequences({ startTime: T + 2 })).toEqual([2, 3, 4, 5]);
      expect(await sequences({ endTime: T + 2 })).toEqual([1]);
      expect(await sequences({ startTime: T + 2, endTime: T + 4 })).toEqual([2, 3]);
    });

    it("filters by strategy and symbol; an empty list lets all through", async () => {
      await journal.append([
        decision(1),
        decision(2, { strategyId: "macd" }),
        decision(3, { symbol: "ETHUSDT" }),
        decision(4, { strategyId: "macd", symbol: "ETHUSDT" }),
      ]);
      expect(await sequences({ strategyIds: ["macd"] })).toEqual([2, 4]);
      expect(await sequences({ symbols: ["ETHUSDT", "none"] })).toEqual([3, 4]);
      expect(await sequences({ strategyIds: ["rsi"], symbols: ["ETHUSDT"] })).toEqual([3]);
      expect(await sequences({ strategyIds: [], symbols: [] })).toEqual([1, 2, 3, 4]);
    });

    it("gives SHADOW decisions where asked for, LIVE ones always", async () => {
      await journal.append([decision(1), decision(2, { shadow: true }), decision(3)]);
      expect(await sequences({ includeShadow: false })).toEqual([1, 3]);
      expect(await sequences({ includeShadow: true })).toEqual([1, 2, 3]);
    });
  });

  describe("read of what is in force at a time", () => {
    it("gives those on bars that had closed by then that are valid after it, with the other filters", async () => {
      await journal.append([
        decision(1, { validUntil: T + HOUR }),
        decision(2, { validUntil: T + 60_000 }),
        decision(3, { barCloseTime: T + 60_000, timestamp: T + 60_000, validUntil: T + HOUR }),
        decision(4, { strategyId: "macd", shadow: true }),
        decision(5, { symbol: "ETHUSDT", validUntil: T + 86_400_000 }),
      ]);
      expect(await sequences({ validAt: T + 59_999 })).toEqual([1, 2, 4, 5]);
      expect(await sequences({ validAt: T + 60_000 })).toEqual([1, 3, 4, 5]);
      expect(await sequences({ validAt: T + HOUR })).toEqual([5]);
      expect(await sequences({ validAt: T - 1 })).toEqual([]);
      const filters = { validAt: T, includeShadow: false, symbols: ["BTCUSDT"], strategyIds: ["rsi", "macd"] };
      expect(await sequences(filters)).toEqual([1, 2]);
      expect(await sequences({ validAt: T, after: 1, limit: 2 })).toEqual([2, 4]);
    });

    it("goes over more than a page", async () => {
      await journal.append(many(1, 2500));
      expect(await sequences({ validAt: T + 1 })).toEqual(many(1, 2500).map((one) => one.sequence));
    });
  });

  describe("find", () => {
    it("gives traces of those that are kept, in order of sequence", async () => {
      await journal.append([decision(1), decision(2, { shadow: true, symbol: "ETHUSDT", strategyVersion: 7 })]);
      const [first, second] = [decision(1).decisionId, decision(2).decisionId];
      expect(await journal.find([second, "unknown", first])).toStrictEqual([
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
      expect(await journal.find([])).toEqual([]);
    });

    it("takes more ids than a page has", async () => {
      await journal.append(many(1, 2500));
      const ids = many(1, 2500).map((one) => one.decisionId);
      expect((await journal.find(ids.toReversed())).map(({ decisionId }) => decisionId)).toEqual(ids);
    });
  });

  describe("traces", () => {
    async function traced(window: TraceWindow): Promise<readonly number[]> {
      const found = new Set<number>();
      await journal.traces(window, (page) => {
        for (const { sequence } of page) {
          found.add(sequence);
        }
      });
      return [...found].sort((a, b) => a - b);
    }

    it("are those of the newest of every strategy, symbol and kind", async () => {
      await journal.append([
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
      await journal.append([
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
      await journal.append(Array.from({ length: 2500 }, (_, i) => decision(i + 1, { symbol: `S${i}` })));
      const all = many(1, 2500).map((one) => one.sequence);
      expect(await traced({ validAfter: T + HOUR, closedBy: T })).toEqual(all);
      const pages: unknown[] = [];
      await journal.traces({ validAfter: T + HOUR, closedBy: T }, (page) => pages.push(...page));
      const found = await journal.find(many(1, 2500).map((one) => one.decisionId));
      expect(pages).toHaveLength(2500);
      expect(pages).toEqual(expect.arrayContaining([...found.slice(0, 3), ...found.slice(-3)]));
    });
  });

  describe("tracesAt", () => {
    const ask = { strategyId: "rsi", symbol: "BTCUSDT", barCloseTime: T, time: T + 5 };

    async function answered(...questions: readonly TraceQuestion[]): Promise<readonly number[]> {
      return (await journal.tracesAt(questions)).map(({ sequence }) => sequence);
    }

    it("gives what was decided on the bar, whenever that was, of both kinds", async () => {
      await journal.append([
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
      await journal.append([
        decision(1, { barCloseTime: early, timestamp: early, validUntil: early + HOUR }),
        decision(2, { ...old, timestamp: late + 1 }),
        decision(3, { ...old, timestamp: late + 1, shadow: true }),
        decision(4, { ...old, timestamp: late + 2, symbol: "ETHUSDT" }),
      ]);
      expect(await answered({ ...ask, time: T })).toEqual([2, 3]);
      expect(await answered({ ...ask, time: late - 1 })).toEqual([1]);
    });

    it("gives all of the strategy that were in force at the time", async () => {
      await journal.append([
        decision(1, { symbol: "A" }),
        decision(2, { symbol: "B", barCloseTime: T + 6, timestamp: T + 6 }),
        decision(3, { symbol: "C", barCloseTime: T - HOUR, timestamp: T - HOUR, validUntil: T + 5 }),
        decision(4, { symbol: "D", barCloseTime: T - HOUR, timestamp: T - HOUR, validUntil: T + 6, shadow: true }),
        decision(5, { symbol: "E", strategyId: "macd" }),
      ]);
      expect(await answered(ask)).toEqual([1, 4]);
    });

    it("answers many questions, each decision once, in order of sequence", async () => {
      await journal.append(many(1, 3));
      const others = Array.from({ length: 1_500 }, (_, i) => ({ ...ask, symbol: `S${i}` }));
      expect(await answered(ask, ...others, ask, { ...ask, time: T + 1 })).toEqual([1, 2, 3]);
      expect(await answered()).toEqual([]);
    });
  });

  describe("drop", () => {
    /** Decisions on pairs of their own, so that each is the newest, one on a pair of all. */
    const others = (from: number, to: number) => many(from, to).map((one) => ({ ...one, symbol: "ETHUSDT" }));

    it("drops what is before the time, oldest first, and says where it ended", async () => {
      await journal.append(many(1, 5));
      const query = { before: T + 4, keepNewestFrom: T + 4, limit: 2 };
      const first = await journal.drop(query);
      expect(first).toStrictEqual({ dropped: 2, end: { timestamp: T + 2, sequence: 2 } });
      expect(await sequences()).toEqual([3, 4, 5]);
      const second = await journal.drop({ ...query, after: first.end as DropPlace });
      expect(second).toStrictEqual({ dropped: 1, end: { timestamp: T + 3, sequence: 3 } });
      expect(await journal.drop({ ...query, after: second.end as DropPlace })).toStrictEqual({ dropped: 0 });
      expect(await sequences()).toEqual([4, 5]);
      expect(await journal.find([decision(1).decisionId])).toEqual([]);
    });

    it("keeps the newest of a strategy, symbol and kind, from the time on that it is told to", async () => {
      await journal.append([...many(1, 2), ...others(3, 4), decision(5, { shadow: true }), decision(6)]);
      const query = { before: T + 9, keepNewestFrom: T + 5, limit: 9 };
      expect(await journal.drop(query)).toStrictEqual({ dropped: 4, end: { timestamp: T + 6, sequence: 6 } });
      expect(await sequences()).toEqual([5, 6]);
      expect(await journal.drop({ ...query, keepNewestFrom: T + 6 })).toMatchObject({ dropped: 1 });
      expect(await sequences()).toEqual([6]);
    });

    it("goes on behind what it kept", async () => {
      await journal.append([decision(1), ...others(2, 3), decision(4, { strategyId: "macd", timestamp: T + 3 })]);
      const query = { before: T + 9, keepNewestFrom: T, limit: 1 };
      const ends = [];
      for (let after: DropPlace | undefined; ; ) {
        const { dropped, end } = await journal.drop({ ...query, ...(after && { after }) });
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
      await journal.append(many(1, 3));
      expect(await journal.drop({ before: T + 9, keepNewestFrom: T + 9, limit: 9 })).toMatchObject({ dropped: 3 });
      expect(await journal.lastSequence()).toBe(3);
      await refusal(journal.append([decision(1)]), "aborted");
      await journal.append([decision(4)]);
      expect(await sequences()).toEqual([4]);
    });
  });

  it("has an identity of its own, the same each time", async () => {
    const identity = await journal.identity();
    expect(identity).toMatch(/^[0-9a-f]{12}$/);
    await journal.append([decision(1)]);
    expect(await journal.identity()).toBe(identity);
  });

  it("reads no more once the signal has come", async () => {
    await journal.append(many(1, 5));
    expect(await sequences({ signal: new AbortController().signal })).toHaveLength(5);
    expect(await sequences({ signal: AbortSignal.abort() })).toEqual([]);
  });

  it("has given no sequence at first, then the last one appended", async () => {
    expect(await journal.lastSequence()).toBe(0);
    await journal.append(many(1, 2));
    expect(await journal.lastSequence()).toBe(2);
  });

  it("closes as often as it is told to", async () => {
    await journal.close();
    await journal.close();
  });
}
