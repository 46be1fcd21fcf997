import type { ConditionResult } from "../../../domain/decision.ts";
import type { EntryLogic } from "../../../domain/strategy.ts";
import { crosses, holds, order } from "./comparison.ts";
import type { CompiledCondition } from "./compiled-condition.ts";
import type { CompiledStrategy } from "./compiled-strategy.ts";
import type { MarketReading } from "./market-reading.ts";
import { FormulaSides, PlainSides, type Sides } from "./sides.ts";
import { marginOf } from "./strength.ts";

/** R12: undefined is unknown. */
export type Met = boolean | undefined;

/** R12 to R14 and R19: one condition on the strategy bar that closed at `barClose`. */
export function judgeCondition(compiled: CompiledCondition, reading: MarketReading, barClose: number): ConditionResult {
  const { text: condition, timeframe } = compiled;
  const sides: Sides = compiled.isPlain
    ? new PlainSides(compiled, reading, barClose)
    : new FormulaSides(compiled, reading, barClose);
  const left = sides.left(0);
  const right = sides.right(0);
  const met = isMet(compiled, sides, left, right);
  if (met === undefined) {
    return {
      condition,
      timeframe,
      ...(!Number.isNaN(left) && { left }),
      ...(!Number.isNaN(right) && { right }),
      missingBars: sides.lacking(compiled.isCross ? 1 : 0),
    };
  }
  // What is known has both sides and lacks no bar.
  const margin = met ? marginOf(compiled, left) : undefined;
  return margin === undefined
    ? { condition, timeframe, left, right, met, missingBars: 0 }
    : { condition, timeframe, left, right, met, margin, missingBars: 0 };
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
