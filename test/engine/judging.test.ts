import { expect, it } from "vitest";
import type { Bar } from "../../src/domain/bar.ts";
import type { StrategyDraft } from "../../src/domain/strategy.ts";
import { type Timeframe, timeframeMs } from "../../src/domain/timeframe.ts";
import type { EvaluateQuery } from "../../src/engine/api.ts";
import { barsFrom } from "../scripted-feed.ts";
import { history, MINUTE, onBothPaths, type RigOptions, startRig, T0 } from "./rig.ts";
import { conditionsOf, draftOf } from "./validation/drafts.ts";

const NO_SYMBOLS: RigOptions = { symbols: [] };

/**
 * Judges conditions given inline on bars or values given inline: nothing of the runtime's own is
 * read.
 */
async function judged(conditions: string, query: Partial<EvaluateQuery>, changes: Partial<StrategyDraft> = {}) {
  const rig = await startRig(NO_SYMBOLS);
  const config = draftOf({
    strategyId: "inline",
    status: "",
    entryIndicators: conditionsOf(conditions),
    timeframe: "1m",
    side: "LONG",
    ...changes,
  });
  const answer = await rig.evaluate({ strategy: { config }, price: 100, ...query });
  expect(rig.feed.asked).toStrictEqual({ history: 0, price: 0 });
  return answer;
}

const bars = (...closes: number[]): Bar[] => barsFrom(T0, "1m", closes);

onBothPaths("R15: combining", () => {
  // A value given is known; a value absent with bars too few is unknown.
  const yes = "CLOSE > 1";
  const no = "CLOSE > 1000";
  const unknown = "SMA_99 > 1";
  it.each([
    ["ALL", [yes, yes], "DECIDED"],
    ["ALL", [yes, no], "CONDITIONS_NOT_MET"],
    ["ALL", [no, unknown], "CONDITIONS_NOT_MET"],
    ["ALL", [unknown, no], "CONDITIONS_NOT_MET"],
    ["ALL", [yes, unknown], "INDICATOR_NOT_READY"],
    ["ALL", [unknown, yes], "INDICATOR_NOT_READY"],
    ["ANY", [no, yes], "DECIDED"],
    ["ANY", [unknown, yes], "DECIDED"],
    ["ANY", [yes, unknown], "DECIDED"],
    ["ANY", [no, no], "CONDITIONS_NOT_MET"],
    ["ANY", [no, unknown], "INDICATOR_NOT_READY"],
    ["ANY", [unknown, no], "INDICATOR_NOT_READY"],
  ] as const)("%s of %j is %s", async (entryLogic, conditions, outcome) => {
    // Bare duplicates are refused; the second "yes" is spelt otherwise.
    const texts = conditions.map((text, i) =>
      i === 1 && text === conditions[0] ? text.replace("CLOSE", "OPEN") : text,
    );
    expect((await judged(texts.join("; "), { bars: bars(99, 100) }, { entryLogic })).outcome).toBe(outcome);
  });
});

