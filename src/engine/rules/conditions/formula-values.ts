import { lastClose, timeframeMs } from "../../../domain/timeframe.ts";
import type { Formula, FormulaPart } from "../../../expressions/formula.ts";
import { MOST_OPERANDS, type Values } from "../../../expressions/program.ts";
import { missingBars } from "../../../indicators/readiness.ts";
import { partTolerance } from "./comparison.ts";
import { computedValue, lackingBars, type MarketReading, type SeriesAt } from "./market-reading.ts";

/** Where the parts of the formula at hand have their values; one is computed after the other. */
const COLUMN: Values = {
  values: new Float64Array(MOST_OPERANDS),
  at: Int32Array.from({ length: MOST_OPERANDS }, (_, i) => i),
  step: 1,
};
const tolerances = new Float64Array(MOST_OPERANDS);

/**
 * R53: a formula on the bar that had closed by `barClose`, or so many bars of its timeframe before;
 * NaN where a part is not ready.
 */
export function formulaValue(formula: Formula, reading: MarketReading, barClose: number, back: 0 | 1): number {
  readParts(formula, reading, barClose, back);
  return formula.program.value(COLUMN, 0);
}

/** How far the same counts as equal (R13). */
export function formulaTolerance(formula: Formula, reading: MarketReading, barClose: number, back: 0 | 1): number {
  readParts(formula, reading, barClose, back);
  formula.parts.forEach((part, i) => {
    const close = seriesOf(part, formula, reading, barClose, back)?.close(backIn(part, formula, back)) ?? Number.NaN;
    tolerances[i] = partTolerance(part.reading.unit, COLUMN.values[i] as number, close);
  });
  return formula.program.tolerance(COLUMN, 0, tolerances);
}

/** One part of a formula, as `formulaValue` reads it. A value given has no previous (R14). */
export function partValue(
  part: FormulaPart,
  formula: Formula,
  reading: MarketReading,
  barClose: number,
  back: 0 | 1,
): number {
  const given = reading.given?.(part.timeframe, part.reading);
  if (given !== undefined) {
    return back === 0 ? given : Number.NaN;
  }
  const series = seriesOf(part, formula, reading, barClose, back);
  return computedValue(series, part.reading, backIn(part, formula, back));
}

/** R11, R54: bars that the formula lacks, each part in bars of its own timeframe. */
export function formulaLacks(formula: Formula, reading: MarketReading, barClose: number, back: number): number {
  let most = 0;
  for (const part of formula.parts) {
    if (reading.given?.(part.timeframe, part.reading) === undefined) {
      const series = seriesOf(part, formula, reading, barClose, 0);
      const missing =
        series === undefined
          ? missingBars(part.reading, -back, reading.settled ?? false)
          : lackingBars(series, part.reading, back);
      most = Math.max(most, missing);
    }
  }
  return most;
}

function readParts(formula: Formula, reading: MarketReading, barClose: number, back: 0 | 1): void {
  const { parts } = formula;
  for (let i = 0; i < parts.length; i++) {
    COLUMN.values[i] = partValue(parts[i] as FormulaPart, formula, reading, barClose, back);
  }
}

/**
 * R56: bars before are counted in the formula's timeframe, and every series is read as it was when
 * that bar closed; in the own one this is the bar before itself.
 */
function seriesOf(
  { timeframe }: FormulaPart,
  formula: Formula,
  reading: MarketReading,
  barClose: number,
  back: 0 | 1,
): SeriesAt | undefined {
  const close = lastClose(barClose, formula.timeframe);
  const time = timeframe === formula.timeframe ? close : close - back * timeframeMs(formula.timeframe);
  return reading.seriesAt(timeframe, lastClose(time, timeframe));
}

function backIn({ timeframe }: FormulaPart, formula: Formula, back: 0 | 1): 0 | 1 {
  return timeframe === formula.timeframe ? back : 0;
}
