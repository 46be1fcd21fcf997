import type { ConditionResult } from "../../../domain/decision.ts";
import type { EntryLogic } from "../../../domain/strategy.ts";
import { lastClose } from "../../../domain/timeframe.ts";
import type { Indicator } from "../../../indicators/indicator.ts";
import { missingBars } from "../../../indicators/readiness.ts";
import { crosses, holds, order, tolerance } from "./comparison.ts";
import type { CompiledCondition, CompiledStrategy } from "./compiled-strategy.ts";
import { computedValue, type MarketReading, type SeriesAt } from "./market-reading.ts";
import { marginOf } from "./strength.ts";

/** R12: undefined is unknown. */
export type Met = boolean | undefined;

/** R12 to R14 and R19: one condition on the strategy bar that closed at `barClose`. */
export function judgeCondition(compiled: CompiledCondition, reading: MarketReading, barClose: number): ConditionResult {
  const { text: condition, timeframe } = compiled;
  const series = reading.seriesAt(timeframe, lastClose(barClose, timeframe));
  const left = sideValue(compiled, compiled.left, reading, series, 0);
  const right = sideValue(compiled, compiled.right, reading, series, 0);
  const met = isMet(compiled, reading, series, left, right);
  if (met === undefined) {
    return unknownResult(compiled, reading, series, left, right);
  }
  // What is known has both sides and lacks no bar.
  const margin = met ? marginOf(compiled, left) : undefined;
  return margin === undefined
    ? { condition, timeframe, left, right, met, missingBars: 0 }
    : { condition, timeframe, left, right, met, margin, missingBars: 0 };
}

function isMet(
  compiled: CompiledCondition,
  reading: MarketReading,
  series: SeriesAt | undefined,
  left: number,
  right: number,
): Met {
  if (Number.isNaN(left) || Number.isNaN(right)) {
    return undefined;
  }
  const { operator } = compiled.condition;
  const within = slack(compiled, series, left, right, 0);
  if (operator !== "crosses_above" && operator !== "crosses_below") {
    return holds(operator, left, right, within);
  }
  const previousLeft = sideValue(compiled, compiled.left, reading, series, 1);
  const previousRight = sideValue(compiled, compiled.right, reading, series, 1);
  if (Number.isNaN(previousLeft) || Number.isNaN(previousRight)) {
    return undefined;
  }
  const previousWithin = slack(compiled, series, previousLeft, previousRight, 1);
  const previous = order(previousLeft, previousRight, previousWithin);
  return crosses(operator, previous, order(left, right, within));
}

/** R13; a comparison with a number has none. */
function slack(
  { left, right }: CompiledCondition,
  series: SeriesAt | undefined,
  a: number,
  b: number,
  back: 0 | 1,
): number {
  return typeof right === "number" ? 0 : tolerance(left, right, a, b, series?.close(back) ?? Number.NaN);
}

/** NaN where it is not ready. A number is its own previous; a value given has none (R14). */
function sideValue(
  { timeframe }: CompiledCondition,
  side: Indicator | number,
  reading: MarketReading,
  series: SeriesAt | undefined,
  back: 0 | 1,
): number {
  if (typeof side === "number") {
    return side;
  }
  const given = reading.given?.(timeframe, side);
  if (given !== undefined) {
    return back === 0 ? given : Number.NaN;
  }
  return computedValue(series, side, back);
}

function unknownResult(
  compiled: CompiledCondition,
  reading: MarketReading,
  series: SeriesAt | undefined,
  left: number,
  right: number,
): ConditionResult {
  return {
    condition: compiled.text,
    timeframe: compiled.timeframe,
    ...(!Number.isNaN(left) && { left }),
    ...(!Number.isNaN(right) && { right }),
    missingBars: Math.max(
      missingOf(compiled, compiled.left, reading, series),
      missingOf(compiled, compiled.right, reading, series),
    ),
  };
}

/** Bars that one side lacks (R11), for crosses on the bar before, too. */
function missingOf(
  { timeframe, isCross }: CompiledCondition,
  side: Indicator | number,
  reading: MarketReading,
  series: SeriesAt | undefined,
): number {
  if (typeof side === "number" || reading.given?.(timeframe, side) !== undefined) {
    return 0;
  }
  const back = isCross ? 1 : 0;
  return series === undefined
    ? missingBars(side, -back, reading.settled ?? false)
    : missingBars(side, series.bars - back, series.settled);
}

/** R15. */
export function combine(logic: EntryLogic, results: readonly Pick<ConditionResult, "met">[]): Met {
  const decisive = logic === "ANY";
  let unknown = false;
  for (const { met } of results) {
    if (met === decisive) {
      return decisive;
    }
    unknown ||= met === undefined;
  }
  return unknown ? undefined : !decisive;
}

export function judgeConditions(
  { conditions }: CompiledStrategy,
  reading: MarketReading,
  barClose: number,
): readonly ConditionResult[] {
  return conditions.map((condition) => judgeCondition(condition, reading, barClose));
}

/**
 * R16: whether the combined conditions held on the strategy's bar before, every series as it was
 * when that bar closed.
 */
export function heldBefore(compiled: CompiledStrategy, reading: MarketReading, barClose: number): Met {
  const before = barClose - compiled.timeframeMs;
  const earlier = { ...reading, seriesAt: reading.seriesAt.bind(reading), given: givenAsUnknown(reading) };
  return combine(compiled.strategy.entryLogic, judgeConditions(compiled, earlier, before));
}

/** On the bar before, a value given is unknown, with or without bars (R14). */
function givenAsUnknown(reading: MarketReading): NonNullable<MarketReading["given"]> {
  return (timeframe, indicator) => (reading.given?.(timeframe, indicator) === undefined ? undefined : Number.NaN);
}
