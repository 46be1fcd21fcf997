import { describe, expect, it } from "vitest";
import { memoryJournal } from "../../src/adapters/memory/memory-journal.ts";
import { RuntimeError } from "../../src/domain/errors.ts";
import type { StrategyDraft } from "../../src/domain/strategy.ts";
import type { EvaluateQuery } from "../../src/engine/api.ts";
import type { DecisionJournal } from "../../src/ports/decision-journal.ts";
import { barsFrom } from "../scripted-feed.ts";
import { history, MINUTE, type Rig, type RigOptions, startRig, T0 } from "./rig.ts";
import { conditionsOf, draftOf } from "./validation/drafts.ts";

const HISTORY: RigOptions = {
  symbols: [],
  prepare(feed) {
    history(feed, "BTC", "1m", [100, 101, 102, 103, 104, 105]);
    history(feed, "BTC", "5m", [99, 105]);
  },
};

function inline(conditions = "CLOSE > 1", changes: Partial<StrategyDraft> = {}): EvaluateQuery["strategy"] {
  const entryIndicators = conditionsOf(conditions);
  const config = draftOf({ strategyId: "i", status: "", entryIndicators, timeframe: "1m", side: "LONG", ...changes });
  return { config };
}

/** "field: description" of everything that is refused. */
async function faults(rig: Rig, query: Partial<EvaluateQuery>): Promise<string[]> {
  const error = await rig.evaluate({ strategy: inline(), ...query }).then(
    () => undefined,
    (thrown: RuntimeError) => thrown,
  );
  expect(error?.code).toBe("invalid");
  return (error?.violations ?? []).map(({ field, description }) => `${field}: ${description}`);
}

