import { expect, it } from "vitest";
import type { Bar } from "../../src/domain/bar.ts";
import { barsFrom } from "../scripted-feed.ts";
import { collected, history, MINUTE, onBothPaths, openingOf, type Rig, type RigOptions, startRig, T0 } from "./rig.ts";
import { draftOf } from "./validation/drafts.ts";

const HISTORY: RigOptions = {
  symbols: [],
  prepare(feed) {
    history(feed, "BTC", "1m", [100, 101, 102]);
    history(feed, "ETH", "1m", [10, 11, 12]);
  },
};

onBothPaths("R30 to R33: state", () => {
  it("decides once for a strategy, symbol and bar, whatever its version and the time of the call (R30)", async () => {
    const rig = await startRig(HISTORY);
    await rig.save("s", "CLOSE > 1");
    expect((await rig.sweep()).decisions).toHaveLength(1);
    await rig.pass(30_000);
    expect((await rig.sweep()).outcomes).toStrictEqual({ "s BTC": "ALREADY_DECIDED" });
    await rig.save("s", "CLOSE > 1", { labels: { desk: "fx" } });
    await rig.save("s", "CLOSE > 1", { labels: { desk: "fx" }, fitnessScore: 0.9 });
    expect((await rig.sweep()).outcomes).toStrictEqual({ "s BTC": "ALREADY_DECIDED" });
    await rig.close({ BTC: 103 });
    expect((await rig.sweep()).decisions).toMatchObject([{ strategyVersion: 3 }]);
  });

  it("sends a follower no second decision on a bar where a label was saved in between (R30)", async () => {
    const rig = await startRig({ ...HISTORY, symbols: ["BTC"], completes: true });
    const followed = rig.follow();
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: 103 });
    await rig.save("s", "CLOSE > 1", { labels: { desk: "fx" } });
    expect((await rig.sweep()).decisions).toEqual([]);
    expect(followed.decisions).toHaveLength(1);
  });

  it("decides on a bar once as SHADOW and once as LIVE (R30), and never twice under one id", async () => {
    const rig = await startRig(HISTORY);
    await rig.save("s", "CLOSE > 1", { status: "SHADOW" });
    const [paper] = (await rig.sweep({ includeShadow: true })).decisions;
    const { strategyVersion = 0 } = paper ?? {};
    await rig.save("s", "CLOSE > 1");
    expect((await rig.sweep()).decisions).toMatchObject([{ shadow: false, strategyVersion: strategyVersion + 1 }]);
    expect((await rig.sweep()).outcomes).toStrictEqual({ "s BTC": "ALREADY_DECIDED" });
    // Whoever deletes the row and inserts another begins anew with version 1, and so with the ids
    // of before (R34).
    const row = await rig.save("t", "CLOSE > 1", { status: "SHADOW" });
    expect((await rig.sweep({ strategyIds: ["t"], includeShadow: true })).decisions).toHaveLength(1);
    rig.stores.strategies.remove("t");
    await rig.pass(1_000);
    rig.stores.strategies.plant({ ...row, draft: draftOf({ ...row.draft, status: "LIVE" }) });
    await rig.pass(1_000);
    expect((await rig.sweep({ strategyIds: ["t"] })).outcomes).toStrictEqual({ "t BTC": "ALREADY_DECIDED" });
  });

  it("cools down for market time since the newest decision's timestamp (R31)", async () => {
    const rig = await startRig(HISTORY);
    await rig.save("s", "CLOSE > 1", { cooldownMs: 60_000 });
    await rig.pass(20_000);
    expect((await rig.sweep()).decisions).toMatchObject([{ timestamp: T0 + 20_000 }]);
    await rig.close({ BTC: 103 });
    await rig.pass(19_999);
    expect(await rig.evaluate({ price: 1 })).toMatchObject({
      outcome: "COOLDOWN",
      explanation: expect.stringContaining("59.999 s ago, and its cooldown is 60 s"),
    });
    await rig.pass(1);
    expect((await rig.evaluate({ price: 1 })).outcome).toBe("DECIDED");
  });

  it("cools down at exactly its length, whatever the version", async () => {
    const rig = await startRig({ ...HISTORY, symbols: ["BTC"], completes: true });
    await rig.save("s", "CLOSE > 1", { cooldownMs: 2 * MINUTE });
    await rig.close({ BTC: 103 });
    await rig.save("s", "CLOSE > 2", { cooldownMs: 2 * MINUTE });
    await rig.close({ BTC: 104 });
    await rig.close({ BTC: 105 });
    expect((await rig.journaled()).map(({ barCloseTime }) => (barCloseTime - T0) / MINUTE)).toStrictEqual([1, 3]);
    expect(rig.suppressed()).toMatchObject([{ outcome: "COOLDOWN" }]);
  });

  it("keeps SHADOW and LIVE apart in cooldown and places", async () => {
    const rig = await startRig(HISTORY);
    const changes = { cooldownMs: 3_600_000, maxPositions: 1 };
    await rig.save("s", "CLOSE > 1", { ...changes, status: "SHADOW" });
    expect((await rig.sweep({ includeShadow: true })).decisions).toMatchObject([{ shadow: true }]);
    await rig.save("s", "CLOSE > 1", changes);
    expect((await rig.sweep()).decisions).toMatchObject([{ shadow: false, strategyVersion: 2 }]);
    await rig.engine.performance.opened(openingOf("p"));
    await rig.save("s", "CLOSE > 1", { ...changes, cooldownMs: 0, status: "SHADOW" });
    // The SHADOW decision on this bar holds its place; the open position does not count.
    const eth = { symbols: ["ETH"], includeShadow: true };
    expect((await rig.sweep(eth)).outcomes).toStrictEqual({ "s ETH": "MAX_POSITIONS" });
    await rig.close({ BTC: 103, ETH: 13 });
    expect((await rig.sweep(eth)).decisions).toMatchObject([{ shadow: true }]);
  });

  it("reserves a place until the decision expires, is rejected or becomes a position (R32)", async () => {
    const rig = await startRig(HISTORY);
    await rig.save("s", "CLOSE > 1", { maxPositions: 1 });
    const [first] = (await rig.sweep({ symbols: ["BTC", "ETH"] })).decisions;
    expect(first?.symbol).toBe("BTC");
    const eth = () => rig.evaluate({ symbol: "ETH" }).then(({ outcome }) => outcome);
    expect(await eth()).toBe("MAX_POSITIONS");
    await rig.engine.performance.opened(openingOf("other"));
    await rig.engine.performance.rejected(first?.decisionId ?? "", "risk gate");
    expect(await eth()).toBe("MAX_POSITIONS");
    await rig.engine.performance.closed({ positionId: "other", exitPrice: 1, closedAt: T0 + 1 });
    expect(await eth()).toBe("DECIDED");
    const [second] = (await rig.sweep({ symbols: ["ETH"] })).decisions;
    await rig.engine.performance.opened(openingOf("mine", second?.decisionId));
    await rig.save("s", "CLOSE > 1", { maxPositions: 2 });
    // One position, and its decision's reservation is released: one place is free.
    await rig.close({ BTC: 103, ETH: 13 });
    expect((await rig.sweep({ symbols: ["ETH"] })).decisions).toHaveLength(1);
    expect((await rig.evaluate({})).outcome).toBe("MAX_POSITIONS");
    await rig.close({ BTC: 104, ETH: 14 });
    expect(await eth()).toBe("DECIDED");
  });

  it("holds one place for a decision that became a position, not two (R32)", async () => {
    const rig = await startRig(HISTORY);
    await rig.save("s", "CLOSE > 1", { maxPositions: 2 });
    const [first] = (await rig.sweep({ symbols: ["BTC"] })).decisions;
    await rig.engine.performance.opened(openingOf("mine", first?.decisionId));
    // On the same bar, so that no reservation has expired.
    expect((await rig.evaluate({ symbol: "ETH" })).outcome).toBe("DECIDED");
    await rig.engine.performance.opened(openingOf("other"));
    expect((await rig.evaluate({ symbol: "ETH" })).outcome).toBe("MAX_POSITIONS");
  });

  it("holds a reservation until valid_until, and not at it", async () => {
    // Off the minute, so that the memory is not cleared of expired ones just then.
    const rig = await startRig({ ...HISTORY, symbols: ["BTC"], completes: true, startAt: T0 + 5_000 });
    await rig.save("s", "CLOSE > 1", { maxPositions: 1 });
    await rig.close({ BTC: 103 });
    await rig.close({ BTC: 104 });
    expect(await rig.journaled()).toHaveLength(2);
    await rig.pass(MINUTE - 1);
    const covered = { symbol: "ETH", price: 1, indicators: { CLOSE: 2 } };
    expect((await rig.evaluate(covered)).outcome).toBe("MAX_POSITIONS");
  });

  it("gives the places of a sweep in the order of R37", async () => {
    const rig = await startRig({ ...HISTORY, symbols: ["ETH", "BTC"], completes: true });
    await rig.save("s", "CLOSE > 1", { maxPositions: 1 });
    await rig.close({ ETH: 13, BTC: 103 });
    expect((await rig.journaled()).map(({ symbol }) => symbol)).toStrictEqual(["BTC"]);
    expect(rig.suppressed()).toMatchObject([{ symbol: "ETH", outcome: "MAX_POSITIONS" }]);
  });

  it("counts a call's reservation against a late bar's decision", async () => {
    const rig = await startRig({ ...HISTORY, symbols: ["BTC", "ETH"] });
    await rig.save("s", "CLOSE > 1", { maxPositions: 1 });
    await rig.save("waits", "CLOSE > 1000");
    await rig.pass(MINUTE);
    const bar = (close: number) => ({ openTime: T0, open: close, high: close, low: close, close, volume: 1 });
    rig.feed.setPrice("BTC", 103, rig.clock.now());
    await rig.save("s", "CLOSE > 1000", { maxPositions: 1 });
    await rig.send("BTC", "1m", bar(103));
    await rig.pass(2_000);
    expect(await rig.journaled()).toHaveLength(0);
    await rig.save("s", "CLOSE > 2", { maxPositions: 1 });
    expect((await rig.sweep()).decisions).toHaveLength(1);
    await rig.send("ETH", "1m", bar(13));
    expect(await rig.journaled()).toHaveLength(1);
    expect(rig.suppressed().at(-1)).toMatchObject({ symbol: "ETH" });
    expect(rig.suppressed().map(({ outcome }) => outcome)).toContain("MAX_POSITIONS");
  });

  it("knows the decisions that are rejected: those kept, settled and expired ones too, and no others", async () => {
    const rig = await startRig(HISTORY);
    await rig.save("s", "CLOSE > 1", { maxPositions: 2 });
    const [first, second] = (await rig.sweep({ symbols: ["BTC", "ETH"] })).decisions;
    const { performance } = rig.engine;
    await expect(performance.rejected("0123456789abcdef0123456789abcdef", "no")).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringContaining("0123456789abcdef0123456789abcdef"),
    });
    await performance.rejected(first?.decisionId ?? "", "no");
    await rig.pass(3 * MINUTE);
    await performance.rejected(first?.decisionId ?? "", "no");
    await performance.rejected(second?.decisionId ?? "", "too late");
    await rig.stop();
    const again = await startRig({ ...HISTORY, stores: rig.stores, clock: rig.clock, feed: rig.feed });
    await again.engine.performance.rejected(second?.decisionId ?? "", "too late");
  });

  it("holds after a restart on the same stores (R33)", async () => {
    const first = await startRig(HISTORY);
    await first.save("cool", "CLOSE > 1", { cooldownMs: 3_600_000 });
    await first.save("s", "CLOSE > 1", { maxPositions: 1 });
    await first.save("t", "CLOSE > 1", { maxPositions: 1 });
    const { decisions } = await first.sweep();
    await first.engine.performance.rejected(decisions.find((d) => d.strategyId === "t")?.decisionId ?? "", "no");
    await first.stop();
    const again = await startRig({ ...HISTORY, stores: first.stores, clock: first.clock, feed: first.feed });
    expect((await again.sweep({ symbols: ["BTC", "ETH"] })).outcomes).toStrictEqual({
      "cool BTC": "ALREADY_DECIDED",
      "s BTC": "ALREADY_DECIDED",
      "t BTC": "ALREADY_DECIDED",
      "s ETH": "MAX_POSITIONS",
    });
    await again.engine.performance.opened(openingOf("p"));
    await again.stop();
    const third = await startRig({ ...HISTORY, stores: first.stores, clock: first.clock, feed: first.feed });
    await third.close({ BTC: 103, ETH: 13 });
    expect((await third.sweep({ symbols: ["BTC"] })).outcomes).toStrictEqual({
      "cool BTC": "COOLDOWN",
      "s BTC": "MAX_POSITIONS",
    });
  });

  it("is not changed by a dry run or by Evaluate", async () => {
    const rig = await startRig(HISTORY);
    await rig.save("s", "CLOSE > 1", { maxPositions: 1, cooldownMs: 3_600_000 });
    for (let i = 0; i < 3; i++) {
      expect((await rig.sweep({ dryRun: true })).decisions).toMatchObject([{ sequence: 0 }]);
      expect((await rig.evaluate({})).outcome).toBe("DECIDED");
    }
    expect(await rig.journaled()).toStrictEqual([]);
    expect((await rig.sweep()).decisions).toMatchObject([{ sequence: 1 }]);
    // Within one dry run, places are counted as in a real one.
    await rig.save("t", "CLOSE > 1", { maxPositions: 1 });
    const dry = await rig.sweep({ symbols: ["BTC", "ETH"], strategyIds: ["t"], dryRun: true });
    expect(dry.summary.outcomes).toStrictEqual({ DECIDED: 1, MAX_POSITIONS: 1 });
  });
});

