import { expect, it } from "vitest";
import { RuntimeError } from "../../src/domain/errors.ts";
import { barsFrom } from "../scripted-feed.ts";
import { history, MINUTE, onBothPaths, type RigOptions, startRig, T0 } from "./rig.ts";

const WITH_HISTORY: RigOptions = { prepare: (feed) => history(feed, "BTC", "1m", [100, 101, 102]) };

onBothPaths("a series that is overdue", () => {
  it("does not look well because it was loaded again, where that brought nothing new", async () => {
    const rig = await startRig(WITH_HISTORY);
    await rig.save("s", "CLOSE > 1");
    const whyNot = () => rig.engine.runtime.status().symbols.map((one) => one.whyNot);
    expect(whyNot()).toEqual([undefined]);
    await rig.pass(2 * MINUTE);
    expect(whyNot()).toEqual([expect.stringContaining("BTC has no 1m bar that closed at")]);
    rig.feed.send({ kind: "interrupted", symbols: ["BTC"], reason: "the line broke" });
    await rig.pass(0);
    expect(whyNot()).toEqual([expect.stringContaining("BTC has no 1m bar that closed at")]);
  });

  it("does not look well because a bar came that should have come long before", async () => {
    const rig = await startRig(WITH_HISTORY);
    await rig.save("s", "CLOSE > 1");
    const whyNot = () => rig.engine.runtime.status().symbols.map((one) => one.whyNot);
    const isBehind = expect.stringContaining("BTC has no 1m bar that closed at");
    await rig.pass(3 * MINUTE + 15_000);
    const seen: unknown[] = [];
    for (const bar of barsFrom(T0, "1m", [103, 104, 105])) {
      rig.feed.send({ kind: "bar", symbol: "BTC", timeframe: "1m", bar });
      await rig.pass(0);
      seen.push(whyNot());
    }
    expect(seen).toEqual([[isBehind], [isBehind], [undefined]]);
  });
});

onBothPaths("R5: gaps", () => {
  it("are filled from the feed's history", async () => {
    const rig = await startRig(WITH_HISTORY);
    await rig.save("s", "CLOSE > MOM_2");
    await rig.close({ BTC: 103 });
    // The next bar is missed by the subscription, but the venue has it.
    rig.feed.record("BTC", "1m", barsFrom(T0 + MINUTE, "1m", [200]));
    await rig.pass(MINUTE);
    await rig.close({ BTC: 104 });
    // MOM_2 reads the bar two before: 104 - 103 with the bar that was missed between them.
    expect((await rig.journaled()).at(-1)?.conditions[0]).toMatchObject({ left: 104, right: 1 });
  });

  it("that the history lacks too are filled flat", async () => {
    const rig = await startRig(WITH_HISTORY);
    await rig.save("s", "CLOSE > MOM_3");
    await rig.close({ BTC: 103 });
    await rig.pass(MINUTE);
    await rig.close({ BTC: 110 });
    await rig.close({ BTC: 120 });
    // Three bars before 120: at 110, the flat bar, and 103.
    expect((await rig.journaled()).at(-1)?.conditions[0]).toMatchObject({ left: 120, right: 17 });
  });

  it.each([
    { missing: 48, isFilled: true },
    { missing: 49, isFilled: false },
  ])(
    "of $missing bars that the history lacks are filled: $isFilled; the next is judged",
    async ({ missing, isFilled }) => {
      const rig = await startRig(WITH_HISTORY);
      await rig.save("s", "CLOSE > 1");
      await rig.save("before", "MOM_1 > 0");
      await rig.close({ BTC: 103 });
      await rig.pass(missing * MINUTE);
      await rig.close({ BTC: 110 });
      const ids = (await rig.journaled()).filter(({ entryPrice }) => entryPrice === 110).map((one) => one.strategyId);
      expect(ids).toStrictEqual(isFilled ? ["before", "s"] : ["s"]);
      const { outcome } = await rig.evaluate({ strategy: { strategyId: "before" } });
      expect(outcome).toBe(isFilled ? "ALREADY_DECIDED" : "INDICATOR_NOT_READY");
    },
  );
});

