import type { Condition, StrategyConfig } from "../../../domain/strategy.ts";
import type { Timeframe } from "../../../domain/timeframe.ts";
import { indicatorNamed } from "../../../indicators/grammar.ts";
import { historyBars } from "../../../indicators/readiness.ts";
import { CONFIRMATIONS } from "./confirmations.ts";

/**
 * One indicator that a strategy reads, and the bars it takes until all values that are read have
 * settled.
 */
export interface Reading {
  readonly name: string;
  readonly timeframe: Timeframe;
  readonly bars: number;
}

/**
 * R10, R11: how many bars of each timeframe a strategy needs, so that everything it reads has
 * settled: its conditions, one bar more for a cross, one more for EDGE's look at the bar before,
 * and the confirmations of R20.
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
  for (const condition of strategy.entryIndicators) {
    const { name, operand, timeframe } = condition;
    const right = typeof operand === "string" ? barsToSettle(operand, timeframe) : 0;
    most = Math.max(most, Math.max(barsToSettle(name, timeframe), right) + (isCross(condition) ? 1 : 0));
  }
  for (const { name } of Object.values(CONFIRMATIONS)) {
    most = Math.max(most, barsToSettle(name, strategy.timeframe));
  }
  return most + (strategy.trigger === "EDGE" ? 1 : 0);
}

/** All that a strategy reads, in the order of its conditions. */
export function readings(strategy: StrategyConfig): readonly Reading[] {
  const edge = strategy.trigger === "EDGE" ? 1 : 0;
  const { timeframe } = strategy;
  return [
    ...strategy.entryIndicators.flatMap((condition) =>
      namesOf(condition).map((name) => ({
        name,
        timeframe: condition.timeframe,
        bars: barsToSettle(name, condition.timeframe) + edge + (isCross(condition) ? 1 : 0),
      })),
    ),
    ...Object.values(CONFIRMATIONS).map(({ name }) => ({ name, timeframe, bars: barsToSettle(name, timeframe) })),
  ];
}

function namesOf({ name, operand }: Condition): readonly string[] {
  return typeof operand === "string" ? [name, operand] : [name];
}

function isCross({ operator }: Condition): boolean {
  return operator === "crosses_above" || operator === "crosses_below";
}

function barsToSettle(name: string, timeframe: Timeframe): number {
  return historyBars(indicatorNamed(name), timeframe);
}
