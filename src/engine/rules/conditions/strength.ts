import type { ConditionResult } from "../../../domain/decision.ts";
import { lastClose } from "../../../domain/timeframe.ts";
import type { Indicator } from "../../../indicators/indicator.ts";
import { order, tolerance } from "./comparison.ts";
import type { CompiledCondition } from "./compiled-condition.ts";
import type { CompiledStrategy } from "./compiled-strategy.ts";
import { CONFIRMATIONS } from "./confirmations.ts";
import { computedValue, type MarketReading } from "./market-reading.ts";

const BASE = 0.5;
const MACD_BONUS = 0.2;
const MOMENTUM_BONUS = 0.1;
const MOMENTUM_PERCENT = 1;

/**
 * R19: how far a met condition's observation lies beyond its threshold, 0 to 1; undefined where the
 * condition has none.
 */
export function marginOf(compiled: CompiledCondition, left: number): number | undefined {
  if (!compiled.isPlain || compiled.isWithin || typeof compiled.right !== "number" || !compiled.left.bounded) {
    return undefined;
  }
  const { left: indicator, right: value } = compiled;
  const { low, high } = indicator.range;
  switch (compiled.condition.operator) {
    case "<":
    case "<=":
    case "crosses_below":
      return share(value - left, value - low);
    case ">":
    case ">=":
    case "crosses_above":
      return share(left - value, high - value);
    default:
      return undefined;
  }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(1, Math.max(0, part / whole));
}

/** The confirmations of R20 as read on the strategy's bar. NaN where not ready. */
export interface Confirmations {
  readonly macd: number;
  readonly macdSignal: number;
  readonly momentum: number;
  readonly macdConfirms: boolean;
  readonly momentumConfirms: boolean;
}

export function readConfirmations(compiled: CompiledStrategy, reading: MarketReading, barClose: number): Confirmations {
  const { timeframe, side } = compiled.strategy;
  const series = reading.seriesAt(timeframe, lastClose(barClose, timeframe));
  const read = (indicator: Indicator): number =>
    reading.given?.(timeframe, indicator) ?? computedValue(series, indicator, 0);
  const macd = read(CONFIRMATIONS.macd);
  const macdSignal = read(CONFIRMATIONS.macdSignal);
  const momentum = read(CONFIRMATIONS.momentum);
  const close = series?.close(0) ?? Number.NaN;
  const within = tolerance(CONFIRMATIONS.macd, CONFIRMATIONS.macdSignal, macd, macdSignal, close);
  const direction = side === "LONG" ? 1 : -1;
  const macdKnown = !Number.isNaN(macd) && !Number.isNaN(macdSignal);
  return {
    macd,
    macdSignal,
    momentum,
    macdConfirms: macdKnown && order(macd, macdSignal, within) === direction,
    momentumConfirms: momentum * direction > MOMENTUM_PERCENT,
  };
}

/** R20, of the conditions that speak for the decision. */
export function strengthOf(conditions: readonly ConditionResult[], confirmations: Confirmations): number {
  let sum = 0;
  let count = 0;
  for (const { margin } of conditions) {
    if (margin !== undefined) {
      sum += margin;
      count++;
    }
  }
  const mean = count === 0 ? 0 : sum / count;
  const macd = confirmations.macdConfirms ? MACD_BONUS : 0;
  const momentum = confirmations.momentumConfirms ? MOMENTUM_BONUS : 0;
  // Added in the order of the rule, so that another implementation can agree to the last bit.
  return Math.min(1, BASE + mean + macd + momentum);
}

/** R21. */
export function confidenceOf(strength: number, fitnessScore: number | undefined): number {
  return fitnessScore === undefined ? strength : 0.7 * strength + 0.3 * fitnessScore;
}
