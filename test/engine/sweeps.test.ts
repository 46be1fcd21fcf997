import { expect, it } from "vitest";
import { memoryPolicy } from "../../src/adapters/memory/memory-policy.ts";
import { settled } from "../manual-clock.ts";
import { barsFrom } from "../scripted-feed.ts";
import { history, MINUTE, onBothPaths, type RigOptions, startRig, T0 } from "./rig.ts";

const TWO: RigOptions = {
  symbols: ["BTC", "ETH"],
  prepare(feed) {
    for (const timeframe of ["1m", "5m"] as const) {
      history(feed, "BTC", timeframe, [100, 101, 102]);
      history(feed, "ETH", timeframe, [10, 11, 12]);
    }
  },
};

function bar(close: number, openTime = T0) {
  const [only] = barsFrom(openTime, "1m", [close]);
  if (only === undefined) {
    throw new Error("no bar");
  }
  return only;
}

onBothPaths("R7: a bar that comes late", () => {
  it("holds back the others for BAR_WAIT, and is judged when it comes", async () => {
    const rig = await startRig(TWO);
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: 103 });
    expect(await rig.journaled()).toHaveLength(0);
    await rig.pass(500);
    expect((await rig.journaled()).map(({ symbol }) => symbol)).toStrictEqual(["BTC"]);
    expect(rig.summaries()).toHaveLength(0);
    await rig.pass(9_000);
    await rig.send("ETH", "1m", bar(13));
    const [, late] = await rig.journaled();
    expect(late).toMatchObject({ symbol: "ETH", timestamp: T0 + MINUTE, barCloseTime: T0 + MINUTE, entryPrice: 13 });
    expect(rig.summaries()).toMatchObject([{ evaluations: 2, outcomes: { DECIDED: 2 }, barCloseTime: T0 + MINUTE }]);
  });

  it("is not judged after the grace, which counts as MARKET_DATA_UNAVAILABLE with both times", async () => {
    const rig = await startRig(TWO);
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: 103 });
    await rig.pass(10_000);
    expect(rig.summaries()).toMatchObject([{ evaluations: 2, outcomes: { DECIDED: 1, MARKET_DATA_UNAVAILABLE: 1 } }]);
    const { explanation } = rig.suppressed().at(-1) ?? {};
    expect(explanation).toContain("closed at 2026-01-05T00:01:00Z");
    expect(explanation).toContain("the last one closed at 2026-01-05T00:00:00Z");
    await rig.send("ETH", "1m", bar(13));
    await rig.pass(MINUTE / 2);
    expect(await rig.journaled()).toHaveLength(1);
    expect(rig.summaries()).toHaveLength(1);
  });

  it("is waited for by calls as well", async () => {
    const rig = await startRig(TWO);
    await rig.save("s", "CLOSE > 1");
    await rig.pass(MINUTE);
    const asked = rig.clock.now();
    const query = { strategy: { strategyId: "s" }, symbol: "BTC", bars: [], indicators: {}, faults: [] };
    const answer = rig.engine.runtime.evaluate(query);
    await rig.pass(3_000);
    await rig.send("BTC", "1m", bar(104));
    rig.feed.setPrice("BTC", 104, rig.clock.now());
    await rig.pass(100);
    const { outcome, barCloseTime } = await answer;
    expect(barCloseTime).toBe(asked);
    // The bar-close sweep was first, since the universe holds the symbol.
    expect(outcome).toBe("ALREADY_DECIDED");
  });

  it("makes no decision where it would be born expired", async () => {
    const options = { ...TWO, barGraceMs: 5 * MINUTE, symbols: ["BTC"] };
    const rig = await startRig(options);
    await rig.save("s", "CLOSE > 1");
    await rig.pass(2 * MINUTE);
    await rig.send("BTC", "1m", bar(103));
    expect(await rig.journaled()).toHaveLength(0);
    expect(rig.suppressed().map(({ outcome }) => outcome)).toContain("MARKET_DATA_UNAVAILABLE");
    expect(
      rig
        .suppressed()
        .map(({ explanation }) => explanation)
        .join(),
    ).toContain("would have expired");
  });

  it("is not judged by a start beyond the grace, though its history is there before the policy is", async () => {
    const first = await startRig(TWO);
    await first.save("s", "CLOSE > 1");
    await first.stop();
    await first.pass(30_000);
    const policy = memoryPolicy({ globalMinConfidence: 0 });
    const slow: typeof policy = {
      ...policy,
      async read() {
        for (let turn = 0; turn < 20; turn++) {
          await settled();
        }
        return policy.read();
      },
    };
    const again = await startRig({
      ...TWO,
      stores: { ...first.stores, policy: slow },
      clock: first.clock,
      feed: first.feed,
    });
    await again.pass(1_000);
    expect(again.engine.runtime.status()).toMatchObject({ ready: true, liveStrategies: 1 });
    expect(again.summaries()).toEqual([]);
    expect(await again.journaled()).toEqual([]);
  });

  it("is found by a restart within the grace", async () => {
    const first = await startRig(TWO);
    await first.save("s", "CLOSE > 1");
    await first.stop();
    await first.pass(MINUTE);
    first.feed.record("BTC", "1m", [bar(103)]);
    await first.pass(8_000);
    const again = await startRig({
      ...TWO,
      stores: first.stores,
      clock: first.clock,
      feed: first.feed,
      symbols: ["BTC"],
    });
    expect(await again.journaled()).toMatchObject([{ barCloseTime: T0 + MINUTE, timestamp: T0 + MINUTE }]);
  });
});

