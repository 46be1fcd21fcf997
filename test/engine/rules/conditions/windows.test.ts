import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeBars } from "../../../../src/domain/bar.ts";
import type { Condition } from "../../../../src/domain/strategy.ts";
import { type Timeframe, timeframeMs } from "../../../../src/domain/timeframe.ts";
import { Series } from "../../../../src/engine/market/series.ts";
import { compileCondition } from "../../../../src/engine/rules/conditions/compiled-condition.ts";
import { compileStrategy } from "../../../../src/engine/rules/conditions/compiled-strategy.ts";
import { judgeCondition, type Met } from "../../../../src/engine/rules/conditions/conditions.ts";
import type { MarketReading } from "../../../../src/engine/rules/conditions/market-reading.ts";
import { barsFrom } from "../../../scripted-feed.ts";
import { accepted, conditionOf, draftOf, violationsOf } from "../../validation/drafts.ts";

const HOUR = timeframeMs("1h");
const START = 0;

/** What a strategy of this condition reads, over bars that are taken one by one. */
class Market implements MarketReading {
  readonly condition: Condition;
  readonly #series: ReadonlyMap<Timeframe, Series>;

  constructor(text: string, windowed: Partial<Condition>) {
    const { config } = accepted(draftOf({ side: "LONG", entryIndicators: [conditionOf(text)] }));
    const [plain] = config.entryIndicators;
    this.condition = { ...(plain as Condition), ...windowed };
    const strategy = { ...config, entryIndicators: [this.condition], version: 1, createdAt: 0, updatedAt: 0 };
    const { indicators } = compileStrategy(strategy).reads;
    this.#series = new Map(
      [...indicators].map(([timeframe, read]) => [
        timeframe,
        new Series({ symbol: "X", timeframe }, read, { capacity: 600, settled: false }),
      ]),
    );
  }

  take(closes: readonly number[], count: number): void {
    const bars = barsFrom(START, "1h", closes.slice(0, count));
    this.#series.get("1h")?.append(bars.slice(-1));
    if (count % 2 === 0) {
      this.#series.get("2h")?.append([mergeBars(bars.slice(-2))]);
    }
  }

  seriesAt(timeframe: Timeframe, time: number) {
    return this.#series.get(timeframe)?.at(time);
  }
}

const TEXTS = [
  "CLOSE > 100",
  "CLOSE > SMA_3",
  "MOM_2 crosses_above 0",
  "CLOSE > CLOSE[2]",
  "CLOSE@2h < SMA_2",
  "CLOSE < 100 on 2h",
];

describe("a condition that is looked at over several bars (R58)", () => {
  it.each(TEXTS)("is what it was on each of them, one by one: %s", (text) => {
    const closes = fc.array(fc.integer({ min: 97, max: 103 }), { minLength: 10, maxLength: 60 });
    fc.assert(
      fc.property(closes, fc.integer({ min: 2, max: 20 }), fc.boolean(), (prices, bars, isWithin) => {
        const windowed = new Market(text, isWithin ? { withinBars: bars } : { forBars: bars });
        const alone = new Market(text, {});
        const step = timeframeMs(alone.condition.timeframe);
        const seen = new Map<number, Met>();
        for (let count = 1; count <= prices.length; count++) {
          windowed.take(prices, count);
          alone.take(prices, count);
          const close = START + count * HOUR;
          const last = Math.floor(close / step) * step;
          seen.set(last, judgeCondition(compileCondition(alone.condition), alone, close).met);
          const looked = Array.from({ length: bars }, (_, back) => seen.get(last - back * step));
          const expected = looked.includes(isWithin) ? isWithin : looked.includes(undefined) ? undefined : !isWithin;
          const { met } = judgeCondition(compileCondition(windowed.condition), windowed, close);
          expect(met, `${count} of ${prices.join()}`).toBe(expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("lacks the bars before the last one, too", () => {
    const market = new Market("CLOSE > SMA_3", { forBars: 5 });
    const lacks: (number | undefined)[] = [];
    for (let count = 1; count <= 8; count++) {
      market.take([1, 2, 3, 4, 5, 6, 7, 8], count);
      lacks.push(judgeCondition(compileCondition(market.condition), market, count * HOUR).missingBars);
    }
    expect(lacks).toEqual([6, 5, 4, 3, 2, 1, 0, 0]);
  });

  it("reads as far back as 500 bars, with as many closes", () => {
    const market = new Market("CLOSE > 50", { withinBars: 500 });
    const closes = [60, ...Array.from({ length: 500 }, () => 40)];
    const met = closes.map((_, i) => {
      market.take(closes, i + 1);
      return judgeCondition(compileCondition(market.condition), market, (i + 1) * HOUR).met;
    });
    expect([met[498], met[499], met[500]]).toEqual([true, true, false]);
  });
});

describe("how such a condition is written", () => {
  const refused = (text: string) => violationsOf(draftOf({ side: "LONG", entryIndicators: [conditionOf(text)] }));

  it("is canonical with its bars", () => {
    const texts = ["rsi < 30 for 3", "RSI < 30 within 500"].map((text) => {
      const { config } = accepted(draftOf({ side: "LONG", entryIndicators: [conditionOf(text)] }));
      return compileCondition(config.entryIndicators[0] as Condition).text;
    });
    expect(texts).toEqual(["RSI_14 < 30 for 3 bars", "RSI_14 < 30 within 500 bars"]);
  });

  it.each([
    ["RSI < 30 for 1", "entry_indicators[0].for_bars: is 1, must be a whole number from 2 to 500"],
    ["RSI < 30 within 501", "entry_indicators[0].within_bars: is 501, must be a whole number from 2 to 500"],
    ["RSI < 30 within -2", "entry_indicators[0].within_bars: is -2, must be a whole number from 2 to 500"],
    ["RSI < 30 for 2 within 3", "entry_indicators[0].within_bars: is 3 beside for_bars 2: give one of the two"],
    [
      "RSI crosses_above 30 for 2",
      "entry_indicators[0].for_bars: RSI_14 crosses_above 30 for 2 bars can never hold: a cross is met on one bar and not on the next; use within_bars",
    ],
  ])("is refused: %s", (text, violation) => {
    expect(refused(text)).toEqual([violation]);
  });

  it("may contradict another on one bar where one of the bars is enough (R43)", () => {
    const both = (a: string, b: string) =>
      violationsOf(draftOf({ side: "LONG", entryIndicators: [conditionOf(a), conditionOf(b)] })).length;
    expect(both("RSI < 30 within 3", "RSI > 70")).toBe(0);
    expect(both("RSI < 30 for 3", "RSI > 70")).toBe(1);
  });

  it("votes where it must hold on every bar, and not where one is enough (R17)", () => {
    const side = (text: string) => violationsOf(draftOf({ side: "", entryIndicators: [conditionOf(text)] }));
    expect(side("RSI < 30 for 3")).toEqual([]);
    expect(side("RSI < 30 within 3")).toHaveLength(1);
  });
});
