import { type Condition, conditionText, type Strategy } from "../../../domain/strategy.ts";
import { TIMEFRAMES, type Timeframe, timeframeMs } from "../../../domain/timeframe.ts";
import { indicatorNamed } from "../../../indicators/grammar.ts";
import type { Indicator } from "../../../indicators/indicator.ts";
import { CONFIRMATIONS } from "./confirmations.ts";
import { Interned } from "./interned.ts";
import { requiredBars } from "./required-bars.ts";

/**
 * A condition with its names resolved to indicators. One for each canonical condition, which
 * strategies share.
 */
export interface CompiledCondition {
  readonly condition: Condition;
  /** "RSI_14 < 30" (R8). */
  readonly text: string;
  readonly timeframe: Timeframe;
  readonly left: Indicator;
  readonly right: Indicator | number;
  readonly isCross: boolean;
}

/** What a strategy reads. Strategies that read the same share one object. */
export interface Reads {
  /**
   * What its conditions and confirmations read, by timeframe; the own timeframe first, then short
   * to long.
   */
  readonly indicators: ReadonlyMap<Timeframe, readonly Indicator[]>;
  /** The bars of each timeframe that settle all of it (R10, R11). */
  readonly requiredBars: ReadonlyMap<Timeframe, number>;
}

/** A strategy ready to be judged. */
export interface CompiledStrategy {
  readonly strategy: Strategy;
  readonly conditions: readonly CompiledCondition[];
  readonly reads: Reads;
  readonly timeframeMs: number;
  readonly symbols: ReadonlySet<string>;
  readonly regimes: ReadonlySet<string>;
}

const CONDITIONS = new WeakMap<Condition, CompiledCondition>();
const READS = new Interned<Reads>();
const NONE: ReadonlySet<string> = new Set();

export function compileCondition(condition: Condition): CompiledCondition {
  const known = CONDITIONS.get(condition);
  if (known !== undefined) {
    return known;
  }
  const compiled: CompiledCondition = {
    condition,
    text: conditionText(condition),
    timeframe: condition.timeframe,
    left: indicatorNamed(condition.name),
    right: typeof condition.operand === "number" ? condition.operand : indicatorNamed(condition.operand),
    isCross: condition.operator === "crosses_above" || condition.operator === "crosses_below",
  };
  CONDITIONS.set(condition, compiled);
  return compiled;
}

export function compileStrategy(strategy: Strategy): CompiledStrategy {
  const conditions = strategy.entryIndicators.map(compileCondition);
  return {
    strategy,
    conditions,
    reads: READS.get(readsKey(strategy, conditions), () => ({
      indicators: indicatorsRead(strategy.timeframe, conditions),
      requiredBars: requiredBars(strategy),
    })),
    timeframeMs: timeframeMs(strategy.timeframe),
    symbols: setOf(strategy.symbols),
    regimes: setOf(strategy.allowedRegimes),
  };
}

function setOf(texts: readonly string[]): ReadonlySet<string> {
  return texts.length === 0 ? NONE : new Set(texts);
}

/** Equal for strategies that read the same: thresholds make no difference. */
function readsKey({ timeframe, trigger }: Strategy, conditions: readonly CompiledCondition[]): string {
  let key = `${timeframe} ${trigger}`;
  for (const condition of conditions) {
    const { left, right, isCross } = condition;
    const other = typeof right === "number" ? "" : right.name;
    key += `;${left.name}${isCross ? "x" : " "}${other}@${condition.timeframe}`;
  }
  return key;
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