describe("R47: bars given", () => {
  it.each([
    ["an invalid one", [{ low: 200 }], ["bars[0]: low 200"]],
    [
      "one that is not aligned",
      [{ openTime: T0 + 1 }],
      ["bars[0]: open_time 2026-01-05T00:00:00.001Z is not aligned to 1m"],
    ],
    ["a gap", [{}, { openTime: T0 + 3 * MINUTE }], ["bars[1]: open_time 2026-01-05T00:03:00Z leaves a gap"]],
    ["a repetition", [{}, { openTime: T0 }], ["bars[1]: open_time 2026-01-05T00:00:00Z is out of order or repeated"]],
    [
      "disorder",
      [{ openTime: T0 + MINUTE }, { openTime: T0 }],
      ["bars[1]: open_time 2026-01-05T00:00:00Z is out of order"],
    ],
    ["several faults", [{ close: 0 }, { volume: -1 }, {}], ["bars[0]: close is 0", "bars[1]: volume is -1"]],
    ["a number that is none", [{ high: Number.NaN }], ["bars[0]: high is NaN"]],
  ])("are refused with %s", async (_, changes, wanted) => {
    const rig = await startRig(HISTORY);
    const bars = barsFrom(
      T0,
      "1m",
      changes.map(() => 100),
    ).map((bar, i) => ({ ...bar, ...changes[i] }));
    const found = await faults(rig, { bars });
    expect(found).toHaveLength(wanted.length);
    for (const [i, text] of wanted.entries()) {
      expect(found[i]).toContain(text);
    }
  });

  it("are at most 20,000", async () => {
    const rig = await startRig(HISTORY);
    const closes = Array.from({ length: 20_001 }, () => 100);
    expect(await faults(rig, { bars: barsFrom(T0, "1m", closes) })).toHaveLength(1);
    const most = await rig.evaluate({ strategy: inline(), bars: barsFrom(T0, "1m", closes.slice(1)) });
    expect(most.outcome).toBe("DECIDED");
  });

  it("are judged on the last that closed by the time asked for, else on the last", async () => {
    const rig = await startRig(HISTORY);
    const query = { strategy: inline(), bars: barsFrom(T0 + MINUTE, "1m", [50, 60, 70]) };
    const judged = async (at?: number) => (await rig.evaluate({ ...query, ...(at !== undefined && { at }) })).decision;
    const close = (n: number) => T0 + n * MINUTE;
    expect(await judged()).toMatchObject({ entryPrice: 70, barCloseTime: close(4), timestamp: close(4) });
    expect(await judged(close(3) + 59_999)).toMatchObject({
      entryPrice: 60,
      barCloseTime: close(3),
      timestamp: close(3),
    });
    expect(await judged(close(2))).toMatchObject({ entryPrice: 50, barCloseTime: close(2), validUntil: close(3) });
    const none = await rig.evaluate({ ...query, at: close(2) - 1 });
    expect(none).toMatchObject({ outcome: "MARKET_DATA_UNAVAILABLE", conditions: [], indicators: {} });
    expect(none).not.toHaveProperty("barCloseTime");
  });

  it("are never mixed with the runtime's own, and a timeframe that they do not reach is not ready", async () => {
    const rig = await startRig(HISTORY);
    const bars = barsFrom(T0 - 3 * MINUTE, "1m", [103, 104, 105]);
    const strategy = inline("CLOSE > 1 on 5m");
    expect(await rig.evaluate({ strategy, bars })).toMatchObject({ outcome: "INDICATOR_NOT_READY" });
    expect((await rig.evaluate({ strategy })).outcome).toBe("DECIDED");
    const odd = inline("CLOSE > 1 on 5m", { timeframe: "3m" });
    const threes = barsFrom(T0, "3m", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect((await rig.evaluate({ strategy: odd, bars: threes })).outcome).toBe("INDICATOR_NOT_READY");
    expect(rig.feed.asked.price).toBe(1);
  });
});

describe("R48: values given", () => {
  it.each([
    [{ RSI: 25, RSI_14: 25 }, 'indicators["RSI_14"]: names the same indicator as "RSI"; give it once'],
    [{ "RSI@1m": 25, rsi: 25 }, "names the same indicator"],
    [{ PRICE: 1, CLOSE: 1 }, "names the same indicator"],
    [{ RSI: 101 }, 'indicators["RSI"]: is 101; RSI_14 is from 0 to 100'],
    [{ RSI: -1 }, "from 0 to 100"],
    [{ RSI: Number.NaN }, "must be finite"],
    [{ CLOSE: 0 }, "above 0"],
    [{ VOLUME: -1 }, "from 0 up"],
    [{ SMA_CROSS: 0.5 }, "is 0.5; SMA_CROSS_20_50 is -1, 0 or 1"],
    [{ BB_MIDDLE: 0 }, "is 0; BB_MIDDLE_20_2 is above 0"],
    [{ RSX: 1 }, "RSI"],
    [{ "RSI@7m": 1 }, "at character 5: expected a timeframe"],
    [{ "RSI@5m@5m": 1 }, "at character 7: expected"],
    [{ "VWAP@1d": 1 }, "only below 1d"],
  ])("%j are refused", async (indicators, wanted) => {
    const rig = await startRig(HISTORY);
    const found = await faults(rig, { indicators: indicators as Record<string, number> });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(wanted);
  });

  it("that are wrong throughout are understood after 20 of them", async () => {
    const rig = await startRig(HISTORY);
    const indicators = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`X${i}`, 1]));
    expect(await faults(rig, { indicators, price: -1 })).toHaveLength(21);
  });

  it("outside a reference range are taken", async () => {
    const rig = await startRig(HISTORY);
    const { outcome } = await rig.evaluate({ strategy: inline("CCI < -100"), indicators: { CCI: -900 } });
    expect(outcome).toBe("DECIDED");
  });

  it("with a plain name mean the strategy's timeframe, else the one named", async () => {
    const rig = await startRig(HISTORY);
    const strategy = inline("CLOSE > 1; CLOSE > 2 on 5m");
    const { conditions, indicators } = await rig.evaluate({
      strategy,
      indicators: { close: 7, "PRICE@5m": 8 },
      price: 1,
    });
    expect(conditions.map(({ left }) => left)).toStrictEqual([7, 8]);
    expect(indicators).toStrictEqual({ CLOSE: 7, "CLOSE@5m": 8 });
    expect(rig.feed.asked).toStrictEqual({ history: 0, price: 0 });
  });

  it("that cover the conditions ask the feed for nothing but a missing price", async () => {
    const rig = await startRig(HISTORY);
    const strategy = inline("RSI < 30");
    const { decision } = await rig.evaluate({ strategy, indicators: { RSI: 20 } });
    expect(rig.feed.asked).toStrictEqual({ history: 0, price: 1 });
    expect(decision).toMatchObject({ entryPrice: 105, timestamp: T0, barCloseTime: T0 });
    const at = T0 - 30_000;
    const past = await rig.evaluate({ strategy, indicators: { RSI: 20 }, at });
    expect(past.decision).toMatchObject({ entryPrice: 104, timestamp: T0 - MINUTE, barCloseTime: T0 - MINUTE });
    const priced = await rig.evaluate({ strategy, indicators: { RSI: 20 }, at, price: 7 });
    expect(priced.decision).toMatchObject({ entryPrice: 7, timestamp: T0 - MINUTE });
    expect(rig.feed.asked).toStrictEqual({ history: 1, price: 1 });
  });

  it("leave the rest to the bars given, else to the runtime's own data", async () => {
    const rig = await startRig(HISTORY);
    const strategy = inline("CLOSE > 1; MOM_1 > 0");
    const own = await rig.evaluate({ strategy, indicators: { MOM_1: 5 } });
    expect(own.conditions.map(({ left }) => left)).toStrictEqual([105, 5]);
    expect(own.indicators).toStrictEqual({ CLOSE: 105, MOM_1: 5, ROC_4: expect.closeTo((4 / 101) * 100, 12) });
    const bars = barsFrom(T0, "1m", [50, 51]);
    const given = await rig.evaluate({ strategy, indicators: { MOM_1: 5 }, bars });
    expect(given.conditions.map(({ left }) => left)).toStrictEqual([51, 5]);
    expect(given.indicators).toStrictEqual({ CLOSE: 51, MOM_1: 5 });
  });

  it("that cover only a longer timeframe spare the feed that one", async () => {
    const rig = await startRig(HISTORY);
    rig.feed.historyFault = ({ timeframe }) => (timeframe === "5m" ? new Error("no 5m") : undefined);
    const strategy = inline("CLOSE > 1; RSI < 30 on 5m");
    expect((await rig.evaluate({ strategy, indicators: { "RSI@5m": 20 } })).outcome).toBe("DECIDED");
  });
});

