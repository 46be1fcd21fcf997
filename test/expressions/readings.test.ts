import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Bar } from "../../src/domain/bar.ts";
import { Series } from "../../src/engine/market/series.ts";
import { computedValue, lackingBars } from "../../src/engine/rules/conditions/market-reading.ts";
import type { Expression, Reading } from "../../src/expressions/expression.ts";
import { termsOf } from "../../src/expressions/expression.ts";
import { parseExpression } from "../../src/expressions/parse-expression.ts";
import { Program } from "../../src/expressions/program.ts";
import { readingBars } from "../../src/expressions/readings.ts";
import { computeIndicator, IndicatorSet } from "../../src/indicators/indicator-set.ts";
import { expressionText } from "./arbitraries.ts";

const HOUR = 3_600_000;

function readingNamed(text: string): Reading {
  const parsed = parseExpression(text);
  if ("fault" in parsed || parsed.expression.kind !== "reading") {
    throw new Error(`${text} is no reading`);
  }
  return parsed.expression.reading;
}

/** All that are read anywhere, those of sources among them. */
function readingsIn(expression: Expression): readonly Reading[] {
  return termsOf(expression).flatMap(({ reading }) => {
    const source = reading.derived?.source;
    return source === undefined ? [reading] : [reading, ...readingsIn(source)];
  });
}

/** A reading over a whole series: its values, and from which bar on it is defined or settled. */
interface Whole {
  readonly values: readonly number[];
  readonly definedAt: readonly number[];
  readonly settledAt: readonly number[];
}

/** R53 to R55 on whole series, in the words of the rules and without any state. */
function wholeOf(reading: Reading, bars: readonly Bar[]): Whole {
  const { derived } = reading;
  if (derived === undefined) {
    return constant(reading, [...computeIndicator(reading, bars)]);
  }
  const { indicator, source, lag } = derived;
  const now =
    source === undefined
      ? constant(indicator, [...computeIndicator(indicator, bars)])
      : sourced(indicator, source, bars);
  const first = readingFirst(indicator, source);
  return {
    values: bars.map((_, i) => now.values[i - lag] ?? Number.NaN),
    definedAt: bars.map((_, i) => (now.definedAt[i - lag] ?? first.definedAt) + lag),
    settledAt: bars.map((_, i) => (now.settledAt[i - lag] ?? first.settledAt) + lag),
  };
}

function constant({ firstIndex, settleBars }: Reading, values: readonly number[]): Whole {
  return { values, definedAt: values.map(() => firstIndex), settledAt: values.map(() => firstIndex + settleBars) };
}

function readingFirst(indicator: Reading, source: Expression | undefined) {
  const parts = source === undefined ? [] : termsOf(source).map(({ reading }) => reading);
  const definedAt = Math.max(0, ...parts.map(({ firstIndex }) => firstIndex));
  const settledAt = Math.max(0, ...parts.map(({ firstIndex, settleBars }) => firstIndex + settleBars));
  const { firstIndex, settleBars } = indicator;
  return { definedAt: definedAt + firstIndex, settledAt: settledAt + firstIndex + settleBars };
}

function sourced(indicator: Reading, source: Expression, bars: readonly Bar[]): Whole {
  const program = new Program(source);
  const parts = program.parts.map(({ reading }) => wholeOf(reading, bars));
  const at = Int32Array.from(parts, (_, i) => i);
  const input = bars.map((_, i) =>
    program.value({ values: Float64Array.from(parts, ({ values }) => values[i] ?? Number.NaN), at, step: 1 }, 0),
  );
  const { firstIndex, settleBars } = indicator;
  const values: number[] = [];
  const definedAt: number[] = [];
  const settledAt: number[] = [];
  for (let i = 0; i < input.length; i++) {
    const sourceDefined = Math.max(0, ...parts.map((part) => part.definedAt[i] ?? 0));
    const sourceSettled = Math.max(0, ...parts.map((part) => part.settledAt[i] ?? 0));
    const before = input.slice(0, i + 1).findLastIndex((value) => Number.isNaN(value));
    const isDefined = before < i;
    const start = isDefined ? before + 1 : Math.max(sourceDefined, i + 1);
    const run = isDefined ? input.slice(start, i + 1).map(barAt) : [];
    const value = isDefined ? (computeIndicator(indicator, run).at(-1) ?? Number.NaN) : Number.NaN;
    values.push(Number.isFinite(value) ? value : Number.NaN);
    definedAt.push(start + firstIndex);
    settledAt.push(Math.max(sourceSettled, start) + firstIndex + settleBars);
  }
  return { values, definedAt, settledAt };
}

function barAt(close: number): Bar {
  return { openTime: 0, open: close, high: close, low: close, close, volume: 0 };
}

/** A market in which little is traded and prices often stand still, so that much is undefined. */
const bars = fc
  .array(fc.tuple(fc.integer({ min: 95, max: 105 }), fc.constantFrom(0, 0, 1, 3)), { minLength: 5, maxLength: 60 })
  .map((rows) =>
    rows.map(
      ([close, volume], i): Bar => ({
        openTime: i * HOUR,
        open: close,
        high: close + (volume > 1 ? 1 : 0),
        low: close - (volume > 0 ? 1 : 0),
        close,
        volume,
      }),
    ),
  );

