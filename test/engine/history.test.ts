import { describe, expect, it } from "vitest";
import type { Bar } from "../../src/domain/bar.ts";
import { RuntimeError } from "../../src/domain/errors.ts";
import { barsFrom, type ScriptedFeed } from "../scripted-feed.ts";
import { history, MINUTE, type Rig, type RigOptions, startRig, T0 } from "./rig.ts";

/** Enough for EMA_100 to have settled (R10). */
const LONG = Array.from({ length: 2_000 }, (_, i) => 100 + Math.sin(i));
const WITH_LONG: RigOptions = { prepare: (feed) => history(feed, "BTC", "1m", LONG) };

/** "2026-01-04T10:40:00Z". */
function timeText(time: number): string {
  return new Date(time).toISOString().replace(".000", "");
}

function noteOf(rig: Rig): string | undefined {
  return rig.engine.runtime.status().symbols[0]?.note;
}

/** Minutes of the closes that a strategy decided on. */
async function decidedBy(rig: Rig, strategyId: string): Promise<readonly number[]> {
  const own = (await rig.journaled()).filter((decision) => decision.strategyId === strategyId);
  return own.map(({ barCloseTime }) => (barCloseTime - T0) / MINUTE);
}

/**
 * Keeps longer histories than 1,000 bars waiting, as they were when they were asked, until the
 * answer is called.
 */
function holdLongHistories(feed: ScriptedFeed): () => void {
  const ask = feed.history;
  const { promise, resolve } = Promise.withResolvers<void>();
  feed.history = async (symbol, timeframe, count, until) => {
    const bars = await ask(symbol, timeframe, count, until);
    if (count > 1_000) {
      await promise;
    }
    return bars;
  };
  return resolve;
}

describe("a strategy that needs a longer history", () => {
  describe.each([{ explained: true }, { explained: false }])("explained: $explained", ({ explained }) => {
    it("waits alone while the history is refused, and is judged once it is there", async () => {
      const rig = await startRig({ ...WITH_LONG, explained });
      await rig.save("old", "CLOSE > 1");
      await rig.close({ BTC: 101 });
      rig.feed.historyFault = () => new RuntimeError("unavailable", "status 503");
      await rig.save("new", "CLOSE > EMA_100");
      await rig.close({ BTC: 201 });
      await rig.close({ BTC: 202 });
      expect(await decidedBy(rig, "old")).toStrictEqual([1, 2, 3]);
      expect(await decidedBy(rig, "new")).toStrictEqual([]);
      expect(rig.summaries().at(-1)?.outcomes).toStrictEqual({ DECIDED: 1, MARKET_DATA_UNAVAILABLE: 1 });
      expect(noteOf(rig)).toMatch(/reaches back 968 bars, and 1482 are needed: .*status 503/);
      expect(rig.engine.runtime.status()).toMatchObject({ ready: true });
      rig.feed.historyFault = undefined;
      await rig.pass(MINUTE - 1);
      await rig.close({ BTC: 203 });
      expect(await decidedBy(rig, "old")).toStrictEqual([1, 2, 3, 4]);
      expect(await decidedBy(rig, "new")).toStrictEqual([4]);
      expect(noteOf(rig)).toBeUndefined();
    });

    it("waits alone while the history is slow; no bar that comes meanwhile is lost", async () => {
      const rig = await startRig({ ...WITH_LONG, explained });
      await rig.save("old", "CLOSE > 1");
      const answer = holdLongHistories(rig.feed);
      await rig.save("new", "MOM_2 > EMA_100");
      await rig.close({ BTC: 300 });
      await rig.close({ BTC: 500 });
      expect(await decidedBy(rig, "old")).toStrictEqual([1, 2]);
      answer();
      await rig.pass(0);
      await rig.close({ BTC: 600 });
      expect(await decidedBy(rig, "old")).toStrictEqual([1, 2, 3]);
      const [decision] = (await rig.journaled()).filter(({ strategyId }) => strategyId === "new");
      expect(decision?.conditions[0]?.left).toBe(300);
    });

    it("is told so in calls, in which the others are judged", async () => {
      const rig = await startRig({ ...WITH_LONG, explained });
      await rig.save("old", "CLOSE > 1");
      holdLongHistories(rig.feed);
      await rig.save("new", "CLOSE > EMA_100");
      await rig.save("steep", "CLOSE > SMA_5");
      const { outcomes, decisions } = await rig.sweep({ dryRun: true, includeSuppressions: explained });
      expect(decisions.map(({ strategyId }) => strategyId)).toContain("old");
      expect(explained ? outcomes["new BTC"] : "MARKET_DATA_UNAVAILABLE").toBe("MARKET_DATA_UNAVAILABLE");
      const before = rig.clock.now();
      const { outcome, explanation } = await rig.evaluate({ strategy: { strategyId: "new" } });
      expect(outcome).toBe("MARKET_DATA_UNAVAILABLE");
      expect(explanation).toContain("reaches back 968 bars, and 1482 are needed: it is being loaded");
      expect(rig.clock.now()).toBe(before);
    });
  });

  it("does not bring back a bar that was corrected while the history was on its way (R4)", async () => {
    const rig = await startRig(WITH_LONG);
    await rig.save("old", "CLOSE > 1");
    await rig.close({ BTC: 300 });
    const answer = holdLongHistories(rig.feed);
    await rig.save("new", "MOM_1 > EMA_100");
    for (const bar of barsFrom(T0, "1m", [400])) {
      await rig.send("BTC", "1m", bar, true);
    }
    answer();
    await rig.pass(0);
    await rig.close({ BTC: 1_000 });
    const [decision] = (await rig.journaled()).filter(({ strategyId }) => strategyId === "new");
    expect(decision?.conditions[0]?.left).toBe(600);
  });

  it("has its history as soon as the bars that came since reach back so far", async () => {
    const rig = await startRig({ prepare: (feed) => history(feed, "BTC", "1m", LONG.slice(-968)) });
    await rig.save("old", "CLOSE > 1");
    holdLongHistories(rig.feed);
    await rig.save("new", "CLOSE > SMA_500; CLOSE > EMA_80");
    const needed = 80 + 1_120 - 968;
    for (let i = 0; i < needed + 5; i++) {
      await rig.close({ BTC: 1_000 + i });
    }
    expect((await decidedBy(rig, "new")).length).toBeGreaterThan(0);
    expect(noteOf(rig)).toBeUndefined();
  });

  it("is judged on a listing for what the listing has", async () => {
    const rig = await startRig({ prepare: (feed) => history(feed, "BTC", "1m", [100, 101]) });
    await rig.save("old", "CLOSE > 1");
    await rig.save("new", "CLOSE > EMA_100");
    await rig.close({ BTC: 102 });
    expect(rig.summaries().at(-1)?.outcomes).toStrictEqual({ DECIDED: 1, INDICATOR_NOT_READY: 1 });
  });
});

