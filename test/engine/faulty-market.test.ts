import { expect, it } from "vitest";
import { RuntimeError } from "../../src/domain/errors.ts";
import { barsFrom } from "../scripted-feed.ts";
import { history, MINUTE, onBothPaths, type RigOptions, startRig, T0 } from "./rig.ts";

const TWO: RigOptions = {
  symbols: ["BTC", "ETH"],
  prepare(feed) {
    history(feed, "BTC", "1m", [100, 101]);
    history(feed, "ETH", "1m", [10, 11]);
  },
};

onBothPaths("a fault in one symbol stops no other (R27, R40)", () => {
  it("when a follow stream names a symbol that the venue has not", async () => {
    const rig = await startRig(TWO);
    await rig.save("s", "CLOSE > 1");
    const stream = rig.follow({ symbols: ["NOPE"] });
    await rig.close({ BTC: 102, ETH: 12 });
    expect((await rig.journaled()).map(({ symbol }) => symbol).sort()).toStrictEqual(["BTC", "ETH"]);
    expect(rig.feed.subscribed).toStrictEqual(["BTC 1m", "ETH 1m"]);
    expect(rig.engine.runtime.status().symbols.find(({ symbol }) => symbol === "NOPE")?.whyNot).toContain("no NOPE");
    await stream.stop();
  });

  it("when a symbol of the universe does not exist, and appears later", async () => {
    const venue = ["BTC"];
    const rig = await startRig({ ...TWO, venue });
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: 102 });
    await rig.pass(10_000);
    expect(await rig.journaled()).toHaveLength(1);
    expect(rig.summaries().at(-1)?.outcomes).toStrictEqual({ DECIDED: 1, MARKET_DATA_UNAVAILABLE: 1 });
    venue.push("ETH");
    // The history is asked again after a second, then after ever longer waits of at most a minute.
    for (let i = 0; i < 3; i++) {
      await rig.close({ BTC: 103, ETH: 12 });
    }
    expect((await rig.journaled()).at(-1)?.symbol).toBe("ETH");
  });
});

onBothPaths("a subscription that breaks off", () => {
  it("is opened again, and what closed meanwhile comes from the history at once", async () => {
    const rig = await startRig(TWO);
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: 102, ETH: 12 });
    await rig.pass(MINUTE - 500);
    rig.feed.breakOff(new RuntimeError("unavailable", "connection reset"));
    await rig.pass(0);
    expect(rig.engine.runtime.status().whyNot.join()).toContain("connection reset");
    for (const symbol of ["BTC", "ETH"]) {
      rig.feed.record(symbol, "1m", barsFrom(T0 + MINUTE, "1m", [103]));
    }
    await rig.pass(2_000);
    expect((await rig.journaled()).filter(({ barCloseTime }) => barCloseTime === T0 + 2 * MINUTE)).toHaveLength(2);
  });
});

onBothPaths("a series that cannot be used", () => {
  it("is not read by a one-shot call, though it holds the bar", async () => {
    const rig = await startRig({ prepare: (feed) => history(feed, "BTC", "1m", [100, 101]) });
    await rig.save("s", "CLOSE > 1");
    await rig.close({ BTC: 102 });
    const { sequence } = (await rig.journaled())[0] ?? {};
    expect(sequence).toBe(1);
    await rig.save("other", "CLOSE > 2");
    rig.feed.historyFault = () => new RuntimeError("unavailable", "rate limit");
    rig.feed.send({ kind: "interrupted", symbols: ["BTC"], reason: "lost messages" });
    const { outcomes, decisions } = await rig.sweep({ strategyIds: ["other"] });
    expect(decisions).toStrictEqual([]);
    expect(outcomes).toStrictEqual({ "other BTC": "MARKET_DATA_UNAVAILABLE" });
  });

  it("does not let a call wait for ever where the market stands still", async () => {
    const rig = await startRig({ prepare: (feed) => history(feed, "BTC", "1m", [100], T0 - MINUTE) });
    await rig.save("s", "CLOSE > 1");
    rig.feed.now = () => T0;
    const { outcome, explanation } = await rig.evaluate({});
    expect(outcome).toBe("MARKET_DATA_UNAVAILABLE");
    expect(explanation).toContain("closed at 2026-01-05T00:00:00Z");
    expect(explanation).toContain("the last one closed at 2026-01-04T23:59:00Z");
  });

  it.each([
    ["of a symbol that the venue has not", { symbol: "NOPE" }],
    ["of a time that has not come", { at: T0 + 86_400_000 }],
  ])("is given up at once %s (R7)", async (_, query) => {
    const rig = await startRig(TWO);
    await rig.save("s", "CLOSE > 1");
    const before = rig.clock.now();
    expect((await rig.evaluate(query)).outcome).toBe("MARKET_DATA_UNAVAILABLE");
    expect(rig.clock.now()).toBe(before);
  });
});