onBothPaths("R5: a history that cannot be asked", () => {
  it("makes the symbol unavailable, until it can be", async () => {
    const rig = await startRig({ ...WITH_HISTORY, completes: true });
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: 103 });
    rig.feed.historyFault = () => new RuntimeError("unavailable", "rate limit");
    await rig.close({});
    await rig.close({ BTC: 105 });
    expect(rig.suppressed().at(-1)).toMatchObject({ outcome: "MARKET_DATA_UNAVAILABLE" });
    expect(rig.suppressed().at(-1)?.explanation).toContain("rate limit");
    expect(rig.engine.runtime.status().symbols).toMatchObject([{ whyNot: expect.stringContaining("rate limit") }]);
    rig.feed.historyFault = undefined;
    await rig.pass(10_000);
    await rig.close({ BTC: 106 });
    expect((await rig.journaled()).map(({ barCloseTime }) => (barCloseTime - T0) / MINUTE)).toStrictEqual([1, 4]);
  });

  it("at the start keeps nobody else waiting, and is asked again", async () => {
    const rig = await startRig({
      symbols: ["BTC", "ETH"],
      completes: true,
      prepare(feed) {
        history(feed, "BTC", "1m", [100]);
        history(feed, "ETH", "1m", [10]);
        feed.historyFault = ({ symbol }) =>
          symbol === "ETH" ? new RuntimeError("unavailable", "maintenance") : undefined;
      },
    });
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: 101, ETH: 11 });
    expect((await rig.journaled()).map(({ symbol }) => symbol)).toStrictEqual(["BTC"]);
    rig.feed.historyFault = undefined;
    await rig.close({ BTC: 102, ETH: 12 });
    await rig.close({ BTC: 103, ETH: 13 });
    expect((await rig.journaled()).filter(({ symbol }) => symbol === "ETH").length).toBeGreaterThan(0);
  });
});

onBothPaths("R3: an invalid bar", () => {
  const broken = { openTime: T0, open: 100, high: 90, low: 100, close: 100, volume: 1 };

  it("is refused and counted, and leaves the symbol unavailable until a valid one takes its place", async () => {
    const rig = await startRig({ ...WITH_HISTORY, completes: true });
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: broken });
    expect(rig.events.filter(({ kind }) => kind === "bar_refused")).toMatchObject([
      { symbol: "BTC", timeframe: "1m", reason: expect.stringContaining("high 90 is below") },
    ]);
    expect(await rig.journaled()).toStrictEqual([]);
    expect(rig.suppressed()).toMatchObject([{ outcome: "MARKET_DATA_UNAVAILABLE" }]);
    await rig.pass(5_000);
    expect(rig.engine.runtime.status().symbols).toMatchObject([
      { whyNot: expect.stringContaining("2026-01-05T00:00:00Z: high 90 is below") },
    ]);
    const { outcome } = await rig.evaluate({ at: T0 + MINUTE });
    expect(outcome).toBe("MARKET_DATA_UNAVAILABLE");
  });

  it("that the history keeps is left behind by the next one, and the series is whole again once it is put right", async () => {
    const rig = await startRig({ ...WITH_HISTORY, completes: true });
    await rig.save("s", "CLOSE > 1");
    await rig.save("before", "MOM_2 > 0");
    await rig.close({ BTC: broken });
    await rig.close({ BTC: 104 });
    expect(await rig.journaled()).toMatchObject([{ strategyId: "s", barCloseTime: T0 + 2 * MINUTE }]);
    rig.feed.record("BTC", "1m", barsFrom(T0, "1m", [103]));
    await rig.pass(10_000);
    await rig.close({ BTC: 105 });
    expect((await rig.journaled()).slice(1).map(({ strategyId }) => strategyId)).toStrictEqual(["before", "s"]);
    expect(rig.engine.runtime.status().symbols[0]).not.toHaveProperty("note");
  });

  it("in whose place the feed sends a valid one is forgotten, whatever the history says", async () => {
    const rig = await startRig(WITH_HISTORY);
    await rig.save("s", "MOM_1 > 0");
    await rig.close({ BTC: broken });
    rig.feed.historyFault = () => new RuntimeError("unavailable", "rate limit");
    for (const bar of barsFrom(T0, "1m", [103])) {
      rig.feed.send({ kind: "bar", symbol: "BTC", timeframe: "1m", bar, correction: true });
    }
    await rig.pass(5_000);
    expect(await rig.journaled()).toMatchObject([{ entryPrice: 103 }]);
  });

  it("in whose place the history has a valid one is judged by that", async () => {
    const rig = await startRig(WITH_HISTORY);
    await rig.save("s", "CLOSE > 1");
    await rig.pass(MINUTE);
    rig.feed.record("BTC", "1m", barsFrom(T0, "1m", [103]));
    rig.feed.send({ kind: "bar", symbol: "BTC", timeframe: "1m", bar: broken });
    await rig.pass(0);
    expect(await rig.journaled()).toMatchObject([{ entryPrice: 103 }]);
  });
});

