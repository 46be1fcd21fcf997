import { Engine, type NestedCondition, type RuleResult } from "json-rules-engine";
import { FEATURE_NAMES, type Rule } from "../samples/rulebook.ts";
import type { Found } from "./found.ts";

const OPERATORS = {
  "<": "lessThan",
  "<=": "lessThanInclusive",
  ">": "greaterThan",
  ">=": "greaterThanInclusive",
} as const;

/** One engine with a rule a strategy, run once a symbol. */
export function jsonRules(rules: readonly Rule[], values: readonly Float64Array[]): () => Promise<Found> {
  const engine = new Engine(rules.map(toRule), { allowUndefinedFacts: true });
  const facts = values.map((ofSymbol) =>
    Object.fromEntries(FEATURE_NAMES.flatMap((name, i) => (Number.isNaN(ofSymbol[i]) ? [] : [[name, ofSymbol[i]]]))),
  );
  return async () => {
    const found = { met: 0, unmet: 0, unknown: 0 };
    for (const ofSymbol of facts) {
      const { results, failureResults } = await engine.run(ofSymbol);
      found.met += results.length;
      for (const failed of failureResults) {
        found[isUnknown(failed) ? "unknown" : "unmet"]++;
      }
    }
    return found;
  };
}

function toRule({
  logic,
  conditions,
  compiled,
}: Rule): ConstructorParameters<typeof Engine>[0] extends (infer P)[] | undefined ? P : never {
  const nested: NestedCondition[] = conditions.map(({ feature, operator, threshold }) => ({
    fact: FEATURE_NAMES[feature] ?? "",
    operator: OPERATORS[operator],
    value: threshold,
  }));
  return {
    conditions: logic === "ALL" ? { all: nested } : { any: nested },
    event: { type: compiled.strategy.strategyId },
  };
}

interface JudgedCondition {
  readonly result?: boolean;
  readonly factResult?: unknown;
}

/**
 * R15 for a rule that did not hold: it knows two values of truth, so an undefined fact counts as
 * not met there.
 */
function isUnknown({ conditions }: RuleResult): boolean {
  if ("all" in conditions) {
    const judged = conditions.all as readonly JudgedCondition[];
    return judged.every(({ result, factResult }) => result === true || factResult === undefined);
  }
  const judged = "any" in conditions ? (conditions.any as readonly JudgedCondition[]) : [];
  return judged.some(({ factResult }) => factResult === undefined);
}
