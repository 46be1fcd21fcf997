import type { ConditionResult } from "../../../domain/decision.ts";
import type { ExitOutcome, ExitReason } from "../../../domain/exit.ts";
import type { Side } from "../../../domain/strategy.ts";
import { formatNumber, formatPercent, formatTime } from "../conditions/format.ts";
import { holdingText, type RuleVerdict } from "./exit-rule.ts";
import type { HeldPlan } from "./held-plan.ts";
import type { Levels } from "./levels.ts";

/** A level that moves by less than this fraction of the close is not worth an order. */
const LEAST_MOVE = 0.001;
/** The same as a fraction of the trailing distance, where that is less. */
const LEAST_TRAIL = 0.1;

/** The better of two prices for a position of this side. */
export function betterOf(side: Side, a: number, b: number): number {
  return side === "LONG" ? Math.max(a, b) : Math.min(a, b);
}

/** Levels that stand at a time, with this best (R82). */
export interface StandingLevels extends Levels {
  /** Whether the stop is the trailing one. */
  readonly trails: boolean;
}

/** Steps take effect at the first close at or after their time (R84). */
export function standingLevels(plan: HeldPlan, best: number, time: number): StandingLevels {
  const { side, exit } = plan;
  const trailed = trailedStop(plan, best);
  const trails = trailed !== undefined && betterOf(side, trailed, plan.stopLoss) === trailed;
  const takeProfit = exit?.targets.findLast((step) => step.time <= time)?.price ?? plan.takeProfit;
  return {
    stopLoss: trails ? trailed : plan.stopLoss,
    trails,
    ...(takeProfit !== undefined && { takeProfit }),
  };
}

function trailedStop({ side, exit }: HeldPlan, best: number): number | undefined {
  const distance = exit?.trailingDistancePct ?? 0;
  const activation = exit?.trailingActivationPrice;
  if (distance === 0 || (activation !== undefined && betterOf(side, best, activation) !== best)) {
    return undefined;
  }
  return side === "LONG" ? best * (1 - distance) : best * (1 + distance);
}

/** One position at one close. */
export interface ExitQuestion {
  readonly plan: HeldPlan;
  /** The best before this close (R82). */
  readonly best: number;
  /** Time of the close. */
  readonly time: number;
  /** Its price, or why there is none. */
  readonly bar: { readonly close: number } | { readonly unavailable: string };
  /** Why the position is to be closed already. */
  readonly closing: ExitReason | undefined;
  /** The levels that the executor was told last; undefined where it never was. */
  readonly told: Levels | undefined;
  /** The exit rule at this close, where there is one and a bar. */
  readonly rule?: RuleVerdict | undefined;
}

export interface ExitVerdict {
  readonly outcome: ExitOutcome;
  /** Of CLOSE. */
  readonly reason?: ExitReason;
  /** As they stand after this close. */
  readonly levels: Levels;
  /** For people. */
  readonly because: string;
  /** Of the exit rule, in its order. */
  readonly conditions: readonly ConditionResult[];
}

const NO_CONDITIONS: readonly ConditionResult[] = [];

/** R85: the first that applies. */
export function judgeExit(question: ExitQuestion): ExitVerdict {
  const { plan, best, time, bar, closing } = question;
  const before = standingLevels(plan, best, time);
  if ("unavailable" in bar) {
    const late = lateReason(question);
    const levels = levelsIn(before);
    return late === undefined
      ? { outcome: "MARKET_DATA_UNAVAILABLE", levels, because: bar.unavailable, conditions: NO_CONDITIONS }
      : {
          outcome: "CLOSE",
          reason: late.reason,
          levels,
          because: `${late.because}; ${bar.unavailable}`,
          conditions: NO_CONDITIONS,
        };
  }
  const { close } = bar;
  const levels = levelsIn(standingLevels(plan, betterOf(plan.side, best, close), time));
  const { rule } = question;
  const conditions = rule?.conditions ?? NO_CONDITIONS;
  const found =
    closing === undefined
      ? (hit(plan, before, best, close) ?? ruled(rule) ?? lateReason(question))
      : { reason: closing, because: closedAlready(closing) };
  if (found !== undefined) {
    return { outcome: "CLOSE", levels, conditions, ...found };
  }
  const moved = movedFrom(question.told, levels, leastMove(plan, close));
  if (moved !== undefined) {
    return { outcome: "ADJUST", levels, because: moved, conditions };
  }
  if (rule !== undefined && rule.met === undefined) {
    const because = "the exit rule is unknown: bars are missing, or an indicator is not ready";
    return { outcome: rule.lacksBars ? "MARKET_DATA_UNAVAILABLE" : "INDICATOR_NOT_READY", levels, because, conditions };
  }
  return { outcome: "HOLD", levels, because: holding(levels, close), conditions };
}

