import type { Strategy } from "../../../domain/strategy.ts";
import { TIMEFRAMES, type Timeframe, timeframeMs } from "../../../domain/timeframe.ts";
import type { FormulaPart } from "../../../expressions/formula.ts";
import { deepened, deepestOf } from "../../../indicators/deepened.ts";
import type { Indicator } from "../../../indicators/indicator.ts";
import { barsBefore, type CompiledCondition, partsOf } from "./compiled-condition.ts";
import { type CompiledRule, compileEntry, compileRule } from "./compiled-rule.ts";
import { type LevelFormulas, levelFormulasOf, partsOfLevels } from "./computed-levels.ts";
import { CONFIRMATIONS } from "./confirmations.ts";
import { Interned } from "./interned.ts";
import { isPositionReading } from "./position-readings.ts";
import { requiredBars } from "./required-bars.ts";

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
  readonly entry: CompiledRule;
  /** Absent where there is none (R83). */
  readonly exit?: CompiledRule;
  /** Absent where neither stop nor target is computed (R80). */
  readonly levels?: LevelFormulas;
  readonly reads: Reads;
  readonly timeframeMs: number;
  readonly symbols: ReadonlySet<string>;
  readonly regimes: ReadonlySet<string>;
}

const READS = new Interned<Reads>();
const NONE: ReadonlySet<string> = new Set();

export function compileStrategy(strategy: Strategy): CompiledStrategy {
  const entry = compileEntry(strategy);
  const exit = strategy.exit && compileRule(strategy.exit);
  const conditions = exit === undefined ? entry.conditions : [...entry.conditions, ...exit.conditions];
  const levels = levelFormulasOf(strategy);
  return {
    strategy,
    entry,
    ...(exit && { exit }),
    ...(levels && { levels }),
    reads: READS.get(readsKey(strategy, conditions), () => ({
      indicators: indicatorsRead(strategy.timeframe, conditions, partsOfLevels(levels)),
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
function readsKey(strategy: Strategy, conditions: readonly CompiledCondition[]): string {
  const { timeframe, trigger, stopLossAt, takeProfitAt } = strategy;
  const levels = stopLossAt === undefined && takeProfitAt === undefined ? "" : `;${stopLossAt};${takeProfitAt}`;
  let key = `${timeframe} ${trigger}${levels}`;
  for (const condition of conditions) {
    const { left, right, isCross, bars } = condition;
    const other = typeof right === "number" ? "" : right.name;
    key += `;${left.name}${isCross ? "x" : " "}${other}@${condition.timeframe}${bars === 1 ? "" : `/${bars}`}`;
  }
  return key;
}

function indicatorsRead(
  own: Timeframe,
  conditions: readonly CompiledCondition[],
  levels: readonly FormulaPart[],
): ReadonlyMap<Timeframe, readonly Indicator[]> {
  const read = new Map<Timeframe, Indicator[]>();
  const add = (timeframe: Timeframe, indicator: Indicator) => {
    read.set(timeframe, [...(read.get(timeframe) ?? []), indicator]);
  };
  for (const indicator of Object.values(CONFIRMATIONS)) {
    add(own, indicator);
  }
  for (const condition of conditions) {
    for (const { reading, timeframe } of partsOf(condition)) {
      if (!isPositionReading(reading)) {
        add(timeframe, condition.bars === 1 ? reading : deepened(reading, barsBefore(condition)));
      }
    }
  }
  for (const { reading, timeframe } of levels) {
    add(timeframe, reading);
  }
  const order = TIMEFRAMES.filter((timeframe) => read.has(timeframe));
  return new Map(order.map((timeframe) => [timeframe, deepestOf(read.get(timeframe) ?? [])]));
}
