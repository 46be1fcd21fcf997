import type { Operator } from "../../domain/strategy.ts";
import { isFormula } from "../../expressions/formula.ts";
import { type Relation, relationOf } from "./pair-relation.ts";
import { type Comparison, mirrored, type Side } from "./side.ts";

/** A comparison of two indicators or expressions. */
export interface Pair extends Comparison {
  readonly right: Side;
}

/**
 * Places of the left side as seen from the right one, as bits. "Near" is unequal to `<` and `>`,
 * and still `==` (R13). What operators and relations let through are sets of places.
 */
const BELOW = 1;
const NEAR_BELOW = 2;
const EQUAL = 4;
const NEAR_ABOVE = 8;
const ABOVE = 16;
const ANYWHERE = BELOW | NEAR_BELOW | EQUAL | NEAR_ABOVE | ABOVE;
const AT_MOST = BELOW | NEAR_BELOW | EQUAL;
const AT_LEAST = EQUAL | NEAR_ABOVE | ABOVE;

const CURRENT: Readonly<Record<Operator, number>> = {
  "<": BELOW | NEAR_BELOW,
  "<=": AT_MOST,
  ">": NEAR_ABOVE | ABOVE,
  ">=": AT_LEAST,
  "==": NEAR_BELOW | EQUAL | NEAR_ABOVE,
  "!=": BELOW | ABOVE,
  crosses_above: NEAR_ABOVE | ABOVE,
  crosses_below: BELOW | NEAR_BELOW,
};

const RELATIONS: Readonly<Record<Relation, number>> = {
  same: EQUAL,
  "never above": AT_MOST,
  "never below": AT_LEAST,
  any: ANYWHERE,
};

/** What the bar before must be (R14). */
function previous(operator: Operator): number {
  switch (operator) {
    case "crosses_above":
      return AT_MOST;
    case "crosses_below":
      return AT_LEAST;
    default:
      return ANYWHERE;
  }
}

/** R43: whether comparisons of the same two indicators, in either order, can hold on one bar. */
export function canHoldTogether(pairs: readonly Pair[]): boolean {
  const [first] = pairs;
  if (first === undefined) {
    return true;
  }
  const { left, right } = first;
  let now = RELATIONS[relationOf(left, right)];
  let before = now;
  for (const pair of pairs) {
    const operator = pair.left.name === left.name ? pair.operator : mirrored(pair.operator);
    now &= CURRENT[operator];
    before &= previous(operator);
  }
  return now !== 0 && before !== 0;
}

/** R43: whether it holds on every bar. A cross never does. */
export function pairAlwaysHolds({ left, operator, right }: Pair): boolean {
  const unless = ANYWHERE & ~CURRENT[operator];
  return previous(operator) === ANYWHERE && (RELATIONS[relationOf(left, right)] & unless) === 0;
}

/** How the two stand to each other, in words. */
export function relationText({ left, right }: Pair): string {
  const relation = relationOf(left, right);
  return relation === "same"
    ? `${left.name} is the same as ${right.name}`
    : `${left.name} is ${relation} ${right.name}${hintOf(left, right)}${hintOf(right, left)}`;
}

/** Channels that hold the current bar are often taken for those that a close can break out of. */
const BEFORE: ReadonlyMap<string, string> = new Map([
  ["DONCHIAN_UPPER", "HIGHEST"],
  ["DONCHIAN_LOWER", "LOWEST"],
]);

function hintOf(channel: Side, price: Side): string {
  if (isFormula(channel) || isFormula(price) || price.family !== "price") {
    return "";
  }
  const { name, base, parameters } = channel;
  const other = BEFORE.get(base);
  return other === undefined ? "" : ` (${name} holds the current bar; ${[other, ...parameters].join("_")} does not)`;
}