/** R83. */
function ruled(rule: RuleVerdict | undefined): Found | undefined {
  return rule?.met === true
    ? { reason: "EXIT_RULE", because: `the exit rule holds: ${holdingText(rule.conditions)}` }
    : undefined;
}

interface Found {
  readonly reason: ExitReason;
  readonly because: string;
}

/** The close at or beyond a level as it stood before. */
function hit(
  { side }: HeldPlan,
  { stopLoss, takeProfit, trails }: StandingLevels,
  best: number,
  close: number,
): Found | undefined {
  const direction = side === "LONG" ? 1 : -1;
  const at = `close ${formatNumber(close)}`;
  if ((close - stopLoss) * direction <= 0) {
    const beyond = side === "LONG" ? "at or below" : "at or above";
    const level = formatNumber(stopLoss);
    return trails
      ? {
          reason: "TRAILING_STOP",
          because: `${at} is ${beyond} the trailing stop ${level} (best ${formatNumber(best)})`,
        }
      : { reason: "STOP", because: `${at} is ${beyond} the stop ${level}` };
  }
  if (takeProfit !== undefined && (close - takeProfit) * direction >= 0) {
    const beyond = side === "LONG" ? "at or above" : "at or below";
    return { reason: "TARGET", because: `${at} is ${beyond} the target ${formatNumber(takeProfit)}` };
  }
  return undefined;
}

/** Why it is to be closed whatever the price is (R84, R87). */
function lateReason({ plan, time, closing }: ExitQuestion): Found | undefined {
  if (closing !== undefined) {
    return { reason: closing, because: closedAlready(closing) };
  }
  const exitBy = plan.exit?.exitBy;
  return exitBy !== undefined && time >= exitBy
    ? { reason: "TIME", because: `held until ${formatTime(exitBy)}, the longest that it may be` }
    : undefined;
}

function closedAlready(reason: ExitReason): string {
  return `to be closed since ${reason}; it is not reported closed yet`;
}

function leastMove({ exit }: HeldPlan, close: number): number {
  const distance = exit?.trailingDistancePct ?? 0;
  return close * (distance === 0 ? LEAST_MOVE : Math.min(LEAST_MOVE, LEAST_TRAIL * distance));
}

/** What moved by so much since the executor was told; undefined where nothing did. */
function movedFrom(told: Levels | undefined, now: Levels, least: number): string | undefined {
  const { stopLoss, takeProfit } = now;
  const target = takeProfit === undefined ? "no target" : `target ${formatNumber(takeProfit)}`;
  if (told === undefined) {
    return `stop ${formatNumber(stopLoss)}, ${target}; nothing was told of it before`;
  }
  const moves: string[] = [];
  if (isMove(told.stopLoss, stopLoss, least)) {
    moves.push(`stop from ${formatNumber(told.stopLoss)} to ${formatNumber(stopLoss)}`);
  }
  if (takeProfit !== undefined && isMove(told.takeProfit, takeProfit, least)) {
    const from = told.takeProfit === undefined ? "none" : formatNumber(told.takeProfit);
    moves.push(`target from ${from} to ${formatNumber(takeProfit)}`);
  }
  return moves.length === 0 ? undefined : moves.join(", ");
}

function isMove(from: number | undefined, to: number, least: number): boolean {
  return from === undefined || (from !== to && Math.abs(to - from) >= least);
}

function holding({ stopLoss, takeProfit }: Levels, close: number): string {
  const target =
    takeProfit === undefined
      ? ""
      : `, target ${formatNumber(takeProfit)} is ${formatPercent(Math.abs(takeProfit / close - 1))} away`;
  return `stop ${formatNumber(stopLoss)} is ${formatPercent(Math.abs(stopLoss / close - 1))} away${target}`;
}

function levelsIn({ stopLoss, takeProfit }: StandingLevels): Levels {
  return takeProfit === undefined ? { stopLoss } : { stopLoss, takeProfit };
}
