import { describe, expect, it } from "vitest";
import { canServe } from "../../../src/assembly/carriers.ts";
import type { Timeframe } from "../../../src/domain/timeframe.ts";
import { judgeDelays } from "../../../src/engine/market/feed-delays.ts";
import type { FeedDelay } from "../../../src/ports/market-data.ts";
import { ManualClock } from "../../manual-clock.ts";
import { scriptedFeed } from "../../scripted-feed.ts";
import { history, startRig, T0 } from "../rig.ts";

const GRACE_MS = 10_000;

function delay(timeframe: Timeframe, lateMs: number, symbols: readonly string[] = ["BTC"]): FeedDelay {
  return { timeframe, symbols, since: T0, lateMs, text: `bars come ${lateMs / 1_000} s late` };
}

describe("late bars", () => {
  it.each([
    ["1s", 999, false],
    ["1s", 1_000, true],
    ["1m", 9_999, false],
    ["1m", 10_000, true],
    ["1d", 10_000, true],
  ] satisfies [Timeframe, number, boolean][])(
    "of %s that come %d ms late are too late (%s): behind the grace, or the end of a decision's validity",
    (timeframe, lateMs, isTooLate) => {
      const { whyNot, notes } = judgeDelays([delay(timeframe, lateMs)], new Set([timeframe]), GRACE_MS);
      const text = `market data: ${timeframe}: bars come ${lateMs / 1_000} s late`;
      const tooLate = `${text}, which is too late to judge ${timeframe} bars at their close`;
      expect({ whyNot, notes }).toEqual(isTooLate ? { whyNot: [tooLate], notes: [] } : { whyNot: [], notes: [text] });
    },
  );

  it("on timeframes that nobody reads are not told of", () => {
    const { whyNot, notes } = judgeDelays([delay("1s", 3_000)], new Set<Timeframe>(["1m"]), GRACE_MS);
    expect([whyNot, notes]).toEqual([[], []]);
  });
});

/** A strategy on 1s and one on 1m, in a market of two symbols. */
async function openRig() {
  const clock = new ManualClock(T0);
  const now: { delays: readonly FeedDelay[] } = { delays: [] };
  const feed = Object.assign(scriptedFeed(clock, ["BTC", "ETH"]), { delays: () => now.delays });
  const rig = await startRig({
    clock,
    feed,
    symbols: ["BTC", "ETH"],
    prepare: (market) => {
      for (const symbol of ["BTC", "ETH"]) {
        history(market, symbol, "1m", [100, 101]);
        history(market, symbol, "1s", [100, 101]);
      }
    },
  });
  await rig.save("minutes", "CLOSE > 1");
  await rig.save("seconds", "CLOSE > 1", { timeframe: "1s" });
  await rig.pass(0);
  return { rig, now, status: () => rig.engine.runtime.status() };
}

describe("readiness", () => {
  it("is lost where bars come too late for a timeframe, and the series say why", async () => {
    const { rig, now, status } = await openRig();
    expect(status()).toMatchObject({ ready: true, whyNot: [] });
    now.delays = [delay("1s", 3_200, ["ETH"]), delay("1m", 500)];
    const { ready, whyNot, notes, symbols } = status();
    const why = "bars come 3.2 s late, which is too late to judge 1s bars at their close";
    expect({ ready, whyNot, notes }).toEqual({
      ready: false,
      whyNot: [`market data: 1s: ${why}`],
      notes: ["market data: 1m: bars come 0.5 s late"],
    });
    expect(symbols.flatMap((each) => each.whyNot ?? [])).toEqual([why]);
    expect(symbols.find((each) => each.whyNot !== undefined)).toMatchObject({ symbol: "ETH", timeframe: "1s" });
    expect(canServe(rig.engine)).toBe(false);
    now.delays = [];
    expect(status().ready).toBe(true);
  });

  it("holds where bars come late, and in time; a halt beside it is still no fault", async () => {
    const { rig, now, status } = await openRig();
    now.delays = [delay("1m", 500)];
    expect(status()).toMatchObject({ ready: true, whyNot: [], notes: ["market data: 1m: bars come 0.5 s late"] });
    await rig.engine.policy.change({ halted: true, haltReason: "lunch" });
    expect([status().ready, canServe(rig.engine)]).toEqual([false, true]);
  });

  it("names what is wrong with a series itself first", async () => {
    const { rig, now, status } = await openRig();
    rig.feed.historyFault = () => new Error("no");
    rig.feed.send({ kind: "interrupted", symbols: ["ETH"], reason: "bars were missed" });
    await rig.pass(0);
    now.delays = [delay("1s", 3_200, ["BTC", "ETH"])];
    const of = (symbol: string) => status().symbols.find((each) => each.symbol === symbol && each.timeframe === "1s");
    expect(of("ETH")?.whyNot).toContain("could not be asked: no");
    expect(of("BTC")?.whyNot).toContain("bars come 3.2 s late");
  });
});

describe("a close whose bars do not come in time", () => {
  it("is explained with why they come late", async () => {
    const { rig, now } = await openRig();
    now.delays = [delay("1s", 3_200, ["ETH"])];
    await rig.close({}, "1s");
    await rig.pass(GRACE_MS);
    const why = rig.suppressed().filter(({ strategyId }) => strategyId === "seconds");
    const of = (symbol: string) => why.find((each) => each.symbol === symbol);
    expect(of("ETH")).toMatchObject({ outcome: "MARKET_DATA_UNAVAILABLE" });
    expect(of("ETH")?.explanation).toMatch(
      /ETH has no 1s bar that closed at .*; the last one .*; bars come 3\.2 s late/,
    );
    expect(of("BTC")?.explanation).toMatch(/BTC has no 1s bar that closed at .*; the last one closed at \S+Z\.?$/);
  });
});
