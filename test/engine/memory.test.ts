import { expect, it } from "vitest";
import { memoryJournal } from "../../src/adapters/memory/memory-journal.ts";
import type { Decision } from "../../src/domain/decision.ts";
import type { DecisionJournal, JournalQuery } from "../../src/ports/decision-journal.ts";
import { history, MINUTE, onBothPaths, type Rig, type RigOptions, startRig, T0 } from "./rig.ts";

const DAY = 86_400_000;

const HISTORY: RigOptions = {
  symbols: [],
  prepare(feed) {
    history(feed, "BTC", "1m", [100, 101, 102]);
    history(feed, "ETH", "1m", [10, 11, 12]);
  },
};

/** The engine anew, on what another one left behind. */
function restarted(rig: Rig, options: RigOptions = {}): Promise<Rig> {
  return startRig({ ...HISTORY, stores: rig.stores, clock: rig.clock, feed: rig.feed, ...options });
}

/** Judges "s" on values alone, since no bars come for days on end. */
function outcomeOf(rig: Rig): Promise<string> {
  return rig.evaluate({ price: 1, indicators: { CLOSE: 2 } }).then(({ outcome }) => outcome);
}

/** Lets days pass at once, and retention have its turn. */
async function leap(rig: Rig, ms: number): Promise<void> {
  rig.clock.stepWall(ms - MINUTE);
  await rig.pass(MINUTE);
}

onBothPaths("a JOURNAL_RETENTION shorter than a cooldown", () => {
  const options: RigOptions = { ...HISTORY, journalRetentionMs: DAY };

  it("keeps the newest decision of a pair, so that its cooldown holds, over restarts too, for as long as one can be", async () => {
    const first = await startRig(options);
    await first.save("s", "CLOSE > 1", { cooldownMs: 30 * DAY });
    await first.save("t", "CLOSE > 1");
    await first.sweep();
    await first.close({ BTC: 103 });
    await first.sweep({ strategyIds: ["t"] });
    expect(await first.journaled()).toHaveLength(3);
    await leap(first, 2 * DAY);
    const left = (await first.journaled()).map(({ strategyId, barCloseTime }) => [strategyId, barCloseTime - T0]);
    expect(left).toStrictEqual([
      ["s", 0],
      ["t", MINUTE],
    ]);
    expect(await outcomeOf(first)).toBe("COOLDOWN");
    await first.stop();
    const again = await restarted(first, options);
    expect(await outcomeOf(again)).toBe("COOLDOWN");
    await leap(again, T0 + 30 * DAY - 1_000 - again.clock.now());
    expect(await outcomeOf(again)).toBe("COOLDOWN");
    expect(await again.journaled()).toHaveLength(2);
    await again.pass(1_000);
    expect(await outcomeOf(again)).toBe("DECIDED");
    await leap(again, 2 * DAY);
    expect(await again.journaled()).toStrictEqual([]);
    expect(await outcomeOf(again)).toBe("DECIDED");
  });

  it("drops what was the newest of its pair and is not any more, a day later at the latest", async () => {
    const rig = await startRig(options);
    history(rig.feed, "BTC", "1d", [100, 102]);
    await rig.save("s", "CLOSE > 1", { timeframe: "1d" });
    await rig.sweep();
    await leap(rig, 2 * DAY - 2 * MINUTE);
    expect(await rig.journaled()).toHaveLength(1);
    history(rig.feed, "BTC", "1d", [103, 104], T0 + 2 * DAY);
    rig.feed.setPrice("BTC", 104, T0 + 2 * DAY);
    await rig.pass(2 * MINUTE);
    expect((await rig.sweep()).decisions).toHaveLength(1);
    await leap(rig, DAY);
    expect((await rig.journaled()).map(({ sequence }) => sequence)).toStrictEqual([2]);
  });
});

onBothPaths("a decision that is reported rejected", () => {
  it("is looked for in the journal where the gates do not hold it any more, and by its id alone", async () => {
    const inner = memoryJournal();
    const asked: (readonly string[])[] = [];
    const journal: DecisionJournal = {
      ...inner,
      find(ids) {
        asked.push(ids);
        return inner.find(ids);
      },
    };
    const rig = await startRig({ ...HISTORY, stores: { journal } });
    await rig.save("s", "CLOSE > 1");
    const [made] = (await rig.sweep()).decisions;
    const id = made?.decisionId ?? "";
    await rig.pass(5 * MINUTE);
    await rig.engine.performance.rejected(id, "too late");
    const unknown = "0123456789abcdef0123456789abcdef";
    await expect(rig.engine.performance.rejected(unknown, "no")).rejects.toMatchObject({ code: "not_found" });
    expect(asked).toStrictEqual([[id], [unknown]]);
  });
});

