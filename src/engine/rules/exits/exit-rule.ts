import type { ConditionResult } from "../../../domain/decision.ts";
import { lastClose, type Timeframe, timeframeMs } from "../../../domain/timeframe.ts";
import { readingBars } from "../../../expressions/readings.ts";
import { deepened } from "../../../indicators/deepened.ts";
import type { Indicator } from "../../../indicators/indicator.ts";
import { barsBefore, partsOf } from "../conditions/compiled-condition.ts";
import { type CompiledRule, compileRule } from "../conditions/compiled-rule.ts";
import type { Met } from "../conditions/conditions.ts";
import { formatNumber } from "../conditions/format.ts";
import { judgeRule } from "../conditions/judged-rule.ts";
import type { MarketReading } from "../conditions/market-reading.ts";
import { isPositionReading } from "../conditions/position-readings.ts";
import { type RequiredSeries, requiredByBoth } from "../conditions/required-series.ts";
import type { HeldPlan } from "./held-plan.ts";

/** What became of the exit rule at a close (R83). */
export interface RuleVerdict {
  readonly met: Met;
  readonly conditions: readonly ConditionResult[];
  /** Where it is unknown: whether for want of bars of another series (R85). */
  readonly lacksBars: boolean;
}

const COMPILED = new WeakMap<object, CompiledRule>();

/** The exit rule of a plan, ready to be judged; undefined where it has none. */
export function exitRuleOf({ exit }: HeldPlan): CompiledRule | undefined {
  const rule = exit?.rule;
  if (rule === undefined) {
    return undefined;
  }
  const known = COMPILED.get(rule) ?? compileRule(rule);
  COMPILED.set(rule, known);
  return known;
}

/** Judges the exit rule on the bar that closed at `time`, at `close`. `best`: that close included. */
export function judgeExitRule(
  plan: HeldPlan,
  entryPrice: number,
  reading: MarketReading,
  { time, close, best }: { readonly time: number; readonly close: number; readonly best: number },
): RuleVerdict | undefined {
  const rule = exitRuleOf(plan);
  if (rule === undefined) {
    return undefined;
  }
  const direction = plan.side === "LONG" ? 1 : -1;
  const values: Readonly<Record<string, number>> = {
    POSITION_PNL: ((close - entryPrice) * direction) / entryPrice,
    POSITION_BARS: (time - plan.barCloseTime) / timeframeMs(plan.timeframe),
    POSITION_DRAWDOWN: ((best - close) * direction) / best,
  };
  const given = (_: unknown, indicator: Indicator) =>
    isPositionReading(indicator) ? values[indicator.base] : undefined;
  const { met, conditions } = judgeRule(rule, { ...reading, seriesAt: reading.seriesAt.bind(reading), given }, time);
  const lacksBars =
    met === undefined && timeframesOf(rule).some((each) => !reading.seriesAt(each, lastClose(time, each)));
  return { met, conditions, lacksBars };
}

/** Timeframes that the exit rules of these plans read. */
export function timeframesOfRules(plans: Iterable<HeldPlan>): readonly Timeframe[] {
  return [...new Set([...plans].flatMap((plan) => exitRuleOf(plan) ?? []).flatMap(timeframesOf))];
}

function timeframesOf(rule: CompiledRule): readonly Timeframe[] {
  return new Set(rule.conditions.flatMap(partsOf).map(({ timeframe }) => timeframe)).values().toArray();
}

/** What the rules of these plans read of the market, by timeframe. */
export function requiredByRules(plans: Iterable<HeldPlan>): RequiredSeries {
  let required: RequiredSeries = new Map();
  for (const rule of new Set([...plans].flatMap((plan) => exitRuleOf(plan) ?? []))) {
    for (const condition of rule.conditions) {
      for (const { reading, timeframe } of partsOf(condition)) {
        if (!isPositionReading(reading)) {
          const requiredBars = readingBars(reading, timeframe) + barsBefore(condition);
          const indicator = condition.bars === 1 ? reading : deepened(reading, barsBefore(condition));
          required = requiredByBoth(required, new Map([[timeframe, { indicators: [indicator], requiredBars }]]));
        }
      }
    }
  }
  return required;
}

/** The conditions that hold, with their numbers. */
export function holdingText(conditions: readonly ConditionResult[]): string {
  const holding = conditions.filter(({ met }) => met === true);
  return holding
    .map(({ condition, left }) => (left === undefined ? condition : `${condition} (${formatNumber(left)})`))
    .join(", ");
}
