import { type ConditionResult, compareCodePoints } from "../../../domain/decision.ts";
import { partsOf } from "./compiled-condition.ts";
import type { CompiledStrategy } from "./compiled-strategy.ts";
import { CONFIRMATIONS } from "./confirmations.ts";
import { partValue } from "./formula-values.ts";
import type { MarketReading } from "./market-reading.ts";
import type { Confirmations } from "./strength.ts";

/** What a judgement has seen. */
export interface Observations {
  readonly conditions: readonly ConditionResult[];
  readonly confirmations?: Confirmations | undefined;
  /** What `observeFormulas` answered. */
  readonly formulas?: FormulaValues | undefined;
}

/** By condition of the strategy the values of its parts; undefined for a plain one. */
export type FormulaValues = readonly (readonly number[] | undefined)[];

/**
 * R53: what the expressions of a strategy read, on the bar judged; undefined where it has none. A
 * plain condition's result says what it read.
 */
export function observeFormulas(
  { entry: { conditions } }: CompiledStrategy,
  reading: MarketReading,
  barClose: number,
): FormulaValues | undefined {
  if (conditions.every(({ isPlain }) => isPlain)) {
    return undefined;
  }
  return conditions.map((condition) => {
    if (condition.isPlain) {
      return undefined;
    }
    const { left, right } = condition;
    return [left, right].flatMap((side) =>
      typeof side === "number" ? [] : side.parts.map((part) => partValue(part, side, reading, barClose, 0)),
    );
  });
}

/**
 * R51: the current, ready values of the conditions, and those of the confirmations where there are
 * any; keys in code-point order.
 */
export function observedIndicators(
  compiled: CompiledStrategy,
  observations: Observations,
): Readonly<Record<string, number>> {
  const observed: Record<string, number> = {};
  for (const { name, sources } of namesOf(compiled)) {
    for (const source of sources) {
      const value = source(observations);
      if (value !== undefined && !Number.isNaN(value)) {
        observed[name] = value;
        break;
      }
    }
  }
  return observed;
}

type Source = (observations: Observations) => number | undefined;

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
  compiled.entry.conditions.forEach((condition, i) => {
    partsOf(condition).forEach(({ reading, timeframe }, part) => {
      const at = timeframe === own ? "" : `@${timeframe}`;
      add(`${reading.name}${at}`, ({ conditions, formulas }) =>
        condition.isPlain ? conditions[i]?.[part === 0 ? "left" : "right"] : formulas?.[i]?.[part],
      );
    });
  });
  add(CONFIRMATIONS.macd.name, ({ confirmations }) => confirmations?.macd);
  add(CONFIRMATIONS.macdSignal.name, ({ confirmations }) => confirmations?.macdSignal);
  add(CONFIRMATIONS.momentum.name, ({ confirmations }) => confirmations?.momentum);
  const names = [...found].sort(([a], [b]) => compareCodePoints(a, b)).map(([name, sources]) => ({ name, sources }));
  NAMES.set(compiled, names);
  return names;
}
