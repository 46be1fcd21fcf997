import { describe, expect, it } from "vitest";
import { memoryJournal } from "../../src/adapters/memory/memory-journal.ts";
import type { Timeframe } from "../../src/domain/timeframe.ts";
import { ManualClock } from "../manual-clock.ts";
import { type ScriptedFeed, scriptedFeed } from "../scripted-feed.ts";
import { freshStores, history, MINUTE, type Rig, type RigOptions, type RigStores, startRig, T0 } from "./rig.ts";

const FIVE = 5 * MINUTE;
/** Just before, and somewhat after, a close of 5m that is no close of a longer timeframe. */
const STOPPED_AT = T0 + FIVE - 3_000;
const SERVING_AT = T0 + FIVE + 22_000;

interface Kept {
  readonly stores: RigStores;
  readonly before: Rig;
}

/** A strategy on 5m that judged the close at T0, stopped just before the next one. */
async function stopped(options: RigOptions = {}): Promise<Kept> {
  const stores = freshStores({ journal: memoryJournal() });
  const before = await startRig({ stores, prepare: historyUntil("5m", T0), ...options });
  await before.save("s", "CLOSE > 1", { timeframe: "5m" });
  await before.pass(STOPPED_AT - T0);
  await before.stop();
  return { stores, before };
}

function historyUntil(timeframe: Timeframe, end: number): NonNullable<RigOptions["prepare"]> {
  return (feed) => history(feed, "BTC", timeframe, [100, 101, 102], end);
}

describe("a start", () => {
  it("judges the close that went by while nothing ran, once, as long as its decisions are valid", async () => {
    const { stores } = await stopped();
    const after = await startRig({ stores, startAt: SERVING_AT, prepare: historyUntil("5m", T0 + FIVE) });
    await after.pass(1_000);
    expect(await after.journaled()).toMatchObject([
      { strategyId: "s", barCloseTime: T0 + FIVE, timestamp: T0 + FIVE, validUntil: T0 + 2 * FIVE, entryPrice: 102 },
    ]);
    await after.stop();
    const again = await startRig({ stores, startAt: SERVING_AT + 60_000, prepare: historyUntil("5m", T0 + FIVE) });
    await again.pass(1_000);
    expect(await again.journaled()).toHaveLength(1);
    expect(again.summaries()).toEqual([]);
  });

  it("does not judge again what was judged before, whatever has changed since", async () => {
    const stores = freshStores();
    const before = await startRig({ stores, prepare: historyUntil("5m", T0) });
    await before.save("s", "CLOSE > 1000", { timeframe: "5m" });
    await before.pass(FIVE);
    await before.send("BTC", "5m", { openTime: T0, open: 102, high: 103, low: 102, close: 103, volume: 1 });
    expect(before.summaries().at(-1)).toMatchObject({ outcomes: { CONDITIONS_NOT_MET: 1 }, barCloseTime: T0 + FIVE });
    await before.pass(2_000);
    await before.save("s", "CLOSE > 1", { timeframe: "5m" });
    await before.stop();
    const after = await startRig({ stores, startAt: SERVING_AT, prepare: historyUntil("5m", T0 + FIVE) });
    await after.pass(1_000);
    expect(await after.journaled()).toEqual([]);
  });

  it("says how many closes it has missed, and judges the newest of them", async () => {
    const { stores } = await stopped();
    const after = await startRig({
      stores,
      startAt: T0 + 4 * FIVE + 30_000,
      prepare: historyUntil("5m", T0 + 4 * FIVE),
    });
    await after.pass(1_000);
    expect((await after.journaled()).map(({ barCloseTime }) => barCloseTime)).toEqual([T0 + 4 * FIVE]);
    const missed = after.events.filter(({ kind }) => kind === "closes_missed");
    expect(missed).toEqual([{ kind: "closes_missed", timeframe: "5m", closes: 3, before: T0 + 4 * FIVE }]);
  });

  it("counts the close where its bar cannot be had, and lets the watermark go on", async () => {
    const { stores } = await stopped();
    const after = await startRig({ stores, startAt: SERVING_AT, prepare: historyUntil("5m", T0) });
    await after.pass(61_000);
    expect(after.summaries()).toMatchObject([{ outcomes: { MARKET_DATA_UNAVAILABLE: 1 }, barCloseTime: T0 + FIVE }]);
    expect(await stores.journal.judgedUntil()).toBeGreaterThan(T0 + FIVE);
  });

  it("gives places by confidence, not by whose history is loaded first", async () => {
    const symbols = ["BTC", "ETH"];
    const prepare: NonNullable<RigOptions["prepare"]> = (feed) => {
      // Falls: the RSI of ETH is the lower one, and its confidence the higher.
      const falling = (step: number) => Array.from({ length: 1_000 }, (_, i) => 10_000 - step * i + (i % 2));
      history(feed, "BTC", "5m", falling(0.6), T0 + FIVE);
      history(feed, "ETH", "5m", falling(3), T0 + FIVE);
    };
    const stores = freshStores();
    const before = await startRig({ stores, symbols, prepare });
    await before.save("s", "RSI < 25", { timeframe: "5m", maxPositions: 1 });
    await before.stop();
    const clock = new ManualClock(SERVING_AT);
    const feed = scriptedFeed(clock, symbols);
    const slow: ScriptedFeed = Object.create(feed, {
      history: {
        value: async (...asked: Parameters<ScriptedFeed["history"]>) => {
          await new Promise<void>((resolve) => clock.after(asked[0] === "ETH" ? 200 : 100, resolve));
          return await feed.history(...asked);
        },
      },
    });
    const after = await startRig({ stores, symbols, clock, feed: slow, prepare });
    await after.pass(2_000);
    const decided = (await after.journaled()).filter(({ barCloseTime }) => barCloseTime === T0 + FIVE);
    expect(decided.map(({ symbol }) => symbol)).toEqual(["ETH"]);
    expect(after.summaries()).toMatchObject([{ outcomes: { DECIDED: 1, MAX_POSITIONS: 1 } }]);
  });

  it("judges closes of its own market time though the journal knows a later one", async () => {
    const stores = freshStores();
    await stores.journal.noteJudged(T0 + 1_000 * FIVE);
    const rig = await startRig({ stores, prepare: historyUntil("1m", T0) });
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: 103 });
    expect(await rig.journaled()).toHaveLength(1);
  });
});