onBothPaths("R37: order", () => {
  it("within a sweep is confidence, then strategy, then symbol", async () => {
    const rig = await startRig(TWO);
    await rig.save("b", "CLOSE > 1");
    await rig.save("a", "CLOSE > 1");
    await rig.save("z", "CLOSE > 1", { fitnessScore: 0.9 });
    await rig.close({ ETH: 13, BTC: 103 });
    const order = (await rig.journaled()).map(({ strategyId, symbol }) => `${strategyId} ${symbol}`);
    expect(order).toStrictEqual(["z BTC", "z ETH", "a BTC", "a ETH", "b BTC", "b ETH"]);
    expect((await rig.journaled()).map(({ sequence }) => sequence)).toStrictEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each([
    ["short before long where they come together", ["1m", "5m"]],
    ["short before long where the long bars come first", ["5m", "1m"]],
  ] as const)("of sweeps at one time is %s", async (_, arrival) => {
    const rig = await startRig({ ...TWO, symbols: ["BTC"] });
    await rig.save("a-long", "CLOSE > 1", { timeframe: "5m" });
    await rig.save("z-short", "CLOSE > 1");
    for (let i = 1; i < 5; i++) {
      await rig.close({ BTC: 102 + i });
    }
    const before = (await rig.journaled()).length;
    await rig.pass(MINUTE);
    for (const timeframe of arrival) {
      const openTime = rig.clock.now() - (timeframe === "1m" ? 1 : 5) * MINUTE;
      await rig.send("BTC", timeframe, bar(110, openTime));
    }
    const order = (await rig.journaled()).slice(before).map(({ strategyId }) => strategyId);
    expect(order).toStrictEqual(["z-short", "a-long"]);
  });

  it("holds where many short ones take their time", async () => {
    const rig = await startRig({ ...TWO, completes: true });
    for (let i = 0; i < 300; i++) {
      await rig.save(`short-${i}`, "CLOSE > 1");
    }
    await rig.save("long", "CLOSE > 1", { timeframe: "5m" });
    let now = 0;
    // Every look at the clock finds the slice used up, so that each sweep rests again and again.
    rig.clock.monotonic = () => (now += 10);
    await rig.pass(5 * MINUTE);
    for (const symbol of ["BTC", "ETH"]) {
      rig.feed.send({ kind: "bar", symbol, timeframe: "5m", bar: bar(110, T0) });
      rig.feed.record(symbol, "1m", barsFrom(T0, "1m", [1, 2, 3, 4, 5]));
      rig.feed.send({ kind: "bar", symbol, timeframe: "1m", bar: bar(110, T0 + 4 * MINUTE) });
    }
    rig.feed.send({ kind: "complete", time: T0 + 5 * MINUTE });
    await rig.pass(1_000);
    const journaled = (await rig.journaled()).filter(({ barCloseTime }) => barCloseTime === T0 + 5 * MINUTE);
    expect(journaled).toHaveLength(602);
    expect(journaled.findIndex(({ strategyId }) => strategyId === "long")).toBe(600);
  });
});

onBothPaths("R40: the universe", () => {
  it("is judged at every close, whether or not anyone listens", async () => {
    const rig = await startRig(TWO);
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: 103, ETH: 13 });
    await rig.close({ BTC: 104, ETH: 14 });
    expect(await rig.journaled()).toHaveLength(4);
  });

  it("holds the symbols of open follow streams, and drops them with the last", async () => {
    const rig = await startRig({ ...TWO, symbols: [] });
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: 103, ETH: 13 });
    expect(rig.summaries()).toMatchObject([{ evaluations: 0, symbols: 0 }]);
    const [one, two] = [rig.follow({ symbols: ["ETH"] }), rig.follow({ symbols: ["ETH", "BTC"] })];
    await rig.close({ BTC: 104, ETH: 14 });
    expect(one.decisions.map(({ symbol }) => symbol)).toStrictEqual(["ETH"]);
    expect(two.decisions.map(({ symbol }) => symbol)).toStrictEqual(["BTC", "ETH"]);
    await two.stop();
    await rig.close({ BTC: 105, ETH: 15 });
    expect((await rig.journaled()).slice(2).map(({ symbol }) => symbol)).toStrictEqual(["ETH"]);
    await one.stop();
    await rig.close({ BTC: 106, ETH: 16 });
    expect(await rig.journaled()).toHaveLength(3);
    expect(rig.feed.subscribed).toStrictEqual([]);
  });

  it("is judged on every timeframe that a loaded strategy uses", async () => {
    const rig = await startRig({ ...TWO, symbols: ["BTC"] });
    await rig.save("slow", "CLOSE > 1", { timeframe: "5m" });
    await rig.save("fast", "CLOSE > 1");
    for (let i = 1; i < 5; i++) {
      await rig.close({ BTC: 102 + i });
    }
    await rig.pass(MINUTE);
    await rig.send("BTC", "1m", bar(110, T0 + 4 * MINUTE));
    await rig.send("BTC", "5m", bar(110, T0));
    const by = Map.groupBy(await rig.journaled(), ({ strategyId }) => strategyId);
    expect(by.get("fast")).toHaveLength(5);
    expect(by.get("slow")).toMatchObject([
      { timeframe: "5m", barCloseTime: T0 + 5 * MINUTE, validUntil: T0 + 10 * MINUTE },
    ]);
  });
});

