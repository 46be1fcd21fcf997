import { compareCodePoints } from "../domain/decision.ts";
import { type Condition, conditionText, type Strategy } from "../domain/strategy.ts";
import { TIMEFRAMES, type Timeframe, timeframeMs } from "../domain/timeframe.ts";
import { parseIndicator } from "../indicators/grammar.ts";
import type { Indicator } from "../indicators/indicator.ts";

/** A condition with its names resolved to indicators. */
export interface CompiledCondition {
  readonly condition: Condition;
  /** "RSI_14 < 30" (R8). */
  readonly text: string;
  readonly timeframe: Timeframe;
  readonly left: Indicator;
  readonly right: Indicator | number;
  readonly isCross: boolean;
}

/** A strategy ready to be judged. */
export interface CompiledStrategy {
  readonly strategy: Strategy;
  readonly conditions: readonly CompiledCondition[];
  /** What its conditions and confirmations read, by timeframe; the own timeframe first, then short to long. */
  readonly reads: ReadonlyMap<Timeframe, readonly Indicator[]>;
  readonly timeframeMs: number;
  readonly symbols: ReadonlySet<string>;
  readonly regimes: ReadonlySet<string>;
}

/** The indicator of this canonical name; a fault here is a programming error, since validated strategies name only known ones. */
export function indicatorNamed(name: string): Indicator {
  const parsed = parseIndicator(name);
  if ("fault" in parsed) {
    throw new Error(parsed.fault);
  }
  return parsed.indicator;
}

/** R20's confirmations, read on the strategy's timeframe. */
export const CONFIRMATIONS = {
  macd: indicatorNamed("MACD_12_26_9"),
  macdSignal: indicatorNamed("MACD_SIGNAL_12_26_9"),
  momentum: indicatorNamed("ROC_4"),
} as const;

export function compileCondition(condition: Condition): CompiledCondition {
  return {
    condition,
    text: conditionText(condition),
    timeframe: condition.timeframe,
    left: indicatorNamed(condition.name),
    right: typeof condition.operand === "number" ? condition.operand : indicatorNamed(condition.operand),
    isCross: condition.operator === "crosses_above" || condition.operator === "crosses_below",
  };
}

export function compileStrategy(strategy: Strategy): CompiledStrategy {
  const conditions = strategy.entryIndicators.map(compileCondition);
  return {
    strategy,
    conditions,
    reads: indicatorsRead(strategy.timeframe, conditions),
    timeframeMs: timeframeMs(strategy.timeframe),
    symbols: new Set(strategy.symbols),
    regimes: new Set(strategy.allowedRegimes),
  };
}

function indicatorsRead(
  own: Timeframe,
  conditions: readonly CompiledCondition[],
): ReadonlyMap<Timeframe, readonly Indicator[]> {
  const named = new Map<Timeframe, Map<string, Indicator>>();
  const add = (timeframe: Timeframe, indicator: Indicator) => {
    const indicators = named.get(timeframe) ?? new Map<string, Indicator>();
    named.set(timeframe, indicators.set(indicator.name, indicator));
  };
  for (const indicator of Object.values(CONFIRMATIONS)) {
    add(own, indicator);
  }
  for (const { timeframe, left, right } of conditions) {
    add(timeframe, left);
    if (typeof right !== "number") {
      add(timeframe, right);
    }
  }
  const order = TIMEFRAMES.filter((timeframe) => named.has(timeframe));
  return new Map(order.map((timeframe) => [timeframe, [...(named.get(timeframe)?.values() ?? [])]]));
}

/** The order in which strategies are swept: by id. It decides nothing (R37 orders the decisions), but makes runs alike. */
export function compareStrategies(a: CompiledStrategy, b: CompiledStrategy): number {
  return compareCodePoints(a.strategy.strategyId, b.strategy.strategyId);
}
