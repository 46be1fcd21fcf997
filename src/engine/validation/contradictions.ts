import type { EntryLogic, Trigger } from "../../domain/strategy.ts";
import { isFormula } from "../../expressions/formula.ts";
import { Interned } from "../rules/conditions/interned.ts";
import { type CheckedCondition, conditionPath } from "./conditions.ts";
import { alwaysHolds, canHold, conflictsAmong } from "./feasibility.ts";
import type { Findings } from "./findings.ts";
import { canHoldTogether, type Pair, pairAlwaysHolds, relationText } from "./pair-feasibility.ts";
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
 * R43: refuses conditions that can never hold, under ALL together, and warns of those that always
 * do or say nothing new.
 */
export function checkContradictions(
  findings: Findings,
  conditions: readonly CheckedCondition[],
  entryLogic: EntryLogic | undefined,
  trigger: Trigger | undefined,
): void {
  for (const group of groupsOf(conditions.filter(isBound), entryLogic, ({ left }) => left.name)) {
    refuseImpossible(findings, group, boundsCanHold, ({ left }) => valuesOf(left));
  }
  for (const group of groupsOf(conditions.filter(isPair), entryLogic, namesOf)) {
    refuseImpossible(findings, group, canHoldTogether, relationText);
  }
  warnOfDuplicates(findings, conditions);
  warnOfAlways(findings, conditions, entryLogic, trigger);
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
  conditions: readonly T[],
  entryLogic: EntryLogic | undefined,
  readOf: (checked: T) => string,
): Iterable<readonly T[]> {
  return Map.groupBy(conditions, (checked) =>
    entryLogic === "ALL" && checked.timeframe !== undefined && !looksBack(checked)
      ? `${readOf(checked)}@${checked.timeframe}`
      : String(checked.index),
  ).values();
}

/** R43: what reads bars before stands by itself. */
function looksBack({ left, right }: CheckedCondition): boolean {
  return [left, right].some((side) => isFormula(side) && side.name.includes("["));
}

function refuseImpossible<T extends CheckedCondition>(
  findings: Findings,
  group: readonly T[],
  canHoldAll: (some: readonly T[]) => boolean,
  reasonOf: (checked: T) => string,
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
    const together = `${texts.join(" and ")} can never hold together: change one of them, or use entry_logic ANY`;
    if (members.length === 1) {
      findings.refuse(conditionPath(last.index), `${texts[0]} can never hold: ${reasonOf(last)}; ${mendOf(last)}`);
    } else if (isPair(last)) {
      // R43 refuses what numbers rule out together, and pairs one by one only.
      findings.warn(`${conditionPath(last.index)}: ${together}`);
    } else {
      findings.refuse(conditionPath(last.index), together);
    }
  }
}

function mendOf(checked: CheckedCondition): string {
  return `change the operator or ${isPair(checked) ? "one side" : "the value"}`;
}

function warnOfDuplicates(findings: Findings, conditions: readonly CheckedCondition[]): void {
  conditions.forEach((checked, place) => {
    const first = conditions.findIndex((other) => saySame(other, checked));
    if (first < place) {
      const earlier = conditionPath(conditions[first]?.index ?? first);
      findings.warn(`${conditionPath(checked.index)}: ${checked.text} says the same as ${earlier}`);
    }
  });
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
    typeof a.right !== "number" &&
    typeof b.right !== "number" &&
    a.left.name === b.right.name &&
    a.right.name === b.left.name &&
    a.operator === mirrored(b.operator)
  );
}

function warnOfAlways(
  findings: Findings,
  conditions: readonly CheckedCondition[],
  entryLogic: EntryLogic | undefined,
  trigger: Trigger | undefined,
): void {
  const always = conditions.filter((checked) => aloneOf(checked).alwaysHolds);
  for (const checked of always) {
    const reason = isPair(checked) ? relationText(checked) : valuesOf(checked.left);
    findings.warn(`${conditionPath(checked.index)}: ${checked.text} always holds: ${reason}`);
  }
  const holdForEver = entryLogic === "ANY" ? always.length > 0 : always.length === conditions.length;
  if (trigger === "EDGE" && holdForEver && always.length > 0) {
    findings.warn("trigger: the conditions together always hold, so that with EDGE the strategy never fires");
  }
}
