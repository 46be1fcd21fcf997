import { type ConditionResult, compareCodePoints } from "../domain/decision.ts";
import type { Timeframe } from "../domain/timeframe.ts";
import type { CompiledStrategy } from "./compile.ts";
import { CONFIRMATIONS } from "./confirmations.ts";
import type { Confirmations } from "./strength.ts";

/** R51: the current, ready values of the conditions, and those of the confirmations where there are any; keys in code-point order. */
export function observedIndicators(
  compiled: CompiledStrategy,
  conditions: readonly ConditionResult[],
  confirmations: Confirmations | undefined,
): Readonly<Record<string, number>> {
  const own = compiled.strategy.timeframe;
  const values = new Map<string, number>();
  const add = (name: string, timeframe: Timeframe, value: number | undefined) => {
    if (value !== undefined && !Number.isNaN(value)) {
      values.set(timeframe === own ? name : `${name}@${timeframe}`, value);
    }
  };
  compiled.conditions.forEach((condition, i) => {
    const result = conditions[i];
    add(condition.left.name, condition.timeframe, result?.left);
    if (typeof condition.right !== "number") {
      add(condition.right.name, condition.timeframe, result?.right);
    }
  });
  add(CONFIRMATIONS.macd.name, own, confirmations?.macd);
  add(CONFIRMATIONS.macdSignal.name, own, confirmations?.macdSignal);
  add(CONFIRMATIONS.momentum.name, own, confirmations?.momentum);
  return Object.fromEntries([...values].sort(([a], [b]) => compareCodePoints(a, b)));
}
