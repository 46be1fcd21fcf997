import type { ReadFault } from "../../domain/errors.ts";
import { COMBINATIONS, type Combination, type RuleOf } from "../../domain/rule.ts";
import type { Condition, ConditionDraft, Rule, RuleDraft } from "../../domain/strategy.ts";

/** As the contract's JSON has conditions and rules; a table holds them so. */
export function conditionJson(condition: Condition): Readonly<Record<string, unknown>> {
  const { name, operator, operand, timeframe, forBars, withinBars } = condition;
  return {
    name,
    operator,
    ...(typeof operand === "number" ? { value: operand } : { indicator: operand }),
    timeframe,
    ...(forBars !== undefined && { for_bars: forBars }),
    ...(withinBars !== undefined && { within_bars: withinBars }),
  };
}

export function ruleJson(rule: Rule): Readonly<Record<string, unknown>> {
  const tag = rule.tag === undefined ? undefined : { tag: rule.tag };
  return rule.kind === "condition"
    ? { condition: conditionJson(rule.condition), ...tag }
    : { [rule.kind]: { rules: rule.rules.map(ruleJson) }, ...tag };
}

/** Takes what is wrong with a value, by its path. */
type Refuse = (field: string, description: string) => void;

const CONDITION_KEYS: ReadonlySet<string> = new Set(["name", "operator", "value", "indicator", "timeframe"]);
/** Keys of whole numbers; 0 is as none. What is no number goes with the keys of other names. */
const WINDOW_KEYS = ["for_bars", "within_bars"];

/**
 * A condition that others may have written. Keys of other names go with the draft: validation knows
 * which of them mean something elsewhere.
 */
export function conditionOf(one: unknown, path: string, refuse: Refuse): ConditionDraft {
  if (!isObject(one)) {
    refuse(path, `is ${shown(one)}, must be an object`);
    return { name: "", operator: "", timeframe: "" };
  }
  const text = (key: string) => textOf(one[key], `${path}.${key}`, refuse);
  const indicator = text("indicator");
  const value = one.value ?? undefined;
  if (value !== undefined && typeof value !== "number") {
    const named = typeof value === "string" ? "; another indicator stands in indicator" : "";
    refuse(`${path}.value`, `is ${shown(value)}, must be a number${named}`);
  }
  const isWindow = (key: string) => WINDOW_KEYS.includes(key) && typeof one[key] === "number";
  const window = (key: string) => (isWindow(key) && one[key] !== 0 ? (one[key] as number) : undefined);
  const [forBars, withinBars] = WINDOW_KEYS.map(window);
  const others = Object.entries(one).filter(([key]) => !CONDITION_KEYS.has(key) && !isWindow(key));
  return {
    name: text("name") ?? "",
    operator: text("operator") ?? "",
    ...(typeof value === "number" && { value }),
    ...(indicator !== undefined && { indicator }),
    timeframe: text("timeframe") ?? "",
    ...(forBars !== undefined && { forBars }),
    ...(withinBars !== undefined && { withinBars }),
    ...(others.length > 0 && { others: Object.fromEntries(others) }),
  };
}

/** So many parts are read, and so deep within one another: more than any rule may have. */
const MOST_PARTS = 1_000;
const DEEPEST = 16;

/** A rule that others may have written; what is wrong with its form goes to `faults`. */
export function ruleOf(json: unknown, path: string, faults: ReadFault[]): RuleDraft {
  return new RuleReader(faults).read(json, path, 0);
}

class RuleReader {
  readonly #faults: ReadFault[];
  readonly #refuse: Refuse;
  #parts = 0;

  constructor(faults: ReadFault[]) {
    this.#faults = faults;
    this.#refuse = (field, description) => this.#faults.push({ field, description, lost: true });
  }

  read(json: unknown, path: string, depth: number): RuleDraft {
    this.#parts++;
    if (this.#parts > MOST_PARTS || depth > DEEPEST) {
      return this.#nothing(path, "has more parts, or deeper ones, than a rule may have");
    }
    if (!isObject(json)) {
      return this.#nothing(path, `is ${shown(json)}, must be an object with condition, all, any or none`);
    }
    const tag = textOf(json.tag, `${path}.tag`, this.#refuse);
    const given = Object.keys(json).filter((key) => json[key] !== null && key !== "tag" && !key.startsWith("_"));
    const unknown = given.filter((key) => key !== "condition" && !isCombination(key));
    const [kind, ...more] = given.filter((key) => !unknown.includes(key));
    if (unknown.length > 0 || more.length > 0) {
      const has = given.map((key) => JSON.stringify(key).slice(0, 40)).join(", ");
      return this.#nothing(path, `has ${has}, must have one of condition, all, any and none, and may have a tag`);
    }
    const tagged = tag === undefined || tag === "" ? undefined : { tag };
    if (kind === undefined || !isCombination(kind)) {
      const condition = kind && conditionOf(json[kind], `${path}.${kind}`, this.#refuse);
      return { kind: "condition", condition: condition || undefined, ...tagged };
    }
    return { kind, rules: this.#rules(json[kind], `${path}.${kind}`, depth), ...tagged };
  }

  #rules(json: unknown, path: string, depth: number): readonly RuleDraft[] {
    const rules = isObject(json) ? json.rules : undefined;
    if (!Array.isArray(rules)) {
      this.#refuse(path, `is ${shown(json)}, must be an object with rules: {"rules": [{"condition": …}]}`);
      return [];
    }
    // One part too many is enough to refuse the rule.
    const left = Math.max(0, MOST_PARTS + 1 - this.#parts);
    return rules.slice(0, left).map((part: unknown, i) => this.read(part, `${path}.rules[${i}]`, depth + 1));
  }

  #nothing(path: string, description: string): RuleOf<undefined> {
    this.#refuse(path, description);
    return { kind: "condition", condition: undefined };
  }
}

function isCombination(key: string): key is Combination {
  return COMBINATIONS.some((each) => each === key);
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function textOf(value: unknown, path: string, refuse: Refuse): string | undefined {
  if (value === undefined || value === null || typeof value === "string") {
    return value ?? undefined;
  }
  refuse(path, `is ${shown(value)}, must be a text`);
  return undefined;
}

export function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 100) ?? "absent";
}
