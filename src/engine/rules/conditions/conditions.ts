import type { ConditionResult } from "../../../domain/decision.ts";
import { crosses, holds, order } from "./comparison.ts";
import type { CompiledCondition } from "./compiled-condition.ts";
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
