import { isFormula } from "../../expressions/formula.ts";
import { type Interval, intervalOf } from "../../expressions/ranges.ts";
import type { Indicator } from "../../indicators/indicator.ts";
import type { Side } from "./side.ts";

/**
 * How two indicators stand to each other on every bar on which both are ready; `any` where nothing
 * is certain.
 */
export type Relation = "same" | "never above" | "never below" | "any";

/**
 * What follows for certain from the definitions (R3, R9) and the ranges. Within R13's tolerance, as
 * comparisons are.
 */
export function relationOf(left: Side, right: Side): Relation {
  const [a, b] = [rangeOfSide(left), rangeOfSide(right)];
  if (!isFormula(left) && !isFormula(right)) {
    const relation = plainRelation(left, right);
    if (relation !== "any") {
      return relation;
    }
  }
  if (a.high <= b.low) {
    return "never above";
  }
  return b.high <= a.low ? "never below" : "any";
}

function rangeOfSide(side: Side): Interval {
  return isFormula(side) ? side.range : intervalOf(side);
}

function plainRelation(left: Indicator, right: Indicator): Relation {
  const [a, b] = [termOf(left), termOf(right)];
  if (a.base === b.base && a.parameters.join() === b.parameters.join()) {
    return "same";
  }
  if (isAtMost(a, b)) {
    return "never above";
  }
  return isAtMost(b, a) ? "never below" : "any";
}

type Term = Pick<Indicator, "base" | "parameters">;

/** Averages of one value are the value, and the middle band is an average by another name. */
function termOf({ base, parameters }: Indicator): Term {
  const [n = 0] = parameters;
  if (n === 1 && (base === "SMA" || base === "EMA" || base === "VOLUME_SMA")) {
    return { base: base === "VOLUME_SMA" ? "VOLUME" : "CLOSE", parameters: [] };
  }
  return base === "BB_MIDDLE" ? { base: "SMA", parameters: [n] } : { base, parameters };
}

interface AtMost {
  readonly left: readonly string[];
  readonly right: readonly string[];
  holds(a: readonly number[], b: readonly number[]): boolean;
}

/** Each is at most every one that stands after it. */
function inOrder(bases: readonly string[]): readonly AtMost[] {
  return bases.map((base, i) => ({ left: [base], right: bases.slice(i + 1), holds: () => true }));
}

/**
 * Pairs of which the left one is at most the right one where `holds` does, of the parameters of
 * both.
 */
const AT_MOST: readonly AtMost[] = [
  { left: ["LOW"], right: ["OPEN", "CLOSE", "HIGH"], holds: () => true },
  { left: ["OPEN", "CLOSE"], right: ["HIGH"], holds: () => true },
  { left: ["BB_LOWER"], right: ["SMA", "BB_UPPER"], holds: ([n], [m]) => n === m },
  { left: ["SMA"], right: ["BB_UPPER"], holds: ([n], [m]) => n === m },
  { left: ["BB_UPPER"], right: ["BB_UPPER"], holds: ([n, k = 0], [m, l = 0]) => n === m && k <= l },
  { left: ["BB_LOWER"], right: ["BB_LOWER"], holds: ([n, k = 0], [m, l = 0]) => n === m && k >= l },
  // Both read the bar before the current one.
  { left: ["LOWEST"], right: ["HIGHEST"], holds: () => true },
  { left: ["HIGHEST"], right: ["HIGHEST"], holds: ([n = 0], [m = 0]) => n <= m },
  { left: ["LOWEST"], right: ["LOWEST"], holds: ([n = 0], [m = 0]) => n >= m },
  { left: ["AROON_OSC"], right: ["AROON_UP"], holds: ([n], [m]) => n === m },
  // These hold the current bar, so no price of the bar gets out of them.
  { left: ["LOW", "OPEN", "CLOSE", "HIGH"], right: ["DONCHIAN_UPPER"], holds: () => true },
  { left: ["DONCHIAN_LOWER"], right: ["LOW", "OPEN", "CLOSE", "HIGH", "DONCHIAN_UPPER"], holds: () => true },
  { left: ["DONCHIAN_UPPER"], right: ["DONCHIAN_UPPER"], holds: ([n = 0], [m = 0]) => n <= m },
  { left: ["DONCHIAN_LOWER"], right: ["DONCHIAN_LOWER"], holds: ([n = 0], [m = 0]) => n >= m },
  { left: ["DONCHIAN_LOWER"], right: ["DONCHIAN_MIDDLE"], holds: ([n = 0], [m = 0]) => n >= m },
  { left: ["DONCHIAN_MIDDLE"], right: ["DONCHIAN_UPPER"], holds: ([n = 0], [m = 0]) => n <= m },
  { left: ["KELTNER_LOWER"], right: ["KELTNER_MIDDLE", "KELTNER_UPPER"], holds: (a, b) => a.join() === b.join() },
  { left: ["KELTNER_MIDDLE"], right: ["KELTNER_UPPER"], holds: (a, b) => a.join() === b.join() },
  { left: ["VWAP_LOWER"], right: ["VWAP", "VWAP_UPPER"], holds: () => true },
  { left: ["VWAP"], right: ["VWAP_UPPER"], holds: () => true },
  { left: ["HA_LOW"], right: ["HA_OPEN", "HA_CLOSE", "HA_HIGH"], holds: () => true },
  { left: ["HA_OPEN", "HA_CLOSE"], right: ["HA_HIGH"], holds: () => true },
  ...inOrder(["PIVOT_S3", "PIVOT_S2", "PIVOT_S1", "PIVOT", "PIVOT_R1", "PIVOT_R2", "PIVOT_R3"]),
];

function isAtMost(a: Term, b: Term): boolean {
  return AT_MOST.some(
    ({ left, right, holds }) => left.includes(a.base) && right.includes(b.base) && holds(a.parameters, b.parameters),
  );
}
