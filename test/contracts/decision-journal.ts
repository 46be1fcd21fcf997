import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DecisionJournal, JournalQuery } from "../../src/ports/decision-journal.ts";
import { decision as anyDecision } from "./arbitraries.ts";
import { decision, many, T } from "./decision-samples.ts";
import { decisionTracesContract } from "./decision-traces.ts";
import { refusal } from "./refusal.ts";

const HOUR = 3_600_000;

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

    it("leaves out what needs knowledge of exits where that is asked (R87)", async () => {
      const exitPlan = { targets: [], trailingDistancePct: 0.02 };
      await journal.append([decision(1), decision(2, { exitPlan }), decision(3)]);
      expect(await sequences()).toEqual([1, 2, 3]);
      expect(await sequences({ withoutExits: true })).toEqual([1, 3]);
      expect(await sequences({ withoutExits: true, validAt: decision(2).timestamp })).toEqual([1, 3]);
      expect(await sequences({ validAt: decision(2).timestamp })).toEqual([1, 2, 3]);
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
          expect(await journal.get([one.decisionId])).toStrictEqual([one]);
          const { strategyVersion, barCloseTime, timestamp, validUntil } = one;
          const trace = { sequence, strategyVersion, barCloseTime, timestamp, validUntil };
          expect(await journal.find([one.decisionId])).toMatchObject(one.action === undefined ? [trace] : []);
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

  describe("read, newest first,", () => {
    it("is the read oldest first, turned around, whatever the bounds and filters", async () => {
      const odd = (sequence: number) => (sequence % 700 === 0 ? { strategyId: "rare" } : {});
      await journal.append(many(1, 2500).map((one) => ({ ...one, ...odd(one.sequence) })));
      const queries: readonly Partial<JournalQuery>[] = [
        {},
        { after: 1200 },
        { upTo: 1300 },
        { after: 10, upTo: 2100 },
        { upTo: 0 },
        { strategyIds: ["rare"] },
        { strategyIds: ["rare"], upTo: 1399 },
        { strategyIds: ["nobody"] },
        { startTime: T + 100, endTime: T + 900 },
      ];
      for (const query of queries) {
        const turned = (await sequences(query)).toReversed();
        expect(await sequences({ ...query, newestFirst: true }), JSON.stringify(query)).toEqual(turned);
        const some = await sequences({ ...query, newestFirst: true, limit: 3 });
        expect(some, JSON.stringify(query)).toEqual(turned.slice(0, 3));
      }
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

  decisionTracesContract(() => journal);

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
