import { conditionsIn, type RuleOf, withConditions } from "../../domain/rule.ts";
import { type Condition, ENTRY_LOGICS, type EntryLogic, type Rule, type StrategyDraft } from "../../domain/strategy.ts";
import type { Timeframe } from "../../domain/timeframe.ts";
import { canonical, checkCondition } from "./conditions.ts";
import { checkContradictions } from "./contradictions.ts";
import type { Findings } from "./findings.ts";
import { type CheckedRule, checkRule } from "./rules.ts";
import { checkChoice } from "./scalars.ts";

/** Of a flat list. */
const MOST_CONDITIONS = 32;

/** What a strategy enters by, as far as it is valid. */
export interface CheckedEntry {
  /** A flat list as the rule that it stands for. */
  readonly rule: CheckedRule;
  /** Of a flat list; undefined where it was refused. */
  readonly entryLogic?: EntryLogic | undefined;
  readonly isTree: boolean;
  /** Whether the rule has all conditions that there are, and at least one. */
  readonly isComplete: boolean;
  /** How conditions are combined that need not hold together. */
  readonly otherwise: string;
}

/** Checks the entry in whichever form it is given, and that it is given in one (R59). */
export function checkEntry(findings: Findings, draft: StrategyDraft, timeframe: Timeframe | undefined): CheckedEntry {
  return draft.entry === undefined
    ? checkList(findings, draft, timeframe)
    : checkTree(findings, draft, draft.entry, timeframe);
}

function checkTree(
  findings: Findings,
  { entryIndicators, entryLogic }: StrategyDraft,
  entry: NonNullable<StrategyDraft["entry"]>,
  timeframe: Timeframe | undefined,
): CheckedEntry {
  if (entryIndicators.length > 0) {
    findings.refuse("entry_indicators", "is given beside entry: leave one of the two out");
  }
  if (entryLogic !== "") {
    findings.refuse(
      "entry_logic",
      `is ${entryLogic} beside entry, whose all, any and none say how conditions combine: leave it out`,
    );
  }
  const rule = checkRule(findings, entry, "entry", timeframe);
  const isComplete = isWhole(rule) && conditionsIn(entry).length === conditionsIn(rule).length;
  return { rule, isTree: true, isComplete, otherwise: "combine them by any" };
}

function checkList(
  findings: Findings,
  { entryIndicators: drafts, entryLogic: given }: StrategyDraft,
  timeframe: Timeframe | undefined,
): CheckedEntry {
  const entryLogic = checkChoice(findings, "entry_logic", given, ENTRY_LOGICS, "ALL");
  if (drafts.length === 0) {
    findings.refuse("entry_indicators", "is required: give 1 to 32 conditions, or a rule in entry");
  }
  if (drafts.length > MOST_CONDITIONS) {
    findings.refuse("entry_indicators", `has ${drafts.length} conditions, must have at most ${MOST_CONDITIONS}`);
  }
  const rules = drafts.slice(0, MOST_CONDITIONS).map((draft, index) => ({
    kind: "condition" as const,
    condition: checkCondition(findings, draft, `entry_indicators[${index}]`, timeframe),
  }));
  const rule: CheckedRule = { kind: entryLogic === "ALL" ? "all" : "any", rules };
  const isComplete = isWhole(rule) && rules.length === drafts.length;
  return { rule, entryLogic, isTree: false, isComplete, otherwise: "use entry_logic ANY" };
}

/** R83: the exit rule; undefined where something in it was refused. */
export function checkExitRule(
  findings: Findings,
  { exit, entry, entryIndicators }: Pick<StrategyDraft, "exit" | "entry" | "entryIndicators">,
  timeframe: Timeframe | undefined,
): Rule | undefined {
  if (exit === undefined) {
    return undefined;
  }
  const others = entry === undefined ? entryIndicators.length : conditionsIn(entry).length;
  const rule = checkRule(findings, exit, "exit", timeframe, { isExit: true, others });
  checkContradictions(findings, rule, "LEVEL", "combine them by any");
  return canonicalRule(rule);
}

/** The entry's fields in canonical form; undefined where something was refused. */
export function canonicalEntry({ rule, entryLogic, isTree }: CheckedEntry): CanonicalEntry {
  const whole = canonicalRule(rule);
  return isTree ? { entryIndicators: [], entry: whole } : { entryIndicators: whole && conditionsIn(whole), entryLogic };
}

function canonicalRule(rule: CheckedRule): Rule | undefined {
  const found = withConditions(rule, (checked) =>
    checked?.timeframe === undefined ? undefined : canonical(checked, checked.timeframe),
  );
  return isWhole(found) ? found : undefined;
}

interface CanonicalEntry {
  readonly entryIndicators: readonly Condition[] | undefined;
  readonly entryLogic?: EntryLogic | undefined;
  readonly entry?: Rule | undefined;
}

function isWhole<C>(rule: RuleOf<C | undefined>): rule is RuleOf<C> {
  const conditions = conditionsIn(rule);
  return conditions.length > 0 && !conditions.includes(undefined);
}