onBothPaths("include_emitted", () => {
  it("reads only what is still valid, of bars that have closed", async () => {
    const inner = memoryJournal();
    const queries: JournalQuery[] = [];
    const journal: DecisionJournal = {
      ...inner,
      read(query) {
        queries.push(query);
        return inner.read(query);
      },
    };
    const rig = await startRig({ ...HISTORY, stores: { journal } });
    await rig.save("s", "CLOSE > 1");
    await rig.save("hourly", "CLOSE > 1", { timeframe: "1h" });
    history(rig.feed, "BTC", "1h", [100, 102]);
    await rig.sweep();
    for (const close of [103, 104, 105]) {
      await rig.close({ BTC: close });
      await rig.sweep({ strategyIds: ["s"] });
    }
    queries.length = 0;
    const all = await rig.sweep({ includeEmitted: true });
    expect(all.decisions.map(({ strategyId, barCloseTime }) => [strategyId, (barCloseTime - T0) / MINUTE])).toEqual([
      ["hourly", 0],
      ["s", 3],
    ]);
    expect(queries).toMatchObject([{ validAt: rig.clock.now() }]);
  });
});

onBothPaths("a replay that comes to where one was before", () => {
  const options: RigOptions = { ...HISTORY, symbols: ["BTC", "ETH"], completes: true, startAt: T0 + 20_000 };
  const CLOSES = [103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114];

  async function replay(rig: Rig, from = 0): Promise<readonly Readonly<Record<string, number>>[]> {
    const before = rig.summaries().length;
    for (const close of CLOSES.slice(from)) {
      await rig.close({ BTC: close, ETH: close / 10 });
    }
    const summaries = rig.summaries().slice(before);
    return summaries.map(({ outcomes }) => outcomes);
  }

  /** A start may judge the close that it went over. */
  async function madeAfterStart(rig: Rig): Promise<readonly Decision[]> {
    return (await rig.journaled()).filter(({ barCloseTime }) => barCloseTime > T0);
  }

  it("decides nothing twice, and gates all else as it did then (R30 to R33)", async () => {
    const first = await startRig(options);
    await first.save("cool", "CLOSE > 1", { cooldownMs: 3 * MINUTE });
    await first.save("placed", "CLOSE > 1", { maxPositions: 1 });
    const outcomes = await replay(first);
    const made = await madeAfterStart(first);
    await first.stop();
    const again = await startRig({ ...options, stores: first.stores });
    // Everything that was decided counts as decided now, and everything else is refused for the
    // same reasons.
    expect(await replay(again)).toStrictEqual(
      outcomes.map(({ DECIDED = 0, ...others }) => ({ ...(DECIDED > 0 && { ALREADY_DECIDED: DECIDED }), ...others })),
    );
    expect(await madeAfterStart(again)).toStrictEqual(made);
  });

  it("sees what others decide in between as it would have then", async () => {
    const first = await startRig(options);
    await first.save("s", "CLOSE > 1");
    await replay(first, 6);
    await first.stop();
    const again = await startRig({ ...options, stores: first.stores });
    await again.save("late", "CLOSE > 1", { cooldownMs: 2 * MINUTE, maxPositions: 1 });
    await replay(again);
    const late = (await again.journaled()).filter(({ strategyId }) => strategyId === "late");
    expect(late.map(({ barCloseTime }) => (barCloseTime - T0) / MINUTE)).toStrictEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
    ]);
    expect(new Set(late.map(({ symbol, timestamp }) => `${symbol} ${timestamp}`)).size).toBe(late.length);
    const ofSymbol = (symbol: string) => late.filter((one) => one.symbol === symbol).map(({ timestamp }) => timestamp);
    for (const times of [ofSymbol("BTC"), ofSymbol("ETH")]) {
      expect(times.every((time, i) => i === 0 || time - (times[i - 1] ?? 0) >= 2 * MINUTE)).toBe(true);
    }
  });
});