describe("R49: a time without bars", () => {
  it("judges the last bar that had closed by then, at its close, whatever came later", async () => {
    const rig = await startRig(HISTORY);
    const { decision } = await rig.evaluate({
      strategy: inline("CLOSE > 1; CLOSE > 1 on 5m"),
      at: T0 - 3 * MINUTE + 1,
    });
    expect(decision).toMatchObject({
      entryPrice: 102,
      timestamp: T0 - 3 * MINUTE,
      barCloseTime: T0 - 3 * MINUTE,
      conditions: [{ left: 102 }, { left: 99 }],
    });
    expect(rig.feed.asked.price).toBe(0);
  });

  it("sees no cooldown or reservation made after it", async () => {
    const rig = await startRig(HISTORY);
    const same = inline("CLOSE > 1", { strategyId: "s", cooldownMs: 3_600_000, maxPositions: 1 });
    await rig.save("s", "CLOSE > 1", { cooldownMs: 3_600_000, maxPositions: 1 });
    await rig.pass(5_000);
    expect((await rig.sweep()).decisions).toHaveLength(1);
    expect((await rig.evaluate({ at: T0 - MINUTE })).outcome).toBe("DECIDED");
    // One decision a bar, whenever it was made and whatever the version (R30).
    expect((await rig.evaluate({ at: T0 + 4_999 })).outcome).toBe("ALREADY_DECIDED");
    expect((await rig.evaluate({ strategy: same, at: T0 + 4_999 })).outcome).toBe("ALREADY_DECIDED");
    const other = { symbol: "ETH", price: 1, indicators: { CLOSE: 2 } };
    expect((await rig.evaluate({ ...other, at: T0 + 4_999 })).outcome).toBe("DECIDED");
    expect((await rig.evaluate({ ...other, at: T0 + 5_000 })).outcome).toBe("MAX_POSITIONS");
    await rig.close({ BTC: 103 });
    expect((await rig.evaluate({ strategy: same, at: T0 + MINUTE })).outcome).toBe("COOLDOWN");
  });

  it("sees the place that a decision held then, however long ago it has expired, and after a restart (R32)", async () => {
    const first = await startRig(HISTORY);
    await first.save("s", "CLOSE > 1", { maxPositions: 1 });
    await first.sweep();
    const then = { symbol: "ETH", price: 1, indicators: { CLOSE: 2 }, at: T0 + 5_000 };
    for (const seconds of [10, 60, 60, 86_400]) {
      await first.pass(seconds * 1_000);
      expect((await first.evaluate(then)).outcome, `after ${seconds} s more`).toBe("MAX_POSITIONS");
    }
    expect((await first.evaluate({ ...then, at: T0 + MINUTE })).outcome).toBe("DECIDED");
    await first.stop();
    const again = await startRig({ ...HISTORY, stores: first.stores, clock: first.clock, feed: first.feed });
    expect((await again.evaluate(then)).outcome).toBe("MAX_POSITIONS");
    const [made] = await again.journaled();
    await again.engine.performance.rejected(made?.decisionId ?? "", "too late");
    expect((await again.evaluate(then)).outcome).toBe("DECIDED");
  });

  it("sees the cooldown and the decision of then, though later ones were made (R30, R31)", async () => {
    const rig = await startRig({ ...HISTORY, symbols: ["BTC"], completes: true });
    await rig.save("s", "CLOSE > 1", { cooldownMs: 90_000 });
    for (const close of [103, 104, 105, 106, 107, 108]) {
      await rig.close({ BTC: close });
    }
    const outcomes = [];
    for (const minutes of [1, 2, 3, 4, 5]) {
      outcomes.push((await rig.evaluate({ at: T0 + minutes * MINUTE })).outcome);
    }
    expect(outcomes).toStrictEqual(["ALREADY_DECIDED", "COOLDOWN", "ALREADY_DECIDED", "COOLDOWN", "ALREADY_DECIDED"]);
  });

  it("is UNAVAILABLE where the journal must be asked and cannot be", async () => {
    const journal = memoryJournal();
    const fault = new RuntimeError("unavailable", "no disk");
    const broken: DecisionJournal = { ...journal, tracesAt: () => Promise.reject(fault) };
    const rig = await startRig({ ...HISTORY, symbols: ["BTC"], completes: true, stores: { journal: broken } });
    await rig.save("s", "CLOSE > 1");
    for (const close of [103, 104, 105]) {
      await rig.close({ BTC: close });
    }
    expect((await rig.evaluate({ price: 1 })).outcome).toBe("ALREADY_DECIDED");
    await expect(rig.evaluate({ at: T0 + MINUTE - 1 })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("no disk"),
    });
  });

  it("is MARKET_DATA_UNAVAILABLE where the bar of that time is missing", async () => {
    const rig = await startRig(HISTORY);
    rig.feed.forget("BTC", "1m", [T0 - 2 * MINUTE]);
    const { outcome, explanation } = await rig.evaluate({ strategy: inline(), at: T0 - 30_000 });
    expect(outcome).toBe("MARKET_DATA_UNAVAILABLE");
    expect(explanation).toContain("closed at 2026-01-04T23:59:00Z; the last one closed at 2026-01-04T23:58:00Z");
  });
});