onBothPaths("R4: a bar that comes again", () => {
  it("is dropped where it is equal, and where it is not and no correction", async () => {
    const rig = await startRig(WITH_HISTORY);
    await rig.save("s", "MOM_1 > 0");
    await rig.close({ BTC: 103 });
    const [same, other] = [...barsFrom(T0, "1m", [103]), ...barsFrom(T0, "1m", [200])];
    for (const bar of [same, other]) {
      if (bar !== undefined) {
        rig.feed.send({ kind: "bar", symbol: "BTC", timeframe: "1m", bar });
      }
    }
    await rig.close({ BTC: 104 });
    expect((await rig.journaled()).map(({ conditions }) => conditions[0]?.left)).toStrictEqual([1, 1]);
  });

  it("as a correction replaces it for the indicators from there on, and for no decision made", async () => {
    const rig = await startRig(WITH_HISTORY);
    await rig.save("s", "MOM_1 > 0");
    await rig.close({ BTC: 103 });
    const before = await rig.journaled();
    for (const bar of barsFrom(T0, "1m", [103.5])) {
      await rig.send("BTC", "1m", bar, true);
    }
    expect(await rig.journaled()).toStrictEqual(before);
    await rig.close({ BTC: 104 });
    expect((await rig.journaled())[1]?.conditions[0]?.left).toBe(0.5);
  });
});

onBothPaths("an interruption", () => {
  it("is mended from the history before anything is decided", async () => {
    const rig = await startRig({ ...WITH_HISTORY, completes: true });
    await rig.save("s", "MOM_1 > 0");
    await rig.pass(MINUTE);
    rig.feed.record("BTC", "1m", barsFrom(T0, "1m", [150]));
    rig.feed.send({ kind: "interrupted", symbols: ["BTC"], reason: "lost messages" });
    await rig.close({ BTC: 151 });
    expect((await rig.journaled()).map(({ conditions }) => conditions[0]?.left)).toStrictEqual([48, 1]);
  });
});

onBothPaths("a strategy saved while bars come", () => {
  it("is judged on its timeframe from the next close on, the others without a gap", async () => {
    const rig = await startRig({
      completes: true,
      prepare(feed) {
        history(feed, "BTC", "1m", [100]);
        history(feed, "BTC", "5m", [100]);
      },
    });
    await rig.save("fast", "CLOSE > 1");
    for (let i = 1; i <= 4; i++) {
      await rig.close({ BTC: 100 + i });
    }
    await rig.save("slow", "CLOSE > 1", { timeframe: "5m" });
    await rig.pass(MINUTE);
    for (const [timeframe, bar] of [
      ["1m", barsFrom(T0 + 4 * MINUTE, "1m", [105])[0]],
      ["5m", barsFrom(T0, "5m", [105])[0]],
    ] as const) {
      if (bar !== undefined) {
        rig.feed.record("BTC", timeframe, [bar]);
        rig.feed.send({ kind: "bar", symbol: "BTC", timeframe, bar });
      }
    }
    rig.feed.send({ kind: "complete", time: T0 + 5 * MINUTE });
    await rig.pass(0);
    const ids = (await rig.journaled()).map(({ strategyId }) => strategyId);
    expect(ids).toStrictEqual(["fast", "fast", "fast", "fast", "fast", "slow"]);
  });
});