onBothPaths("R27: conservation", () => {
  it("counts LIVE and SHADOW strategies at a bar close, those not allowed too", async () => {
    const rig = await startRig(TWO);
    await rig.save("a", "CLOSE > 1");
    await rig.save("b", "CLOSE > 1000");
    await rig.save("c", "CLOSE > 1", { status: "SHADOW" });
    await rig.save("d", "CLOSE > 1", { status: "CANDIDATE" });
    await rig.engine.policy.change({ allowedStrategies: ["b", "c"] });
    await rig.close({ BTC: 103, ETH: 13 });
    expect(rig.summaries()).toMatchObject([
      {
        evaluations: 6,
        strategies: 3,
        symbols: 2,
        outcomes: { NOT_ALLOWED: 2, CONDITIONS_NOT_MET: 2, DECIDED: 2 },
        barCloseTime: T0 + MINUTE,
      },
    ]);
  });

  it("counts in a one-shot call those asked for alone, and those stored and not loaded as NOT_ACTIVE", async () => {
    const rig = await startRig(TWO);
    await rig.save("live", "CLOSE > 1");
    await rig.save("shadow", "CLOSE > 1", { status: "SHADOW" });
    await rig.save("off", "CLOSE > 1", { status: "DISABLED" });
    const symbols = ["BTC", "ETH"];
    const all = await rig.sweep({ symbols, dryRun: true });
    expect(all.summary).toMatchObject({ evaluations: 2, strategies: 1, symbols: 2, outcomes: { DECIDED: 2 } });
    const both = await rig.sweep({ symbols, dryRun: true, includeShadow: true });
    expect(both.summary).toMatchObject({ evaluations: 4, outcomes: { DECIDED: 4 } });
    const named = await rig.sweep({ symbols, strategyIds: ["live", "off"] });
    expect(named.summary).toMatchObject({ evaluations: 4, outcomes: { DECIDED: 2, NOT_ACTIVE: 2 } });
    await expect(rig.sweep({ symbols, strategyIds: ["live", "nope"] })).rejects.toMatchObject({ code: "not_found" });
  });
});

onBothPaths("closes that market time passed at once", () => {
  it("are told of, by timeframe and number", async () => {
    const rig = await startRig({ ...TWO, symbols: ["BTC"] });
    await rig.save("s", "CLOSE > 1");
    await rig.save("t", "CLOSE > 1", { timeframe: "5m" });
    await rig.close({ BTC: 103 });
    // As where the process was stopped, or its machine suspended.
    const now = T0 + 12 * MINUTE;
    rig.feed.now = () => now;
    await rig.pass(1_000);
    expect(rig.events.filter(({ kind }) => kind === "closes_missed")).toStrictEqual([
      { kind: "closes_missed", timeframe: "1m", closes: 10, before: now },
      { kind: "closes_missed", timeframe: "5m", closes: 1, before: T0 + 10 * MINUTE },
    ]);
  });
});
