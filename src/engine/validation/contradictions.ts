import type { Operator, Trigger } from "../../domain/strategy.ts";
import { isFormula } from "../../expressions/formula.ts";
import { Interned } from "../rules/conditions/interned.ts";
import type { CheckedCondition } from "./conditions.ts";
import { alwaysHolds, canHold, conflictsAmong } from "./feasibility.ts";
import type { Findings } from "./findings.ts";
import { canHoldTogether, type Pair, pairAlwaysHolds, relationText } from "./pair-feasibility.ts";
import { type CheckedRule, type PlacedCondition, placedIn } from "./rules.ts";
import { mirrored, type Side, valuesOf } from "./side.ts";

/** A condition against a number. */
interface Bound extends CheckedCondition {
  readonly right: number;
}

/** A condition against another indicator. */
interface CheckedPair extends CheckedCondition, Pair {
  readonly right: Side;
}

function isBound(checked: CheckedCondition): checked is Bound {
  return typeof checked.right === "number";
}

function isPair(checked: CheckedCondition): checked is CheckedPair {
  return typeof checked.right !== "number";
}

/** What a condition comes to by itself; many strategies have equal ones. */
interface Alone {
  readonly canHold: boolean;
  readonly alwaysHolds: boolean;
}

const ALONE = new Interned<Alone>();

function aloneOf({ text, left, operator, right }: CheckedCondition): Alone {
  return ALONE.get(text, () =>
    typeof right === "number"
      ? {
          canHold: canHold(left, [{ operator, value: right }]),
          alwaysHolds: alwaysHolds(left, { operator, value: right }),
        }
      : {
          canHold: canHoldTogether([{ left, operator, right }]),
          alwaysHolds: pairAlwaysHolds({ left, operator, right }),
        },
  );
}

function boundsCanHold(bounds: readonly Bound[]): boolean {
  const [first] = bounds;
  const thresholds = bounds.map(({ operator, right }) => ({ operator, value: right }));
  return first === undefined || canHold(first.left, thresholds);
}

/**
 * R43: refuses conditions that can never hold, under ALL together, and those that always do inside
 * of a none; warns of others that always do or say nothing new. `otherwise` says how conditions are
 * combined that need not hold together.
 */
export function checkContradictions(
  findings: Findings,
  rule: CheckedRule,
  trigger: Trigger | undefined,
  otherwise: string,
): void {
  const placed = placedIn(rule);
  const outside = placed.filter(({ isUnderNone }) => !isUnderNone);
  const inside = placed.filter(({ isUnderNone }) => isUnderNone).map(({ checked }) => checked);
  for (const group of groupsOf(outside, isBound, ({ left }) => left.name)) {
    refuseImpossible(findings, group, boundsCanHold, otherwise);
  }
  for (const group of groupsOf(outside, isPair, namesOf)) {
    refuseImpossible(findings, group, canHoldTogether, otherwise);
  }
  refuseLastingCrosses(findings, outside);
  refuseAlways(findings, inside);
  warnOfDuplicates(findings, placed);
  warnOfAlways(findings, outside, inside);
  if (trigger === "EDGE" && certaintyOf(rule) === "always") {
    findings.warn("trigger: the conditions together always hold, so that with EDGE the strategy never fires");
  }
}

/** The two names, whichever stands on the left. */
function namesOf({ left, right }: CheckedPair): string {
  return [left.name, right.name].toSorted().join(" ");
}

/**
 * What must be possible together: under ALL all that read the same on one timeframe, otherwise each
 * by itself.
 */
function groupsOf<T extends CheckedCondition>(
  placed: readonly PlacedCondition[],
  isOne: (checked: CheckedCondition) => checked is T,
  readOf: (checked: T) => string,
): Iterable<readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const { checked, group, together } of placed) {
    if (isOne(checked)) {
      const isApart = !together || checked.timeframe === undefined || looksBack(checked);
      const key = isApart ? checked.path : `${group} ${readOf(checked)}@${checked.timeframe}`;
      groups.set(key, [...(groups.get(key) ?? []), checked]);
    }
  }
  return groups.values();
}

/** R43: what reads bars before, or holds where it held on one of them, stands by itself. */
function looksBack({ left, right, withinBars }: CheckedCondition): boolean {
  return withinBars !== undefined || [left, right].some((side) => isFormula(side) && side.name.includes("["));
}

