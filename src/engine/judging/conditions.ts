import type { ConditionResult } from "../../domain/decision.ts";
import type { EntryLogic } from "../../domain/strategy.ts";
import { lastClose } from "../../domain/timeframe.ts";
import type { Indicator } from "../../indicators/indicator.ts";
import { type MarketReading, type ReadValue, readComputed } from "../market/reading.ts";
import type { CompiledCondition, CompiledStrategy } from "../strategies/compile.ts";
import { crosses, holds, order, tolerance } from "./compare.ts";
import { marginOf } from "./strength.ts";

/** R12: undefined is unknown. */
export type Met = boolean | undefined;

/** The two sides of a condition at one bar. */
interface Sides {
  readonly left: ReadValue;
  readonly right: ReadValue;
  readonly within: number;
}

/** R12 to R14 and R19: one condition on the strategy bar that closed at `barClose`. */
export function judgeCondition(compiled: CompiledCondition, reading: MarketReading, barClose: number): ConditionResult {
  const current = readSides(compiled, reading, barClose, 0);
  const { operator } = compiled.condition;
  let met: Met;
  let missing = Math.max(current.left.missingBars, current.right.missingBars);
  if (operator === "crosses_above" || operator === "crosses_below") {
    const previous = readSides(compiled, reading, barClose, 1);
    missing = Math.max(missing, previous.left.missingBars, previous.right.missingBars);
    if (areKnown(current) && areKnown(previous)) {
      met = crosses(operator, orderOf(previous), orderOf(current));
    }
  } else if (areKnown(current)) {
    met = holds(operator, current.left.value, current.right.value, current.within);
  }
  const margin = met === true ? marginOf(compiled, current.left.value) : undefined;
  return resultOf(compiled, current, met, margin, missing);
}

function resultOf(
  { text, timeframe }: CompiledCondition,
  sides: Sides,
  met: Met,
  margin: number | undefined,
  missingBars: number,
): ConditionResult {
  const left = sides.left.value;
  const right = sides.right.value;
  if (met !== undefined && margin !== undefined) {
    return { condition: text, timeframe, left, right, met, margin, missingBars };
  }
  if (met !== undefined) {
    return { condition: text, timeframe, left, right, met, missingBars };
  }
  // A condition that is known has both sides; field by field is for the few that are not.
  return {
    condition: text,
    timeframe,
    ...(!Number.isNaN(left) && { left }),
    ...(!Number.isNaN(right) && { right }),
    missingBars,
  };
}

function areKnown({ left, right }: Sides): boolean {
  return !Number.isNaN(left.value) && !Number.isNaN(right.value);
}

function orderOf({ left, right, within }: Sides): -1 | 0 | 1 {
  return order(left.value, right.value, within);
}

function readSides(compiled: CompiledCondition, reading: MarketReading, barClose: number, back: 0 | 1): Sides {
  const left = readSide(compiled, compiled.left, reading, barClose, back);
  if (typeof compiled.right === "number") {
    // A number is its own previous (R14).
    return { left, right: { value: compiled.right, missingBars: 0, close: left.close }, within: 0 };
  }
  const right = readSide(compiled, compiled.right, reading, barClose, back);
  const close = Number.isNaN(left.close) ? right.close : left.close;
  return { left, right, within: tolerance(compiled.left, compiled.right, left.value, right.value, close) };
}

function readSide(
  compiled: CompiledCondition,
  indicator: Indicator,
  reading: MarketReading,
  barClose: number,
  back: 0 | 1,
): ReadValue {
  const series = reading.seriesAt(compiled.timeframe, lastClose(barClose, compiled.timeframe));
  const given = reading.given?.(compiled.timeframe, indicator);
  if (given !== undefined) {
    // A value given has no previous (R14).
    const close = series?.close(back) ?? Number.NaN;
    return { value: back === 0 ? given : Number.NaN, missingBars: 0, close };
  }
  return readComputed(series, indicator, back, reading.settled);
}

/** R15. */
export function combine(logic: EntryLogic, results: Iterable<Met>): Met {
  const decisive = logic === "ANY";
  let unknown = false;
  for (const met of results) {
    if (met === decisive) {
      return decisive;
    }
    unknown ||= met === undefined;
  }
  return unknown ? undefined : !decisive;
}

/** R16: whether the combined conditions held on the strategy's bar before, every series as it was when that bar closed. */
export function heldBefore(compiled: CompiledStrategy, reading: MarketReading, barClose: number): Met {
  const before = barClose - compiled.timeframeMs;
  const earlier = { ...reading, seriesAt: reading.seriesAt.bind(reading), given: givenAsUnknown(reading) };
  return combine(
    compiled.strategy.entryLogic,
    compiled.conditions.map((condition) => judgeCondition(condition, earlier, before).met),
  );
}

/** On the bar before, a value given is unknown, with or without bars (R14). */
function givenAsUnknown(reading: MarketReading): NonNullable<MarketReading["given"]> {
  return (timeframe, indicator) => (reading.given?.(timeframe, indicator) === undefined ? undefined : Number.NaN);
}
