import type { RulePart } from "../conditions/compiled-rule.ts";

/** More conditions than these are no list to a sweep. */
export const LONGEST_LIST = 32;

/**
 * A rule in terms of sets: conditions, as they are or turned round, whose sets are intersected or
 * united. Parts of an intersection are conditions and unions, those of a union conditions and
 * intersections; conditions come first.
 */
export type SetRule =
  | { readonly kind: "condition"; readonly place: number; readonly isTurned: boolean }
  | { readonly kind: "and" | "or"; readonly parts: readonly SetRule[] };

const RULES = new WeakMap<RulePart, SetRule>();

/** The sets of a rule; strategies that combine their conditions alike share them. */
export function setRuleOf(root: RulePart): SetRule {
  const known = RULES.get(root);
  if (known !== undefined) {
    return known;
  }
  const made = setsOf(root, false);
  RULES.set(root, made);
  return made;
}

/**
 * The places of conditions where a rule is one list of them, none turned round; undefined of a tree.
 */
export function listedIn(rule: SetRule): readonly number[] | undefined {
  const places: number[] = [];
  for (const part of rule.kind === "condition" ? [rule] : rule.parts) {
    if (part.kind !== "condition" || part.isTurned || places.length === LONGEST_LIST) {
      return undefined;
    }
    places.push(part.place);
  }
  return places;
}

/**
 * The sets of a part, or of its opposite. The opposite of an intersection is the union of the
 * opposites, also where some are unknown (R15, R59), so that only conditions are ever turned round.
 */
function setsOf(part: RulePart, isTurned: boolean): SetRule {
  if (part.kind === "condition") {
    return { kind: part.kind, place: part.place, isTurned };
  }
  const turnsParts = part.kind === "none" ? !isTurned : isTurned;
  const kind = (part.kind === "any") === isTurned ? "and" : "or";
  return joined(
    kind,
    part.parts.map((each) => setsOf(each, turnsParts)),
  );
}

/** Parts of the same kind become parts of this one; one part alone stands for itself. */
function joined(kind: "and" | "or", parts: readonly SetRule[]): SetRule {
  const flat = parts.flatMap((part) => (part.kind === kind ? part.parts : [part]));
  const [only] = flat;
  if (flat.length === 1 && only !== undefined) {
    return only;
  }
  const isCondition = (part: SetRule) => part.kind === "condition";
  return { kind, parts: [...flat.filter(isCondition), ...flat.filter((part) => !isCondition(part))] };
}