function refuseImpossible<T extends CheckedCondition>(
  findings: Findings,
  group: readonly T[],
  canHoldAll: (some: readonly T[]) => boolean,
  otherwise: string,
): void {
  const [first] = group;
  if (first === undefined || (group.length === 1 && aloneOf(first).canHold)) {
    return;
  }
  for (const core of conflictsAmong(group, canHoldAll)) {
    const members = group.filter((_, index) => core.includes(index));
    const last = members.at(-1);
    if (last === undefined) {
      continue;
    }
    const texts = members.map((member) => member.text);
    const together = `${texts.join(" and ")} can never hold together: change one of them, or ${otherwise}`;
    if (members.length === 1) {
      findings.refuse(last.path, `${texts[0]} can never hold: ${reasonOf(last)}; ${mendOf(last)}`);
    } else if (isPair(last)) {
      // R43 refuses what numbers rule out together, and pairs one by one only.
      findings.warn(`${last.path}: ${together}`);
    } else {
      findings.refuse(last.path, together);
    }
  }
}

/** A cross is met on one bar, and not on the next (R58). */
function refuseLastingCrosses(findings: Findings, placed: readonly PlacedCondition[]): void {
  for (const { checked } of placed) {
    if (checked.forBars !== undefined && isCross(checked.operator)) {
      const reason = "a cross is met on one bar and not on the next";
      findings.refuse(`${checked.path}.for_bars`, `${checked.text} can never hold: ${reason}; use within_bars`);
    }
  }
}

function isCross(operator: Operator): boolean {
  return operator === "crosses_above" || operator === "crosses_below";
}

function refuseAlways(findings: Findings, conditions: readonly CheckedCondition[]): void {
  for (const checked of conditions) {
    if (aloneOf(checked).alwaysHolds) {
      const reason = `${checked.text} always holds: ${reasonOf(checked)}`;
      findings.refuse(checked.path, `${reason}; inside of a none ${mendOf(checked)}, or leave it out`);
    }
  }
}

function reasonOf(checked: CheckedCondition): string {
  return isPair(checked) ? relationText(checked) : valuesOf(checked.left);
}

function mendOf(checked: CheckedCondition): string {
  return `change the operator or ${isPair(checked) ? "one side" : "the value"}`;
}

function warnOfDuplicates(findings: Findings, placed: readonly PlacedCondition[]): void {
  for (const group of Map.groupBy(placed, (each) => each.group).values()) {
    const conditions = group.map(({ checked }) => checked);
    for (const [place, checked] of conditions.entries()) {
      const first = conditions.findIndex((other) => saySame(other, checked));
      if (first < place) {
        findings.warn(`${checked.path}: ${checked.text} says the same as ${conditions[first]?.path}`);
      }
    }
  }
}

/** A pair written the other way round says the same, too. */
function saySame(a: CheckedCondition, b: CheckedCondition): boolean {
  if (a.timeframe !== b.timeframe) {
    return false;
  }
  if (a.text === b.text) {
    return true;
  }
  return (
    a.forBars === b.forBars &&
    a.withinBars === b.withinBars &&
    typeof a.right !== "number" &&
    typeof b.right !== "number" &&
    a.left.name === b.right.name &&
    a.right.name === b.left.name &&
    a.operator === mirrored(b.operator)
  );
}

/** Of conditions outside of any none, and inside of one. */
function warnOfAlways(
  findings: Findings,
  outside: readonly PlacedCondition[],
  inside: readonly CheckedCondition[],
): void {
  for (const { checked } of outside) {
    if (aloneOf(checked).alwaysHolds) {
      findings.warn(`${checked.path}: ${checked.text} always holds: ${reasonOf(checked)}`);
    }
  }
  for (const checked of inside) {
    if (!aloneOf(checked).canHold) {
      findings.warn(
        `${checked.path}: ${checked.text} can never hold, and stands inside of a none: ${reasonOf(checked)}`,
      );
    }
  }
}

type Certainty = "always" | "never" | "open";

/** What a rule comes to on every bar, as far as each condition by itself tells. */
function certaintyOf(rule: CheckedRule): Certainty {
  if (rule.kind === "condition") {
    const alone = rule.condition && aloneOf(rule.condition);
    return alone?.alwaysHolds ? "always" : alone?.canHold === false ? "never" : "open";
  }
  const parts = rule.rules.map(certaintyOf);
  const decisive = rule.kind === "all" ? "never" : "always";
  const decided = rule.kind === "any" ? "always" : "never";
  if (parts.includes(decisive)) {
    return decided;
  }
  const isOpen = parts.length === 0 || parts.includes("open");
  return isOpen ? "open" : decided === "always" ? "never" : "always";
}
