import { conditionsIn, type RuleOf } from "../../domain/rule.ts";
import type { ConditionDraft, RuleDraft } from "../../domain/strategy.ts";
import type { Timeframe } from "../../domain/timeframe.ts";
import { type CheckedCondition, checkCondition } from "./conditions.ts";
import type { Findings } from "./findings.ts";
import { textFault } from "./texts.ts";

/** A rule of checked conditions; undefined is a condition that was refused. */
export type CheckedRule = RuleOf<CheckedCondition | undefined>;

/** Of all rules of a strategy. */
const MOST_CONDITIONS = 64;
const MOST_PARTS = 32;
/** How many of all, any and none may stand above a condition. */
const DEEPEST = 8;
const LONGEST_TAG = 64;

/** What a check of one tree knows besides the part that it looks at. */
interface Scope {
  readonly findings: Findings;
  readonly timeframe: Timeframe | undefined;
  /** Whether its conditions may read the position (R83). */
  readonly isExit: boolean;
  /** Conditions that are still looked at: the nearest names of wrong ones take their time. */
  left: number;
}

/**
 * Checks a rule against R59's limits, and each of its conditions by itself. `path` is where the
 * rule stands, in the contract's names. `others`: conditions of the strategy's other rules.
 */
export function checkRule(
  findings: Findings,
  draft: RuleDraft,
  path: string,
  timeframe: Timeframe | undefined,
  { isExit = false, others = 0 }: { readonly isExit?: boolean; readonly others?: number } = {},
): CheckedRule {
  const count = conditionsIn(draft).length;
  if (count + others > MOST_CONDITIONS) {
    const beside = others === 0 ? "" : ` beside the ${others} of the entry`;
    findings.refuse(path, `has ${count} conditions${beside}, must have at most ${MOST_CONDITIONS - others}`);
  }
  return checkPart({ findings, timeframe, isExit, left: MOST_CONDITIONS }, draft, path, 0);
}

function checkPart(scope: Scope, draft: RuleDraft, path: string, depth: number): CheckedRule {
  const { findings } = scope;
  const { tag } = draft;
  if (tag !== undefined) {
    findings.accept(`${path}.tag`, textFault(tag, { least: 0, most: LONGEST_TAG }));
  }
  const tagged = tag === undefined ? undefined : { tag };
  if (draft.kind === "condition") {
    return { kind: draft.kind, condition: checkLeaf(scope, draft.condition, path), ...tagged };
  }
  const { kind, rules } = draft;
  const own = `${path}.${kind}`;
  if (depth === DEEPEST) {
    const under = `stands under ${DEEPEST} of all, any and none already, and more than so many are not allowed`;
    findings.refuse(own, `${under}: part the rule otherwise`);
    return { kind, rules: [], ...tagged };
  }
  if (rules.length === 0) {
    findings.refuse(`${own}.rules`, `is required: give 1 to ${MOST_PARTS} rules`);
  }
  if (rules.length > MOST_PARTS) {
    findings.refuse(`${own}.rules`, `has ${rules.length} rules, must have at most ${MOST_PARTS}`);
  }
  const parts = rules.slice(0, MOST_PARTS).map((part, i) => checkPart(scope, part, `${own}.rules[${i}]`, depth + 1));
  return { kind, rules: parts, ...tagged };
}

function checkLeaf(scope: Scope, draft: ConditionDraft | undefined, path: string): CheckedCondition | undefined {
  if (draft === undefined) {
    scope.findings.refuse(path, "is required: give a condition, or rules in all, any or none");
    return undefined;
  }
  scope.left--;
  return scope.left < 0
    ? undefined
    : checkCondition(scope.findings, draft, `${path}.condition`, scope.timeframe, scope.isExit);
}

/** A condition with what its place among the others means. */
export interface PlacedCondition {
  readonly checked: CheckedCondition;
  /** Conditions with the same text here stand side by side: a duplicate among them says nothing. */
  readonly group: string;
  /** Whether all of the group must hold: they are those of an ALL and of the ALLs right in it. */
  readonly together: boolean;
  readonly isUnderNone: boolean;
}

/** The valid conditions of a rule, in its order. */
export function placedIn(rule: CheckedRule): readonly PlacedCondition[] {
  const placed: PlacedCondition[] = [];
  const visit = (part: CheckedRule, place: Omit<PlacedCondition, "checked">, path: string): void => {
    if (part.kind === "condition") {
      if (part.condition !== undefined) {
        placed.push({ checked: part.condition, ...place });
      }
      return;
    }
    const { kind } = part;
    const own = {
      group: kind === "all" && place.together ? place.group : path,
      together: kind === "all",
      isUnderNone: place.isUnderNone || kind === "none",
    };
    part.rules.forEach((each, i) => {
      visit(each, own, `${path}.${i}`);
    });
  };
  visit(rule, { group: "", together: false, isUnderNone: false }, "0");
  return placed;
}
