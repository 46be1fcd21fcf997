import { allConditions, type StrategyConfig } from "../../../domain/strategy.ts";
import type { Timeframe } from "../../../domain/timeframe.ts";
import { readingBars } from "../../../expressions/readings.ts";
import { barsBefore, compileCondition, partsOf } from "./compiled-condition.ts";
import { levelFormulasOf, partsOfLevels } from "./computed-levels.ts";
import { CONFIRMATIONS } from "./confirmations.ts";

/**
 * One indicator that a strategy reads, and the bars it takes until all values that are read have
 * settled.
 */
export interface Reading {
  readonly name: string;
  readonly timeframe: Timeframe;
  readonly bars: number;
  /** The field that reads it, where that is not a condition. */
  readonly field?: string;
}

/**
 * R10, R11: how many bars of each timeframe a strategy needs, so that everything it reads has
 * settled: its conditions, one bar more for a cross, those before of one that is looked at over
 * several bars, one more for EDGE's look at the bar before, its computed levels, and the confirmations of R20.
 */
export function requiredBars(strategy: StrategyConfig): ReadonlyMap<Timeframe, number> {
  const required = new Map<Timeframe, number>();
  for (const { timeframe, bars } of readings(strategy)) {
    required.set(timeframe, Math.max(required.get(timeframe) ?? 0, bars));
  }
  return required;
}

/** The bars that the longest of them takes, on whatever timeframe. */
export function mostBars(strategy: StrategyConfig): number {
  let most = 0;
  for (const condition of allConditions(strategy)) {
    const compiled = compileCondition(condition);
    for (const { reading, timeframe } of partsOf(compiled)) {
      most = Math.max(most, readingBars(reading, timeframe) + barsBefore(compiled));
    }
  }
  for (const indicator of Object.values(CONFIRMATIONS)) {
    most = Math.max(most, readingBars(indicator, strategy.timeframe));
  }
  for (const { reading, timeframe } of partsOfLevels(levelFormulasOf(strategy))) {
    most = Math.max(most, readingBars(reading, timeframe));
  }
  return most + (strategy.trigger === "EDGE" ? 1 : 0);
}

/** All that a strategy reads, in the order of its conditions. */
export function readings(strategy: StrategyConfig): readonly Reading[] {
  const edge = strategy.trigger === "EDGE" ? 1 : 0;
  const { timeframe } = strategy;
  return [
    ...allConditions(strategy).flatMap((condition) => {
      const compiled = compileCondition(condition);
      const more = edge + barsBefore(compiled);
      return partsOf(compiled).map((part) => ({
        name: part.reading.name,
        timeframe: part.timeframe,
        bars: readingBars(part.reading, part.timeframe) + more,
      }));
    }),
    ...partsOfLevels(levelFormulasOf(strategy)).map(({ field, reading, timeframe: of }) => ({
      name: reading.name,
      timeframe: of,
      bars: readingBars(reading, of),
      field,
    })),
    ...Object.values(CONFIRMATIONS).map((indicator) => ({
      name: indicator.name,
      timeframe,
      bars: readingBars(indicator, timeframe),
    })),
  ];
}