onBothPaths("R44: stored strategies that are not valid", () => {
  it("are listed with the reason, never evaluated, and stop no other", async () => {
    const rig = await startRig({ ...HISTORY, symbols: ["BTC"], completes: true });
    const { draft, ...row } = await rig.save("s", "CLOSE > 1");
    if (draft === undefined) {
      throw new Error("no draft");
    }
    rig.stores.strategies.plant({ ...row, strategyId: "bad", draft: { ...draft, strategyId: "bad", stopLossPct: 7 } });
    rig.stores.strategies.plant({ ...row, strategyId: "torn", fault: "entry_indicators is not a list" });
    const { rejectedStrategies, liveStrategies } = await rig.engine.runtime.refresh();
    expect(liveStrategies).toBe(1);
    expect(rejectedStrategies).toMatchObject([
      { strategyId: "bad", explanation: expect.stringContaining("stop_loss_pct") },
      { strategyId: "torn", explanation: "entry_indicators is not a list" },
    ]);
    await rig.close({ BTC: 103 });
    expect(rig.summaries()).toMatchObject([{ evaluations: 1, outcomes: { DECIDED: 1 } }]);
    await expect(rig.evaluate({ strategy: { strategyId: "bad" } })).rejects.toMatchObject({
      code: "failed_precondition",
    });
    await expect(rig.engine.strategies.setStatus("bad", "SHADOW", "try")).rejects.toMatchObject({
      code: "failed_precondition",
    });
    expect((await rig.sweep({ strategyIds: ["bad"] })).outcomes).toStrictEqual({ "bad BTC": "NOT_ACTIVE" });
  });

  it("are those with a larger base size than MAX_POSITION_SIZE_USD (R23)", async () => {
    const first = await startRig(HISTORY);
    await first.save("s", "CLOSE > 1", { baseSizeUsd: 1_001 });
    const again = await startRig({ ...HISTORY, stores: first.stores, maxPositionSizeUsd: 1_000 });
    expect(again.engine.runtime.status().rejectedStrategies).toMatchObject([{ strategyId: "s" }]);
  });
});

