import { nextUp } from "../../expressions/doubles.ts";
import { isFormula } from "../../expressions/formula.ts";
import { type Interval, intervalOf } from "../../expressions/ranges.ts";
import { mostTolerance } from "./most-tolerance.ts";
import type { Side } from "./side.ts";
import { type Demand, demandOf, EVERYTHING, negation, type Threshold } from "./threshold.ts";

/**
 * R43: whether some pair (previous, current) within the indicator's range passes all thresholds at
 * once. Exact on doubles. What is asked of the current value never depends on the previous one, so
 * each is looked at by itself.
 */
export function canHold(side: Side, thresholds: readonly Threshold[]): boolean {
  if (isFormula(side)) {
    const slack = mostTolerance(side.expression);
    return isPossible(
      common(EVERYTHING, side.range),
      thresholds.map((threshold) => loosened(threshold, slack)),
    );
  }
  const demands = thresholds.map(demandOf);
  const { values } = side;
  if (values !== undefined) {
    return (
      values.some((value) => allowsCurrent(demands, value)) && values.some((value) => allowsPrevious(demands, value))
    );
  }
  return isPossible(common(EVERYTHING, intervalOf(side)), demands);
}

/** R13: as `demandOf`, where values count as equal within a tolerance of at most `slack`. */
function loosened(threshold: Threshold, slack: number): Demand {
  const { current, gap, previous } = demandOf(threshold);
  const isStrict = threshold.operator === "<" || threshold.operator === ">";
  const isCross = threshold.operator === "crosses_above" || threshold.operator === "crosses_below";
  return {
    current: isStrict || isCross ? current : widened(current, slack),
    ...(gap !== undefined && { gap }),
    previous: widened(previous, slack),
  };
}

function widened({ low, high }: Interval, by: number): Interval {
  return common(EVERYTHING, { low: low - by, high: high + by });
}

/** Whether some pair (previous, current) within the range is what all demands ask for. */
function isPossible(range: Interval, demands: readonly Demand[]): boolean {
  let current = range;
  let previous = current;
  const gaps: Interval[] = [];
  for (const demand of demands) {
    current = common(current, demand.current);
    previous = common(previous, demand.previous);
    if (demand.gap !== undefined) {
      gaps.push(demand.gap);
    }
  }
  return previous.low <= previous.high && leastOutside(current.low, gaps) <= current.high;
}

/**
 * R43: whether a condition holds whatever value within its range the indicator has. A cross never
 * does.
 */
export function alwaysHolds(side: Side, threshold: Threshold): boolean {
  const opposite = negation(threshold);
  return opposite !== undefined && !canHold(side, [opposite]);
}

/**
 * R43: sets of members, each by its index, that cannot hold together, none of them larger than that
 * takes: a set of one cannot hold by itself. One set after the other, the last member of each left
 * out of the search for the next; in the order of those last members.
 */
export function conflictsAmong<T>(
  members: readonly T[],
  canHoldAll: (some: readonly T[]) => boolean,
): readonly (readonly number[])[] {
  if (canHoldAll(members)) {
    return [];
  }
  const membersAt = (indexes: readonly number[]) => members.filter((_, index) => indexes.includes(index));
  const found: (readonly number[])[] = [];
  let rest = members.map((_, index) => index);
  while (!canHoldAll(membersAt(rest))) {
    let core = rest;
    for (const index of rest) {
      const without = core.filter((other) => other !== index);
      if (!canHoldAll(membersAt(without))) {
        core = without;
      }
    }
    found.push(core);
    rest = rest.filter((index) => index !== core.at(-1));
  }
  return found.sort((a, b) => (a.at(-1) ?? 0) - (b.at(-1) ?? 0));
}

function common(a: Interval, b: Interval): Interval {
  return { low: Math.max(a.low, b.low), high: Math.min(a.high, b.high) };
}

/** The least double from `low` on that lies in none of the gaps. */
function leastOutside(low: number, gaps: readonly Interval[]): number {
  let least = low;
  for (const gap of gaps.toSorted((a, b) => a.low - b.low)) {
    if (gap.low <= least && least <= gap.high) {
      least = nextUp(gap.high);
    }
  }
  return least;
}

function allowsCurrent(demands: readonly Demand[], value: number): boolean {
  return demands.every(({ current, gap }) => contains(current, value) && (gap === undefined || !contains(gap, value)));
}

function allowsPrevious(demands: readonly Demand[], value: number): boolean {
  return demands.every(({ previous }) => contains(previous, value));
}

function contains(interval: Interval, value: number): boolean {
  return interval.low <= value && value <= interval.high;
}
