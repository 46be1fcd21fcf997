export const COMBINATIONS = ["all", "any", "none"] as const;
/** How many parts of a rule must hold for the rule to hold: all, at least one, or none of them. */
export type Combination = (typeof COMBINATIONS)[number];

/** A condition, or rules combined (R59). A decision lists the tags of the parts that hold. */
export type RuleOf<C> =
  | { readonly kind: "condition"; readonly condition: C; readonly tag?: string }
  | { readonly kind: Combination; readonly rules: readonly RuleOf<C>[]; readonly tag?: string };

/** All conditions of a rule, in the order of the tree. */
export function conditionsIn<C>(rule: RuleOf<C>): readonly C[] {
  return rule.kind === "condition" ? [rule.condition] : rule.rules.flatMap(conditionsIn);
}

/** The same rule with other conditions in the same places. */
export function withConditions<C, D>(rule: RuleOf<C>, change: (condition: C) => D): RuleOf<D> {
  const tag = rule.tag === undefined ? undefined : { tag: rule.tag };
  return rule.kind === "condition"
    ? { kind: rule.kind, condition: change(rule.condition), ...tag }
    : { kind: rule.kind, rules: rule.rules.map((part) => withConditions(part, change)), ...tag };
}