onBothPaths("a saved change", () => {
  it("is in force for the next evaluation, also where others stored the same before", async () => {
    const rig = await startRig(HISTORY);
    const saved = await rig.save("s", "CLOSE > 1");
    await rig.save("s", "CLOSE > 1000");
    expect((await rig.evaluate({})).outcome).toBe("CONDITIONS_NOT_MET");
    await rig.engine.strategies.setStatus("s", "DISABLED", "enough");
    expect((await rig.evaluate({})).outcome).toBe("NOT_ACTIVE");
    const changes = rig.stores.strategies.changes;
    (rig.stores.strategies as { changes: typeof changes }).changes = () => changes(AbortSignal.abort());
    const other = await startRig({ ...HISTORY, stores: rig.stores });
    rig.stores.strategies.plant({ ...saved, version: 9 });
    await other.save("s", "CLOSE > 1");
    expect((await other.sweep()).decisions).toMatchObject([{ strategyVersion: 9 }]);
  });

  it("that deletes a strategy is refused while the strategy may trade, and while a position of it is open", async () => {
    const rig = await startRig(HISTORY);
    await rig.save("s", "CLOSE > 1");
    const { strategies, performance } = rig.engine;
    const refused = (why: RegExp) =>
      expect(strategies.delete("s", "enough")).rejects.toMatchObject({
        code: "failed_precondition",
        message: expect.stringMatching(why),
      });
    await refused(/"s" is LIVE or SHADOW: set its status to DISABLED/);
    await strategies.setStatus("s", "DISABLED", "enough");
    const position = {
      positionId: "p",
      strategyId: "s",
      symbol: "BTC",
      side: "LONG",
      sizeUsd: 1,
      entryPrice: 1,
    } as const;
    await performance.opened({ ...position, openedAt: T0, feesUsd: 0 });
    await refused(/"s" has an open position: report the end of each/);
    await performance.closed({ positionId: "p", exitPrice: 2, closedAt: T0 + 1, feesUsd: 0 });
    await strategies.delete("s", "enough");
    await expect(strategies.get("s")).rejects.toMatchObject({ code: "not_found" });
    await expect(strategies.delete("s", "again")).rejects.toMatchObject({ code: "not_found" });
    expect(rig.stores.strategies.notes.at(-1)).toMatchObject({ strategyId: "s", status: "DELETED", reason: "enough" });
  });

  it("is in force for a call that waited for a bar while it was saved", async () => {
    const rig = await startRig(HISTORY);
    for (const id of ["off", "changed", "kept"]) {
      await rig.save(id, "CLOSE > 1");
    }
    const { called } = await callThatWaits(rig);
    await rig.engine.strategies.setStatus("off", "DISABLED", "enough");
    await rig.save("changed", "CLOSE > 1000");
    await rig.save("new", "SMA_2 > 1");
    rig.feed.setPrice("BTC", 103, rig.clock.now());
    await rig.send("BTC", "1m", barsFrom(T0, "1m", [103])[0] as Bar);
    await rig.pass(200);
    const batches = await called;
    expect(batches.flatMap(({ decisions }) => decisions.map(({ strategyId }) => strategyId))).toEqual(["kept", "new"]);
    expect(batches.at(-1)?.summary).toMatchObject({ outcomes: { DECIDED: 2, CONDITIONS_NOT_MET: 1 }, durationMs: 300 });
  });
});

/** A one-shot call at the close of a bar that has not come. */
async function callThatWaits(rig: Rig) {
  await rig.pass(MINUTE);
  const query = { symbols: ["BTC"], includeShadow: false, strategyIds: [], dryRun: false, includeEmitted: false };
  const signal = new AbortController().signal;
  const called = collected(rig.engine.runtime.generate({ ...query, includeSuppressions: true }, signal));
  await rig.pass(200);
  return { called };
}
