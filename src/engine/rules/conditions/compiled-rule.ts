import { type Combination, conditionsIn, withConditions } from "../../../domain/rule.ts";
import type { Rule, StrategyConfig } from "../../../domain/strategy.ts";
import { type CompiledCondition, compileCondition } from "./compiled-condition.ts";
import { Interned } from "./interned.ts";

/** A part of a compiled rule. A condition stands for itself by its place among all of the rule. */
export type RulePart =
  | { readonly kind: "condition"; readonly place: number; readonly tag?: string }
  | { readonly kind: Combination; readonly parts: readonly RulePart[]; readonly tag?: string };

/** How the conditions of a rule combine. Rules that combine alike share one object. */
interface RuleShape {
  /** By condition, where it stands: "all[1].any[0]"; absent of a flat list, which has no paths. */
  readonly paths?: readonly string[];
  readonly root: RulePart;
}

/** A rule ready to be judged (R15, R59). */
export interface CompiledRule extends RuleShape {
  /** All conditions, in the order of the tree. */
  readonly conditions: readonly CompiledCondition[];
}

const SHAPES = new Interned<RuleShape>();

export function compileRule(rule: Rule): CompiledRule {
  const conditions = conditionsIn(rule).map(compileCondition);
  return { conditions, ...SHAPES.get(JSON.stringify(withConditions(rule, () => 0)), () => shapeOf(rule)) };
}

function shapeOf(rule: Rule): RuleShape {
  const paths: string[] = [];
  const partOf = (part: Rule, path: string): RulePart => {
    const tag = part.tag === undefined ? undefined : { tag: part.tag };
    if (part.kind === "condition") {
      return { kind: part.kind, place: paths.push(path) - 1, ...tag };
    }
    const prefix = path === "" ? part.kind : `${path}.${part.kind}`;
    return { kind: part.kind, parts: part.rules.map((each, i) => partOf(each, `${prefix}[${i}]`)), ...tag };
  };
  const root = partOf(rule, "");
  return { paths, root };
}

/** What a strategy enters by, in whichever form it is written. */
export function compileEntry({
  entryIndicators,
  entryLogic,
  entry,
}: Pick<StrategyConfig, "entryIndicators" | "entryLogic" | "entry">): CompiledRule {
  if (entry !== undefined) {
    return compileRule(entry);
  }
  const kind = entryLogic === "ANY" ? "any" : "all";
  const { length } = entryIndicators;
  const shape = SHAPES.get(`${kind} ${length}`, () => ({
    root: { kind, parts: Array.from({ length }, (_, place) => ({ kind: "condition", place })) },
  }));
  return { conditions: entryIndicators.map(compileCondition), ...shape };
}