describe("series that are new", () => {
  it("leave one that broke its turn, however many they are and however slow the history is", async () => {
    const symbols = Array.from({ length: 20 }, (_, i) => `S${i}`);
    const rig = await startRig({
      symbols,
      venue: symbols,
      prepare(feed) {
        for (const symbol of symbols) {
          history(feed, symbol, "1m", [100, 101]);
        }
      },
    });
    await rig.save("old", "CLOSE > 1");
    const ask = rig.feed.history;
    rig.feed.history = (symbol, timeframe, count, until) =>
      timeframe === "1m" ? ask(symbol, timeframe, count, until) : new Promise(() => {});
    await rig.save("new", "CLOSE > 1", { timeframe: "5m" });
    rig.feed.send({ kind: "interrupted", symbols: ["S3"], reason: "lost messages" });
    await rig.close(Object.fromEntries(symbols.map((symbol) => [symbol, 102])));
    expect(await decidedBy(rig, "old")).toHaveLength(20);
  });
});

describe("a strategy on another timeframe", () => {
  it("takes nothing from the others where the history refuses while a bar is on its way", async () => {
    const rig = await startRig(WITH_LONG);
    await rig.save("old", "CLOSE > 1");
    await rig.pass(MINUTE);
    rig.feed.historyFault = () => new RuntimeError("unavailable", "status 503");
    await rig.save("new", "CLOSE > 1", { timeframe: "5m" });
    await rig.pass(1_500);
    for (const bar of barsFrom(T0, "1m", [101])) {
      rig.feed.send({ kind: "bar", symbol: "BTC", timeframe: "1m", bar });
    }
    await rig.pass(1_000);
    expect(await decidedBy(rig, "old")).toStrictEqual([1]);
  });
});

