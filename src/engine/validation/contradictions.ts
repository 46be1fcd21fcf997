import type { EntryLogic, Trigger } from "../../domain/strategy.ts";
import type { Indicator } from "../../indicators/indicator.ts";
import { Interned } from "../strategies/interned.ts";
import { type CheckedCondition, conditionPath } from "./conditions.ts";
import { alwaysHolds, canHold, conflicts } from "./feasibility.ts";
import type { Findings } from "./findings.ts";
import { mirrored } from "./side.ts";
import type { Threshold } from "./threshold.ts";

/** A condition against a number. */
interface Bound extends Threshold {
  readonly checked: CheckedCondition;
}

/** What a condition against a number comes to by itself; many strategies have equal ones. */
interface Alone {
  readonly canHold: boolean;
  readonly alwaysHolds: boolean;
}

const ALONE = new Interned<Alone>();

function aloneOf({ text, left, operator }: CheckedCondition, value: number): Alone {
  return ALONE.get(text, () => ({
    canHold: canHold(left, [{ operator, value }]),
    alwaysHolds: alwaysHolds(left, { operator, value }),
  }));
}

/** R43: refuses conditions that can never hold, under ALL together, and warns of those that always do or say nothing new. */
export function checkContradictions(
  findings: Findings,
  conditions: readonly CheckedCondition[],
  entryLogic: EntryLogic | undefined,
  trigger: Trigger | undefined,
): void {
  for (const group of groupsOf(conditions, entryLogic)) {
    refuseImpossible(findings, group);
  }
  warnOfDuplicates(findings, conditions);
  warnOfAlways(findings, conditions, entryLogic, trigger);
}

/** What must be possible together: under ALL all bounds on one indicator and timeframe, otherwise each by itself. */
function groupsOf(
  conditions: readonly CheckedCondition[],
  entryLogic: EntryLogic | undefined,
): Iterable<readonly Bound[]> {
  const groups = new Map<string, Bound[]>();
  for (const checked of conditions) {
    const { left, operator, right, timeframe, index } = checked;
    if (typeof right === "number") {
      const together = entryLogic === "ALL" && timeframe !== undefined;
      const key = together ? `${left.name}@${timeframe}` : String(index);
      const group = groups.get(key) ?? [];
      group.push({ operator, value: right, checked });
      groups.set(key, group);
    }
  }
  return groups.values();
}

function refuseImpossible(findings: Findings, group: readonly Bound[]): void {
  const [first] = group;
  if (first === undefined || (group.length === 1 && aloneOf(first.checked, first.value).canHold)) {
    return;
  }
  const indicator = first.checked.left;
  for (const core of conflicts(indicator, group)) {
    const members = group.filter((_, index) => core.includes(index)).map((bound) => bound.checked);
    const last = members.at(-1);
    if (last === undefined) {
      continue;
    }
    const texts = members.map((member) => member.text);
    const description =
      members.length === 1
        ? `${texts[0]} can never hold: ${valuesOf(indicator)}; change the operator or the value`
        : `${texts.join(" and ")} can never hold together: change one of them, or use entry_logic ANY`;
    findings.refuse(conditionPath(last.index), description);
  }
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
  const always = conditions.filter(
    (checked) => typeof checked.right === "number" && aloneOf(checked, checked.right).alwaysHolds,
  );
  for (const checked of always) {
    findings.warn(`${conditionPath(checked.index)}: ${checked.text} always holds: ${valuesOf(checked.left)}`);
  }
  const holdForEver = entryLogic === "ANY" ? always.length > 0 : always.length === conditions.length;
  if (trigger === "EDGE" && holdForEver && always.length > 0) {
    findings.warn("trigger: the conditions together always hold, so that with EDGE the strategy never fires");
  }
}

/** The values that an indicator can have, in words. */
function valuesOf({ name, base, range: { low, high, lowOpen } }: Indicator): string {
  if (base === "SMA_CROSS" || base === "EMA_CROSS") {
    return `${name} is -1, 0 or 1`;
  }
  if (Number.isFinite(high)) {
    return `${name} is from ${low} to ${high}`;
  }
  if (Number.isFinite(low)) {
    return lowOpen ? `${name} is above ${low}` : `${name} is from ${low} up`;
  }
  return `${name} is a finite number`;
}
