import type { ConditionResult } from "../../../domain/decision.ts";
import { lastClose, timeframeMs } from "../../../domain/timeframe.ts";
import { crosses, holds, order } from "./comparison.ts";
import { barsBefore, type CompiledCondition } from "./compiled-condition.ts";
import { readingBefore } from "./earlier-reading.ts";
import type { MarketReading } from "./market-reading.ts";
import { FormulaSides, PlainSides, type Sides } from "./sides.ts";
import { marginOf } from "./strength.ts";

/** R12: undefined is unknown. */
export type Met = boolean | undefined;

/** R12 to R14, R19 and R58: one condition on the strategy bar that closed at `barClose`. */
export function judgeCondition(compiled: CompiledCondition, reading: MarketReading, barClose: number): ConditionResult {
  const { text: condition, timeframe } = compiled;
  const sides = sidesOf(compiled, reading, barClose);
  const left = sides.left(0);
  const right = sides.right(0);
  const met = metOver(compiled, isMet(compiled, sides, left, right), reading, barClose);
  if (met === undefined || Number.isNaN(left) || Number.isNaN(right)) {
    return {
      condition,
      timeframe,
      ...(!Number.isNaN(left) && { left }),
      ...(!Number.isNaN(right) && { right }),
      ...(met !== undefined && { met }),
      missingBars: met === undefined ? sides.lacking(barsBefore(compiled)) : 0,
    };
  }
  const margin = met ? marginOf(compiled, left) : undefined;
  return margin === undefined
    ? { condition, timeframe, left, right, met, missingBars: 0 }
    : { condition, timeframe, left, right, met, margin, missingBars: 0 };
}

/** Whether it is met; for sweeps, which need no more. */
export function metOn(compiled: CompiledCondition, reading: MarketReading, barClose: number): Met {
  return metOver(compiled, metAt(compiled, reading, barClose), reading, barClose);
}

/** R58: over the bars that are looked at, of which `now` is the one judged. */
function metOver(compiled: CompiledCondition, now: Met, reading: MarketReading, barClose: number): Met {
  const { bars, isWithin, timeframe } = compiled;
  if (bars === 1 || now === isWithin) {
    return now;
  }
  const close = lastClose(barClose, timeframe);
  const before = readingBefore(reading, barClose);
  let unknown = now === undefined;
  for (let back = 1; back < bars; back++) {
    const met = metAt(compiled, before, close - back * timeframeMs(timeframe));
    if (met === isWithin) {
      return met;
    }
    unknown ||= met === undefined;
  }
  return unknown ? undefined : !isWithin;
}

function metAt(compiled: CompiledCondition, reading: MarketReading, barClose: number): Met {
  const sides = sidesOf(compiled, reading, barClose);
  return isMet(compiled, sides, sides.left(0), sides.right(0));
}

function sidesOf(compiled: CompiledCondition, reading: MarketReading, barClose: number): Sides {
  return compiled.isPlain ? new PlainSides(compiled, reading, barClose) : new FormulaSides(compiled, reading, barClose);
}

function isMet({ condition: { operator } }: CompiledCondition, sides: Sides, left: number, right: number): Met {
  if (Number.isNaN(left) || Number.isNaN(right)) {
    return undefined;
  }
  const within = sides.tolerance(left, right, 0);
  if (operator !== "crosses_above" && operator !== "crosses_below") {
    return holds(operator, left, right, within);
  }
  const previousLeft = sides.left(1);
  const previousRight = sides.right(1);
  if (Number.isNaN(previousLeft) || Number.isNaN(previousRight)) {
    return undefined;
  }
  const previous = order(previousLeft, previousRight, sides.tolerance(previousLeft, previousRight, 1));
  return crosses(operator, previous, order(left, right, within));
}