describe("R5: a hole of more than 48 bars far back in the history", () => {
  const bars = barsFrom(T0 - LONG.length * MINUTE, "1m", LONG);
  /** 49 bars that lie 46 to 94 bars back. */
  const holed = bars.filter((_, i) => bars.length - i < 46 || bars.length - i > 94);
  const WITH_HOLE: RigOptions = { prepare: (feed) => feed.record("BTC", "1m", holed) };

  it("is where the series begins, as with a listing; log and status name its time", async () => {
    const rig = await startRig(WITH_HOLE);
    await rig.save("short", "CLOSE > SMA_5");
    await rig.save("long", "CLOSE > SMA_50");
    await rig.close({ BTC: 200 });
    expect(rig.summaries().at(-1)?.outcomes).toStrictEqual({ DECIDED: 1, INDICATOR_NOT_READY: 1 });
    const why = `BTC 1m lacks 49 bars from ${timeText(T0 - 94 * MINUTE)} on, more than 48`;
    expect(rig.events.filter(({ kind }) => kind === "series_cut")).toMatchObject([
      { symbol: "BTC", timeframe: "1m", reason: expect.stringContaining(why) },
    ]);
    expect(rig.engine.runtime.status().symbols).toMatchObject([{ bars: 46, note: expect.stringContaining(why) }]);
    expect(rig.engine.runtime.status()).toMatchObject({ ready: true });
  });

  it("is no hindrance to a call on a symbol that nobody follows", async () => {
    const rig = await startRig({ ...WITH_HOLE, symbols: [] });
    rig.feed.setPrice("BTC", 200, T0);
    await rig.save("s", "CLOSE > SMA_5");
    expect((await rig.evaluate({})).outcome).not.toBe("MARKET_DATA_UNAVAILABLE");
  });
});

describe("R5: an invalid bar far back in the history", () => {
  const bars = barsFrom(T0 - LONG.length * MINUTE, "1m", LONG);
  const at = bars.length - 800;
  const withInvalid: readonly Bar[] = bars.map((bar, i) => (i === at ? { ...bar, open: 0 } : bar));
  const time = timeText(T0 - 800 * MINUTE);

  it("is where the series begins; log and status name its time", async () => {
    const rig = await startRig({ prepare: (feed) => feed.record("BTC", "1m", withInvalid) });
    await rig.save("s", "CLOSE > EMA_20");
    await rig.close({ BTC: 200 });
    expect(await decidedBy(rig, "s")).toStrictEqual([1]);
    const why = `BTC 1m has an invalid bar at ${time}: open is 0`;
    expect(rig.events.filter(({ kind }) => kind === "series_cut")).toMatchObject([
      { symbol: "BTC", timeframe: "1m", reason: expect.stringContaining(why), isInvalidBar: true },
    ]);
    expect(rig.engine.runtime.status().symbols).toMatchObject([{ bars: 800, note: expect.stringContaining(why) }]);
    expect(rig.engine.runtime.status().symbols[0]).not.toHaveProperty("whyNot");
  });

  it("is asked for again, ever more seldom, and the series is whole once it was put right", async () => {
    const rig = await startRig({ prepare: (feed) => feed.record("BTC", "1m", withInvalid) });
    await rig.save("s", "CLOSE > 1");
    const { asked } = rig.feed;
    await rig.pass(3_600_000);
    expect(asked.history).toBeGreaterThan(5);
    expect(asked.history).toBeLessThan(30);
    rig.feed.record("BTC", "1m", bars);
    await rig.pass(3_700_000);
    expect(rig.engine.runtime.status().symbols[0]?.bars).toBeGreaterThan(900);
    expect(rig.events.filter(({ kind }) => kind === "series_cut")).toHaveLength(1);
  });

  it("costs nobody anything where several are, one as the newest of all", async () => {
    const several = bars.map((bar, i) =>
      bars.length - i === 1 || bars.length - i === 10 ? { ...bar, low: 1e9 } : bar,
    );
    const rig = await startRig({ prepare: (feed) => feed.record("BTC", "1m", several) });
    await rig.save("s", "CLOSE > SMA_5");
    expect(rig.engine.runtime.status().symbols).toMatchObject([
      { whyNot: expect.stringContaining(`an invalid bar at ${timeText(T0 - MINUTE)}`) },
    ]);
    for (let i = 0; i < 5; i++) {
      await rig.close({ BTC: 200 + i });
    }
    expect(await decidedBy(rig, "s")).toStrictEqual([5]);
  });
});
