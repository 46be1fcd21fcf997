import { type Timeframe, timeframeMs } from "../domain/timeframe.ts";
import type { Indicator, Unit } from "../indicators/indicator.ts";
import { historyBars } from "../indicators/readiness.ts";
import { definitionOf } from "../indicators/registry.ts";
import { canonicalText } from "./canonical.ts";
import { laggedSource, sourcedSource } from "./derived-kernels.ts";
import { type Expression, type Reading, termsOf } from "./expression.ts";
import { asRange, rangeOf } from "./ranges.ts";
import { unitOf } from "./units.ts";

/** R55. */
export const LONGEST_LAG = 500;

/** Bars until an expression is defined, and from there until it is settled (R54). */
interface Readiness {
  readonly firstIndex: number;
  readonly settleBars: number;
}

export function takesSource({ base }: Indicator): boolean {
  return definitionOf(base)?.takesSource === true;
}

/** The reading of an indicator with this source and lag; the indicator itself without both. */
export function readingOf(indicator: Indicator, source: Expression | undefined, lag: number): Reading {
  if (lag === 0 && source === undefined) {
    return indicator;
  }
  const from = source === undefined ? { firstIndex: 0, settleBars: 0 } : readinessOf(source);
  const of = source === undefined ? "" : `(${canonicalText(source)})`;
  const { reference: _, ...rest } = indicator;
  const name = `${indicator.name}${of}${lag === 0 ? "" : `[${lag}]`}`;
  const kernel =
    lag === 0 && source !== undefined
      ? sourcedSource(name, indicator, source)
      : laggedSource(name, readingOf(indicator, source, 0), lag);
  return Object.freeze({
    ...rest,
    name,
    ...(source !== undefined && { unit: unitWith(indicator, source), range: rangeWith(indicator, source) }),
    bounded: false,
    firstIndex: from.firstIndex + indicator.firstIndex + lag,
    settleBars: from.settleBars + indicator.settleBars,
    intradayOnly: isIntraday(indicator, source),
    kernel,
    derived: { indicator, ...(source !== undefined && { source }), lag },
  });
}

/** Ready is the latest of the parts. */
function readinessOf(expression: Expression): Readiness {
  const readings = termsOf(expression).map(({ reading }) => reading);
  const firstIndex = Math.max(0, ...readings.map((reading) => reading.firstIndex));
  const settled = Math.max(0, ...readings.map((reading) => reading.firstIndex + reading.settleBars));
  return { firstIndex, settleBars: settled - firstIndex };
}

/**
 * Bars of history to load so that the reading is ready whatever the time of day (R11), if its
 * source is never undefined.
 */
export function readingBars(reading: Reading, timeframe: Timeframe): number {
  const { derived } = reading;
  if (derived === undefined || !reading.intradayOnly) {
    return historyBars(reading, timeframe);
  }
  const { indicator, source, lag } = derived;
  const own = source === undefined ? historyBars(indicator, timeframe) : indicator.firstIndex + indicator.settleBars;
  const before =
    source === undefined ? 0 : Math.max(...termsOf(source).map((term) => readingBars(term.reading, timeframe)));
  return before + own + lag;
}

/** What a source's series is measured in shows where the indicator's own is a price. */
function unitWith({ unit }: Indicator, source: Expression): Unit {
  return unit === "price" ? (unitOf(source) ?? "mixed") : unit;
}

/** R54. */
function rangeWith({ base, parameters, family, range, values }: Indicator, source: Expression): Indicator["range"] {
  const of = rangeOf(source);
  const [n = 1] = parameters;
  switch (definitionOf(base)?.rangeWithSource) {
    case "source":
      return asRange(of);
    case "sum":
      return asRange({ low: n * of.low, high: n * of.high });
    case undefined:
      return family === "oscillator" || values !== undefined
        ? range
        : asRange({ low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY });
  }
}

function isIntraday({ intradayOnly }: Indicator, source: Expression | undefined): boolean {
  return intradayOnly || (source !== undefined && termsOf(source).some(({ reading }) => reading.intradayOnly));
}

/** Whether a reading starts afresh every day, so that it has no meaning on this timeframe. */
export function isMeaningless({ intradayOnly }: Reading, timeframe: Timeframe): boolean {
  return intradayOnly && timeframeMs(timeframe) >= timeframeMs("1d");
}