describe("R50: the request", () => {
  it("is refused with every fault at once", async () => {
    const rig = await startRig(HISTORY);
    const found = await faults(rig, {
      strategy: inline("RSX < 30", { baseSizeUsd: -1, timeframe: "7m" }),
      symbol: "B T C",
      currentRegime: "",
      price: 0,
    });
    const fields = found.map((fault) => fault.split(":")[0]);
    for (const field of ["symbol", "current_regime", "price", "config.base_size_usd", "config.timeframe"]) {
      expect(fields).toContain(field);
    }
    expect(fields).toContain("config.entry_indicators[0].name");
  });

  it.each(["", "r".repeat(65), "\0"])(
    "is refused with a regime that no strategy could name: %j",
    async (currentRegime) => {
      const rig = await startRig(HISTORY);
      expect(await faults(rig, { currentRegime })).toStrictEqual([expect.stringContaining("current_regime: ")]);
    },
  );

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("is refused with a price of %d", async (price) => {
    const rig = await startRig(HISTORY);
    expect(await faults(rig, { price })).toStrictEqual([expect.stringContaining("price: ")]);
  });

  it("takes a config given as LIVE, at version 0, under the policy's gates", async () => {
    const rig = await startRig(HISTORY);
    expect((await rig.evaluate({ strategy: inline() })).decision).toMatchObject({ strategyVersion: 0, shadow: false });
    const shadow = await rig.evaluate({ strategy: inline("CLOSE > 1", { status: "SHADOW" }) });
    expect(shadow.decision?.shadow).toBe(true);
    expect((await rig.evaluate({ strategy: inline("CLOSE > 1", { status: "CANDIDATE" }) })).outcome).toBe("NOT_ACTIVE");
    await rig.engine.policy.change({ allowedStrategies: ["other"] });
    expect((await rig.evaluate({ strategy: inline() })).outcome).toBe("NOT_ALLOWED");
  });

  it("of a strategy that is not stored is NOT_FOUND; a stored one of any status is judged", async () => {
    const rig = await startRig(HISTORY);
    await expect(rig.evaluate({ strategy: { strategyId: "nope" } })).rejects.toMatchObject({ code: "not_found" });
    await rig.save("s", "CLOSE > 1", { status: "CANDIDATE" });
    const { outcome, conditions, strength } = await rig.evaluate({});
    expect({ outcome, met: conditions[0]?.met, strength }).toStrictEqual({
      outcome: "NOT_ACTIVE",
      met: true,
      strength: 0.6,
    });
  });
});