const NAMES = [
  "CLOSE[1]",
  "VOLUME[3]",
  "SMA_3(VOLUME)",
  "SMA_2(CLOSE/VOLUME)",
  "EMA_2(RSI_2)",
  "EMA_2(RSI_2)[2]",
  "RSI_2(SMA_2(VOLUME/VOLUME[1]))",
  "SMA_2(EMA_2(CLOSE/VOLUME)[1] - ROC_1(VOLUME))",
  "MACD_SIGNAL_2_3_2(HIGH - LOW)",
  "BB_UPPER_2_2(1/(CLOSE - CLOSE[1]))[1]",
  "SMA_CROSS_2_3(STOCH_K_2_1_1)",
];

describe("a reading with a source or a lag", () => {
  it("is bar by bar what its series says as a whole, and ready from the bar on that the rules name", () => {
    const reading = fc.oneof(
      fc.constantFrom(...NAMES).map(readingNamed),
      expressionText.map((text) => {
        const parsed = parseExpression(text);
        const found = "fault" in parsed ? [] : readingsIn(parsed.expression);
        return (
          found.find(({ derived, firstIndex }) => derived !== undefined && firstIndex < 55) ?? readingNamed("CLOSE[1]")
        );
      }),
    );
    let defined = 0;
    fc.assert(
      fc.property(reading, bars, fc.boolean(), (wanted, series, settled) => {
        const set = new IndicatorSet([wanted, readingNamed("EMA_2(RSI_2)"), readingNamed("RSI_2")], settled);
        const whole = wholeOf(wanted, series);
        series.forEach((bar, i) => {
          set.push(bar);
          const value = whole.values[i] ?? Number.NaN;
          const readyAt = (settled ? whole.settledAt[i] : whole.definedAt[i]) ?? 0;
          const isReady = wanted.derived?.source === undefined || !settled || i >= readyAt;
          expect(set.value(0)).toBe(isReady ? value : Number.NaN);
          if (wanted.derived?.source !== undefined) {
            expect(set.lacking(0, 0)).toBe(Math.max(0, readyAt - i));
          }
          defined += Number.isNaN(value) ? 0 : 1;
        });
      }),
      { numRuns: 300 },
    );
    expect(defined).toBeGreaterThan(500);
  });

  it("is equal to the bit however it came: appended, loaded anew, corrected, or beside others", () => {
    const readings = NAMES.map(readingNamed);
    const options = { capacity: 200, settled: false };
    fc.assert(
      fc.property(bars, fc.nat(), fc.integer({ min: 1, max: 50 }), (series, place, close) => {
        const at = place % series.length;
        const wrong = { ...(series[at] as Bar), close, open: close, high: 200, low: 1, volume: 2 };
        const one = new Series({ symbol: "S", timeframe: "1h" }, readings, options);
        const key = { symbol: "S", timeframe: "1h" } as const;
        const other = new Series(key, [], options);
        for (const [i, bar] of series.entries()) {
          one.accept(i === at ? wrong : bar, false);
        }
        one.accept(series[at] as Bar, true);
        other.replace(series);
        other.retarget([...readings].reverse(), 200);
        const last = series.length * HOUR;
        for (const reading of readings) {
          for (const back of [0, 1] as const) {
            expect(one.at(last)?.value(reading, back)).toBe(other.at(last)?.value(reading, back));
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it("lacks the bars until it is ready, and counts from there where its source was undefined", () => {
    const average = readingNamed("SMA_3(CLOSE/VOLUME)");
    const series = new Series({ symbol: "S", timeframe: "1h" }, [average], { capacity: 50, settled: true });
    const lacking = [5, 5, 0, 5, 5, 5, 5].map((volume, i) => {
      series.accept({ openTime: i * HOUR, open: 100, high: 100, low: 100, close: 100, volume }, false);
      const now = series.at((i + 1) * HOUR);
      return now === undefined ? undefined : [lackingBars(now, average, 0), computedValue(now, average, 0)];
    });
    expect(lacking).toEqual([
      [2, NaN],
      [1, NaN],
      [3, NaN],
      [2, NaN],
      [1, NaN],
      [0, 20],
      [0, 20],
    ]);
  });

  it.each([
    ["SMA_200", 200],
    ["SMA_200[3]", 203],
    ["SMA_200(HIGH - LOW)", 200],
    ["SMA_10(SMA_200)", 209],
    ["SMA_10(SMA_200 + SMA_20)[5]", 214],
    ["EMA_9(RSI_14)", 15 + 373 + 8 + 124],
    ["VWAP", 24],
    ["VWAP[2]", 26],
    ["SMA_10(VWAP)", 24 + 9],
  ])("%s needs %d bars of 1h", (text, expected) => {
    expect(readingBars(readingNamed(text), "1h")).toBe(expected);
  });
});
