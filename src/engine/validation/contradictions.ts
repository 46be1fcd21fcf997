import type { EntryLogic, Trigger } from "../../domain/strategy.ts";
import type { Indicator } from "../../indicators/indicator.ts";
import { type CheckedCondition, conditionPath } from "./conditions.ts";
import { alwaysHolds, conflicts } from "./feasibility.ts";
import type { Findings } from "./findings.ts";
import { mirrored } from "./side.ts";
import type { Threshold } from "./threshold.ts";

/** A condition against a number. */
interface Bound extends Threshold {
  readonly checked: CheckedCondition;
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
      groups.set(key, [...(groups.get(key) ?? []), { operator, value: right, checked }]);
    }
  }
  return groups.values();
}

function refuseImpossible(findings: Findings, group: readonly Bound[]): void {
  const indicator = group[0]?.checked.left;
  if (indicator === undefined) {
    return;
  }
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
  const seen = new Map<string, number>();
  for (const checked of conditions) {
    const { index, text, left, operator, right, timeframe } = checked;
    const spellings = [`${text} on ${timeframe}`];
    if (typeof right !== "number") {
      spellings.push(`${right.name} ${mirrored(operator)} ${left.name} on ${timeframe}`);
    }
    const first = spellings.map((spelling) => seen.get(spelling)).find((found) => found !== undefined);
    if (first !== undefined) {
      findings.warn(`${conditionPath(index)}: ${text} says the same as ${conditionPath(first)}`);
    } else {
      for (const spelling of spellings) {
        seen.set(spelling, index);
      }
    }
  }
}

function warnOfAlways(
  findings: Findings,
  conditions: readonly CheckedCondition[],
  entryLogic: EntryLogic | undefined,
  trigger: Trigger | undefined,
): void {
  const always = conditions.filter(
    ({ left, operator, right }) => typeof right === "number" && alwaysHolds(left, { operator, value: right }),
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