onBothPaths("R13: comparing", () => {
  it.each([
    ["RSI < 30", { RSI: 30 }, false],
    ["RSI < 30", { RSI: 29.999999999 }, true],
    ["RSI <= 30", { RSI: 30 }, true],
    ["RSI > 30", { RSI: 30 }, false],
    ["RSI >= 30", { RSI: 30 }, true],
    ["RSI == 30", { RSI: 30.000029 }, true],
    ["RSI == 30", { RSI: 30.000031 }, false],
    ["RSI != 30", { RSI: 30.000029 }, false],
    ["RSI != 30", { RSI: 30.000031 }, true],
    // In units of price and without a bar, 1e-12 of the larger counts as equal.
    ["EMA_5 > EMA_9", { EMA_5: 100 + 9e-11, EMA_9: 100 }, false],
    ["EMA_5 > EMA_9", { EMA_5: 100 + 1.2e-10, EMA_9: 100 }, true],
    ["EMA_5 >= EMA_9", { EMA_5: 100, EMA_9: 100 + 9e-11 }, true],
    ["EMA_5 < EMA_9", { EMA_5: 100 - 9e-11, EMA_9: 100 }, false],
    ["EMA_5 != EMA_9", { EMA_5: 100.00005, EMA_9: 100 }, false],
    // Dimensionless: 1e-12 of 100.
    ["STOCH_K > STOCH_D", { STOCH_K: 9e-11, STOCH_D: 0 }, false],
    ["STOCH_K > STOCH_D", { STOCH_K: 1.1e-10, STOCH_D: 0 }, true],
  ] as const)("%s with %j is %s", async (condition, indicators, met) => {
    const { conditions } = await judged(condition, { indicators });
    expect(conditions[0]?.met).toBe(met);
  });

  it("in units of price allows 1e-12 of the close of the bar read", async () => {
    const indicators = { MACD: 5e-9, MACD_SIGNAL: 0 };
    const high = await judged("MACD > MACD_SIGNAL", { indicators, bars: bars(10_000, 10_000) });
    expect(high.conditions[0]?.met).toBe(false);
    const low = await judged("MACD > MACD_SIGNAL", { indicators, bars: bars(1_000, 1_000) });
    expect(low.conditions[0]?.met).toBe(true);
  });
});

onBothPaths("R14: crossing", () => {
  it.each([
    ["CLOSE crosses_above 100", [99, 101], true],
    ["CLOSE crosses_above 100", [100, 101], true],
    ["CLOSE crosses_above 100", [99, 100], false],
    ["CLOSE crosses_above 100", [101, 102], false],
    ["CLOSE crosses_below 100", [101, 99], true],
    ["CLOSE crosses_below 100", [100, 99], true],
    ["CLOSE crosses_below 100", [101, 100], false],
    ["CLOSE crosses_above SMA_2", [101, 99, 101], true],
    ["CLOSE crosses_above SMA_2", [99, 101, 102], false],
    ["CLOSE crosses_above 100", [101], undefined],
    ["CLOSE crosses_above SMA_2", [99, 101], undefined],
  ] as const)("%s over %j is %s", async (condition, closes, met) => {
    const { conditions, outcome } = await judged(condition, { bars: bars(...closes) });
    expect(conditions[0]?.met).toBe(met);
    expect(outcome).toBe(met === undefined ? "INDICATOR_NOT_READY" : met ? "DECIDED" : "CONDITIONS_NOT_MET");
    expect(conditions[0]?.missingBars).toBe(met === undefined ? 1 : 0);
  });

  it("on a value given is unknown, with or without bars", async () => {
    for (const given of [[], bars(99, 101, 102)]) {
      const { conditions, outcome } = await judged("CLOSE crosses_above 100", {
        indicators: { CLOSE: 101 },
        bars: given,
      });
      expect(outcome).toBe("INDICATOR_NOT_READY");
      expect(conditions[0]).toMatchObject({ left: 101, right: 100, missingBars: 0 });
      expect(conditions[0]).not.toHaveProperty("met");
    }
  });
});

onBothPaths("R16: EDGE", () => {
  const edge = { trigger: "EDGE" };
  it.each([
    [[99, 101], "DECIDED"],
    [[101, 102], "NOT_TRIGGERED"],
    [[101, 99], "CONDITIONS_NOT_MET"],
    [[101], "INDICATOR_NOT_READY"],
    [[99], "CONDITIONS_NOT_MET"],
  ] as const)("over %j is %s", async (closes, outcome) => {
    expect((await judged("CLOSE > 100", { bars: bars(...closes) }, edge)).outcome).toBe(outcome);
  });

  it("needs the bar before of values given too, which is unknown", async () => {
    const answer = await judged("CLOSE > 100", { bars: bars(99, 99), indicators: { CLOSE: 101 } }, edge);
    expect(answer).toMatchObject({ outcome: "INDICATOR_NOT_READY", strength: 0.5 });
  });

  it("under ALL is known not to have held where one condition did not, whatever the others", async () => {
    const answer = await judged("CLOSE > 100; MOM_1 > 0", { bars: bars(99, 101) }, edge);
    expect(answer.outcome).toBe("DECIDED");
  });

  it("reads every series as it was when the bar before closed", async () => {
    // 5m bars: closes 100, then 110. On the 1m bar that closes with the second, the 5m bar before
    // it still counted for the bar before.
    const closes = [100, 100, 100, 100, 100, 110, 110, 110, 110, 110];
    const long = "CLOSE > 105 on 5m";
    expect((await judged(long, { bars: bars(...closes) }, edge)).outcome).toBe("DECIDED");
    // One bar later both bars read the same 5m bar.
    expect((await judged(long, { bars: bars(...closes, 110) }, edge)).outcome).toBe("NOT_TRIGGERED");
  });
});