describe("R51: the indicators of an answer", () => {
  it("are the conditions' alone where they do not hold", async () => {
    const rig = await startRig(HISTORY);
    const { indicators } = await rig.evaluate({
      strategy: inline("CLOSE > 1000; MOM_1 > 0; SMA_99 > 1; RSI < 30 on 5m"),
    });
    expect(indicators).toStrictEqual({ CLOSE: 105, MOM_1: 1 });
  });

  it("stand in code-point order", async () => {
    const rig = await startRig(HISTORY);
    const { indicators } = await rig.evaluate({ strategy: inline("VOLUME > 0; CLOSE > 1 on 5m; CLOSE > 1; HIGH > 1") });
    expect(Object.keys(indicators)).toStrictEqual(["CLOSE", "CLOSE@5m", "HIGH", "ROC_4", "VOLUME"]);
  });
});

describe("an explanation", () => {
  it("says with numbers how far a condition was from holding", async () => {
    const rig = await startRig(HISTORY);
    const strategy = inline("RSI < 30; SMA_CROSS > 0");
    const { explanation } = await rig.evaluate({ strategy, indicators: { RSI: 41.2, SMA_CROSS: 1 }, price: 1 });
    expect(explanation).toContain("RSI_14 is 41.2, needs < 30 (11.2 away); SMA_CROSS_20_50 is 1, holds");
  });
});
