import { describe, expect, it } from "vitest";
import type { Bar } from "../../src/domain/bar.ts";
import { closeTime } from "../../src/domain/bar.ts";
import type { Condition } from "../../src/domain/strategy.ts";
import { type Timeframe, timeframeMs } from "../../src/domain/timeframe.ts";
import { joinBars } from "../../src/engine/market/join-bars.ts";
import { Series } from "../../src/engine/market/series.ts";
import {
  type CompiledCondition,
  compileCondition,
  partsOf,
} from "../../src/engine/rules/conditions/compiled-condition.ts";
import { judgeCondition } from "../../src/engine/rules/conditions/conditions.ts";
import { readings } from "../../src/engine/rules/conditions/required-bars.ts";
import type { Indicator } from "../../src/indicators/indicator.ts";
import { computeIndicator } from "../../src/indicators/indicator-set.ts";
import { DEFINITIONS, instantiate, usualParameters } from "../../src/indicators/registry.ts";
import { readBars } from "../indicators/series.ts";

/** With how many comparisons there must be at least. */
const SERIES = [
  { name: "BTCUSD-30m", timeframe: "30m", least: 40_000 },
  { name: "ETHUSD-30m", timeframe: "30m", least: 40_000 },
  { name: "EURUSD-1h", timeframe: "1h", least: 30_000 },
  { name: "AAPL-1d", timeframe: "1d", least: 12_000 },
] as const;
/** Of them, in parts: how many must be met, and how many not. */
const LEAST_SHARE = 0.2;

/**
 * Every so many bars, and those whose values come closest to the threshold, which would be the
 * first to flip.
 */
const STRIDE = 149;
const CLOSEST = 40;

/**
 * Every indicator with its defaults, and with twice its periods. Candle patterns read the same few
 * bars wherever a series begins: see test/indicators/patterns.test.ts.
 */
const INDICATORS: readonly Indicator[] = DEFINITIONS.filter(({ family }) => family !== "pattern")
  .flatMap((definition) =>
    [1, 2].map((factor) =>
      instantiate(
        definition,
        usualParameters(definition).map((usual, i) =>
          definition.parameters[i]?.kind === "period" ? factor * usual : usual,
        ),
      ),
    ),
  )
  .filter(({ name }, i, all) => all.findIndex((other) => other.name === name) === i);

/**
 * Bars as the engine makes them follow one another (R5). Where a market is closed for longer than
 * the engine fills, its bars are laid end to end, so that the whole recording can be compared.
 */
function following(series: string, timeframe: Timeframe): readonly Bar[] {
  const bars = readBars(series);
  const joined = joinBars(undefined, bars, timeframe);
  const start = bars[0]?.openTime ?? 0;
  return joined.cut === undefined
    ? joined.bars
    : bars.map((bar, i) => ({ ...bar, openTime: start + i * timeframeMs(timeframe) }));
}

/** The middle of what the indicator can be; of where it mostly is, where that has no end. */
function middleOf({ range, reference }: Indicator, values: Float64Array): number {
  const { low, high } = reference ?? range;
  if (Number.isFinite(low) && Number.isFinite(high)) {
    return (low + high) / 2;
  }
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  const at = (share: number) => known[Math.floor(share * known.length)] ?? 0;
  return (at(0.25) + at(0.75)) / 2;
}

function placesOf(values: Float64Array, threshold: number, from: number): ReadonlySet<number> {
  const places = Array.from({ length: Math.max(0, values.length - from) }, (_, i) => from + i);
  const away = (place: number) => Math.abs((values[place] ?? Number.NaN) - threshold);
  const closest = places.filter((place) => !Number.isNaN(away(place))).sort((a, b) => away(a) - away(b));
  return new Set([...places.filter((place) => place % STRIDE === 0), ...closest.slice(0, CLOSEST)]);
}

/**
 * The condition judged over bars that end with `last`, as the engine judges it on its own data
 * (R11).
 */
function judged(compiled: CompiledCondition, series: Series): boolean | undefined {
  const reading = { seriesAt: (_: Timeframe, close: number) => series.at(close) };
  return judgeCondition(compiled, reading, series.lastClose ?? Number.NaN).met;
}

/**
 * R10: the bars that the engine loads for a strategy of this condition, its confirmations left out.
 */
function historyOf(condition: Condition): number {
  const own = readings({ entryIndicators: [condition], trigger: "LEVEL", timeframe: condition.timeframe } as never);
  return own.find(({ name }) => name === condition.name)?.bars ?? 0;
}

interface Compared {
  readonly same: number;
  readonly met: number;
  readonly unmet: number;
  readonly flips: readonly string[];
}

/** One condition at each place: over all bars up to there, and over no more than R10 asks for. */
function compared(condition: Condition, bars: readonly Bar[], values: Float64Array): Compared {
  const compiled = compileCondition(condition);
  const indicators = partsOf(compiled).map(({ reading }) => reading);
  const { timeframe } = condition;
  const length = historyOf(condition);
  const options = { capacity: bars.length, settled: true };
  const whole = new Series({ symbol: "", timeframe }, indicators, options);
  const counts = { same: 0, met: 0, unmet: 0 };
  const flips: string[] = [];
  let next = 0;
  const places = placesOf(values, Number(condition.operand), length);
  for (const place of [...places].sort((a, b) => a - b)) {
    whole.append(bars.slice(next, place + 1));
    next = place + 1;
    const part = new Series({ symbol: "", timeframe }, indicators, options);
    part.append(bars.slice(next - length, next));
    const [full, cut] = [judged(compiled, whole), judged(compiled, part)];
    if (full === cut) {
      counts.same++;
      counts.met += full === true ? 1 : 0;
      counts.unmet += full === false ? 1 : 0;
    } else {
      const close = new Date(closeTime(bars[place] as Bar, timeframe)).toISOString();
      flips.push(`${compiled.text} at ${close}: ${full} with all bars, ${cut} with ${length}`);
    }
  }
  return { ...counts, flips };
}

describe("history cut to what R10 asks for decides as the whole history does", () => {
  it.each(SERIES)(
    "$name",
    ({ name, timeframe, least }) => {
      const bars = following(name, timeframe);
      const offered = INDICATORS.filter(({ intradayOnly }) => !intradayOnly || timeframe !== "1d");
      const totals = { same: 0, met: 0, unmet: 0 };
      const flips: string[] = [];
      for (const indicator of offered) {
        const values = computeIndicator(indicator, bars);
        const operand = middleOf(indicator, values);
        for (const operator of [">", "crosses_above"] as const) {
          const found = compared({ name: indicator.name, operator, operand, timeframe }, bars, values);
          flips.push(...found.flips);
          totals.same += found.same;
          totals.met += found.met;
          totals.unmet += found.unmet;
        }
      }
      expect(flips).toEqual([]);
      expect(totals.same).toBeGreaterThan(least);
      expect(Math.min(totals.met, totals.unmet)).toBeGreaterThan(least * LEAST_SHARE);
    },
    90_000,
  );
});