onBothPaths("R6: longer timeframes", () => {
  it("read the bar that closed last, never a forming one", async () => {
    const closes = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const { conditions, indicators } = await judged("CLOSE > 4 on 5m", { bars: bars(...closes) });
    expect(conditions[0]).toMatchObject({ left: 5, timeframe: "5m", met: true });
    expect(indicators).toStrictEqual({ "CLOSE@5m": 5, ROC_4: ((9 - 5) / 5) * 100 });
  });

  it("have their own bar before", async () => {
    const { conditions } = await judged("CLOSE crosses_above 7 on 5m", {
      bars: bars(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
    });
    expect(conditions[0]).toMatchObject({ left: 10, met: true });
  });

  it("on the runtime's own data wait for the longer bar, and never use an older one", async () => {
    const rig = await startRig({
      symbols: ["BTC"],
      prepare(feed) {
        history(feed, "BTC", "1m", [100, 101]);
        history(feed, "BTC", "5m", [100, 101]);
      },
    });
    await rig.save("s", "CLOSE > 1; CLOSE > 2 on 5m");
    for (let i = 1; i < 5; i++) {
      await rig.close({ BTC: 100 + i });
    }
    expect(await rig.journaled()).toHaveLength(4);
    await rig.close({ BTC: 105 });
    await rig.pass(5_000);
    expect(await rig.journaled()).toHaveLength(4);
    const [bar] = barsFrom(T0, "5m", [105]) as [Bar];
    await rig.send("BTC", "5m", bar);
    expect((await rig.journaled()).at(-1)).toMatchObject({
      barCloseTime: T0 + 5 * MINUTE,
      conditions: [{}, { left: 105 }],
    });
    for (let i = 1; i <= 5; i++) {
      await rig.close({ BTC: 110 + i });
    }
    await rig.pass(10_000);
    expect(rig.suppressed().at(-1)).toMatchObject({ outcome: "MARKET_DATA_UNAVAILABLE" });
    expect(rig.suppressed().at(-1)?.explanation).toContain("no 5m bar that closed at 2026-01-05T00:10:00Z");
  });
});

onBothPaths("R11: readiness", () => {
  it("on the runtime's own data needs settled values, on bars given defined ones", async () => {
    const closes = Array.from({ length: 60 }, (_, i) => 100 + Math.sin(i));
    const rig = await startRig({ symbols: [], prepare: (feed) => history(feed, "BTC", "1m", closes) });
    await rig.save("s", "RSI_14 > 1");
    const own = await rig.evaluate({});
    expect(own.outcome).toBe("INDICATOR_NOT_READY");
    // Wilder's 14: 14 + 1 bars to the first value, ceil(ln 1e-12 / ln(13/14)) more to settle.
    const needed = 15 + Math.ceil(Math.log(1e-12) / Math.log(13 / 14));
    expect(own.conditions[0]).toStrictEqual({
      condition: "RSI_14 > 1",
      timeframe: "1m",
      right: 1,
      missingBars: needed - 60,
    });
    const given = await rig.evaluate({ bars: barsFrom(T0 - 60 * MINUTE, "1m", closes) });
    expect(given.outcome).toBe("DECIDED");
    expect(own.indicators).toStrictEqual({});
    const none = await rig.evaluate({ symbol: "ETH" });
    expect(none.outcome).toBe("MARKET_DATA_UNAVAILABLE");
    expect(none.conditions[0]?.missingBars).toBe(needed);
  });

  it("loads enough history for all that a strategy reads, confirmations included", async () => {
    const closes = Array.from({ length: 1_500 }, (_, i) => 100 + i / 10);
    const rig = await startRig({ symbols: [], prepare: (feed) => history(feed, "BTC", "1m", closes) });
    await rig.save("s", "CLOSE > 1");
    const { indicators } = await rig.evaluate({});
    expect(Object.keys(indicators)).toStrictEqual(["CLOSE", "MACD_12_26_9", "MACD_SIGNAL_12_26_9", "ROC_4"]);
  });

  it("counts what a cross lacks with one bar more, also where there is no series at all", async () => {
    const { conditions } = await judged("SMA_3 crosses_above SMA_5 on 15m", { bars: bars(1, 2) });
    expect(conditions[0]?.missingBars).toBe(6);
  });
});

onBothPaths("R19 to R22: strength and confidence", () => {
  it("of R20's example are 0.8667, with values given", async () => {
    const indicators = { RSI: 25, MACD: 50, MACD_SIGNAL: 30 };
    const answer = await judged("RSI < 30", { indicators }, { side: "" });
    expect(answer).toMatchObject({ outcome: "DECIDED", side: "LONG" });
    expect(answer.strength).toBe(0.5 + 5 / 30 + 0.2);
    expect(answer.strength?.toFixed(4)).toBe("0.8667");
    expect(answer.conditions).toStrictEqual([
      { condition: "RSI_14 < 30", timeframe: "1m", left: 25, right: 30, met: true, margin: 5 / 30, missingBars: 0 },
    ]);
    expect(answer.indicators).toStrictEqual({ MACD_12_26_9: 50, MACD_SIGNAL_12_26_9: 30, RSI_14: 25 });
  });

  it("of R20's example are 0.8667, with bars given and the RSI of them standing in", async () => {
    // A long rise, so that the MACD line lies above its signal, and a calm end, so that there is no
    // momentum.
    const closes = Array.from({ length: 60 }, (_, i) => 100 * 1.01 ** Math.min(i, 50) + (i > 50 ? (i % 2) / 100 : 0));
    const up = await judged("RSI < 30", { indicators: { RSI: 25, MACD: 50, MACD_SIGNAL: 30 }, bars: bars(...closes) });
    expect(up.strength?.toFixed(4)).toBe("0.8667");
  });

  it.each([
    ["RSI < 30", { RSI: 25 }, 5 / 30],
    ["RSI <= 30", { RSI: 30 }, 0],
    ["RSI < 30", { RSI: 0 }, 1],
    ["RSI > 70", { RSI: 85 }, 0.5],
    ["RSI >= 100", { RSI: 100 }, 0],
    ["WILLR < -80", { WILLR: -90 }, 0.5],
    ["WILLR > -20", { WILLR: -5 }, 0.75],
    ["RSI == 30", { RSI: 30 }, undefined],
    ["RSI != 30", { RSI: 31 }, undefined],
    ["CCI < -100", { CCI: -150 }, undefined],
    ["BB_PERCENT < 0.2", { BB_PERCENT: 0.1 }, undefined],
    ["AROON_OSC > 50", { AROON_OSC: 75 }, undefined],
    ["STOCH_K > STOCH_D", { STOCH_K: 90, STOCH_D: 10 }, undefined],
  ] as const)("margin of %s at %j is %s", async (condition, indicators, margin) => {
    const answer = await judged(condition, { indicators });
    expect(answer.conditions[0]?.met).toBe(true);
    expect(answer.conditions[0]?.margin).toBe(margin);
    expect(answer.strength).toBe(Math.min(1, 0.5 + (margin ?? 0)));
  });

  it("of crosses have the margin of the order they end in", async () => {
    const closes = [...Array.from({ length: 15 }, (_, i) => 100 - i), 100, 86];
    const answer = await judged("RSI crosses_above 30", { bars: bars(...closes.slice(0, 16)) });
    const { left = Number.NaN, margin, met } = answer.conditions[0] ?? {};
    expect(met).toBe(true);
    expect(margin).toBe((left - 30) / 70);
  });

  it("take the mean over the met conditions that have a margin", async () => {
    const indicators = { RSI: 15, STOCH_K: 19, CLOSE: 5 };
    const any = await judged(
      "RSI < 30; STOCH_K < 20; MFI < 10; CLOSE > 1",
      { indicators: { ...indicators, MFI: 50 } },
      { entryLogic: "ANY" },
    );
    expect(any.strength).toBe(0.5 + (15 / 30 + 1 / 20) / 2);
  });

  it.each([
    ["LONG", { MACD: 1, MACD_SIGNAL: 0.5 }, 0.2],
    ["LONG", { MACD: 0.5, MACD_SIGNAL: 1 }, 0],
    ["LONG", { MACD: 1, MACD_SIGNAL: 1 - 1e-13 }, 0],
    ["SHORT", { MACD: 0.5, MACD_SIGNAL: 1 }, 0.2],
    ["SHORT", { MACD: 1, MACD_SIGNAL: 0.5 }, 0],
    ["LONG", { MACD: 1 }, 0],
    ["LONG", { ROC_4: 1 }, 0],
    ["LONG", { ROC_4: 1.001 }, 0.1],
    ["LONG", { ROC_4: -5 }, 0],
    ["SHORT", { ROC_4: -1 }, 0],
    ["SHORT", { ROC_4: -1.001 }, 0.1],
    ["LONG", { ROC_4: 2, MACD: 1, MACD_SIGNAL: 0.5 }, 0.2 + 0.1],
  ] as const)("of %s with %j add %d", async (side, indicators, added) => {
    const { strength } = await judged("VOLUME > 1", { indicators: { VOLUME: 2, ...indicators } }, { side });
    expect(strength).toBeCloseTo(0.5 + added, 15);
  });

  it("are at most 1", async () => {
    const indicators = { RSI: 1, MACD: 2, MACD_SIGNAL: 1, ROC_4: 9 };
    expect((await judged("RSI < 30", { indicators })).strength).toBe(1);
  });

  it("mix in the fitness score where there is one (R21)", async () => {
    const indicators = { RSI: 15 };
    expect((await judged("RSI < 30", { indicators })).confidence).toBe(1);
    const { confidence } = await judged("RSI < 30", { indicators }, { fitnessScore: 0.5 });
    expect(confidence).toBe(0.7 * 1 + 0.3 * 0.5);
    expect((await judged("RSI < 30", { indicators }, { fitnessScore: 0 })).confidence).toBe(0.7);
  });

  it.each([
    [0.5, "DECIDED"],
    [0.5 + 0.9e-9, "DECIDED"],
    [0.5 + 1.1e-9, "LOW_CONFIDENCE"],
  ])("of 0.5 against %d required is %s (R22)", async (minConfidence, outcome) => {
    expect((await judged("CLOSE > 1", { indicators: { CLOSE: 2 } }, { minConfidence })).outcome).toBe(outcome);
  });
});

onBothPaths("R2 and the prefix", () => {
  it("hold on every timeframe: what comes later changes nothing before", async () => {
    const closes = Array.from({ length: 40 }, (_, i) => 100 + 5 * Math.sin(i / 3));
    const all = barsFrom(T0, "1m", closes);
    const at = T0 + 25 * timeframeMs("1m" as Timeframe);
    const whole = await judged("CLOSE > SMA_5; MOM_2 > 0 on 5m", { bars: all, at });
    const cut = await judged("CLOSE > SMA_5; MOM_2 > 0 on 5m", { bars: all.slice(0, 25) });
    expect(whole).toStrictEqual(cut);
  });
});
