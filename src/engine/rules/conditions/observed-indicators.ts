import { type ConditionResult, compareCodePoints } from "../../../domain/decision.ts";
import type { CompiledStrategy } from "./compiled-strategy.ts";
import { CONFIRMATIONS } from "./confirmations.ts";
import type { Confirmations } from "./strength.ts";

/**
 * R51: the current, ready values of the conditions, and those of the confirmations where there are
 * any; keys in code-point order.
 */
export function observedIndicators(
  compiled: CompiledStrategy,
  conditions: readonly ConditionResult[],
  confirmations: Confirmations | undefined,
): Readonly<Record<string, number>> {
  const observed: Record<string, number> = {};
  for (const { name, sources } of namesOf(compiled)) {
    for (const source of sources) {
      const value = source(conditions, confirmations);
      if (value !== undefined && !Number.isNaN(value)) {
        observed[name] = value;
        break;
      }
    }
  }
  return observed;
}

type Source = (conditions: readonly ConditionResult[], confirmations: Confirmations | undefined) => number | undefined;

/**
 * One name with all places where its value may be found; they have the same one where they have
 * any.
 */
interface Observed {
  readonly name: string;
  readonly sources: readonly Source[];
}

const NAMES = new WeakMap<CompiledStrategy, readonly Observed[]>();

/** In code-point order, which is the same on every bar. */
function namesOf(compiled: CompiledStrategy): readonly Observed[] {
  const known = NAMES.get(compiled);
  if (known !== undefined) {
    return known;
  }
  const own = compiled.strategy.timeframe;
  const found = new Map<string, Source[]>();
  const add = (name: string, source: Source) => found.set(name, [...(found.get(name) ?? []), source]);
  compiled.conditions.forEach(({ timeframe, left, right }, i) => {
    const at = timeframe === own ? "" : `@${timeframe}`;
    add(`${left.name}${at}`, (conditions) => conditions[i]?.left);
    if (typeof right !== "number") {
      add(`${right.name}${at}`, (conditions) => conditions[i]?.right);
    }
  });
  add(CONFIRMATIONS.macd.name, (_, confirmations) => confirmations?.macd);
  add(CONFIRMATIONS.macdSignal.name, (_, confirmations) => confirmations?.macdSignal);
  add(CONFIRMATIONS.momentum.name, (_, confirmations) => confirmations?.momentum);
  const names = [...found].sort(([a], [b]) => compareCodePoints(a, b)).map(([name, sources]) => ({ name, sources }));
  NAMES.set(compiled, names);
  return names;
}
