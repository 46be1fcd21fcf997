import type { DescField, DescMessage, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { ConditionSchema, RuleSchema } from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import type { Combination } from "../../domain/rule.ts";
import { kindOf } from "../../engine/validation/other-keys.ts";
import { conditionsIn, partsOf, partsText } from "./condition-text.ts";
import { isGroup } from "./groups.ts";
import { underIndicator } from "./keyed-conditions.ts";
import { byWord, type Meaning } from "./meaning.ts";
import type { Place } from "./place.ts";
import { shapeOf } from "./shape.ts";
import { isObject, pathOf, shown } from "./shown.ts";
import type { Values } from "./strays.ts";

const WHOLE = '{"condition": {…}}';

/** What other programs call the parts of rules. */
const RULE: readonly Meaning[] = [
  { field: "all", words: "and every must allof conjunction" },
  { field: "any", words: "or some should anyof either disjunction" },
  { field: "none", words: "not nor neither mustnot noneof exclude unless" },
  { field: "tag", words: "label title id description note comment reason" },
];
const RULE_LIST: readonly Meaning[] = [
  { field: "rules", words: "conditions children items criteria filters operands list group parts" },
];

const RULE_MEANINGS = byWord(RULE);
const LIST_MEANINGS = byWord(RULE_LIST);

/** What a key that is none of a rule's probably means. */
export function ruleMeaning(typeName: string, plain: string): Meaning | undefined {
  return (typeName === RuleSchema.typeName ? RULE_MEANINGS : LIST_MEANINGS).get(plain);
}

/**
 * A rule that was written as a condition by itself, as a text or a list, or as
 * `{"operator": "AND", "rules": […]}`; what came, where it is none of these.
 */
export function ruleOf({ notes, path, budget }: Place, json: JsonValue): JsonValue {
  if (Array.isArray(json)) {
    notes.mended(path, 'is a list, must be an object: write {"all": {"rules": […]}}');
    return { all: { rules: json } };
  }
  const parts = partsOf(json);
  if (parts !== undefined) {
    notes.mended(path, `is ${shown(json)}, must be an object: write {"condition": {${partsText(parts)}}}`);
    return { condition: { name: parts.name, operator: parts.operator, ...parts.right } };
  }
  if (typeof json === "string") {
    const combined = inOneText(json);
    if (combined !== undefined) {
      notes.mended(path, `is a text, must be an object: write {"${combined.kind}": {"rules": [${WHOLE}, …]}}`);
      return { [combined.kind]: { rules: combined.texts } };
    }
    return json;
  }
  if (!isObject(json) || Object.keys(json).some((key) => shapeOf(RuleSchema).byKey.has(key) && key !== "tag")) {
    return json;
  }
  const group = groupedBy(json);
  if (group !== undefined) {
    notes.mended(path, `says by ${group.key} how its parts combine: write {"${group.kind}": {"rules": […]}}`);
    return { [group.kind]: { rules: group.items } };
  }
  const { tag, ...condition } = json;
  if (isCondition(condition) || underIndicator(condition, { budget }) !== undefined) {
    notes.mended(path, `is a condition by itself: write it as ${WHOLE}`);
    return { condition, ...(tag !== undefined && { tag }) };
  }
  return json;
}

/** Rules that were written as a list, or one that was written where several may stand. */
export function ruleListOf({ notes, path, budget }: Place, json: JsonValue): JsonValue {
  if (Array.isArray(json)) {
    notes.mended(path, 'is a list, must be an object: write {"rules": […]}');
    return { rules: json };
  }
  const isOne = isObject(json)
    ? isCondition(json) || isRule(json) || underIndicator(json, { budget }) !== undefined
    : partsOf(json) !== undefined;
  if (isOne) {
    notes.mended(path, 'is one rule, must be an object with a list of them: write {"rules": [{…}]}');
    return { rules: [json] };
  }
  return json;
}

/** What to do with parts of a rule that stand beside one another; undefined of other messages. */
export function partsBeside(given: readonly DescField[]): string | undefined {
  if (given[0]?.parent.typeName !== RuleSchema.typeName) {
    return undefined;
  }
  const names = given.map(({ name }) => name);
  const parts = names.map((name) => `{"${name}": …}`).join(", ");
  return `has ${names.join(" and ")}, must have one of them: write {"all": {"rules": [${parts}]}} where all must hold`;
}

/** A list of conditions under "entry" is what entry_indicators is for. */
export function mendEntry({ field }: DescMessage, values: Values, { notes, path }: Place): void {
  const { entry, entryIndicators } = field;
  const given = entry && values.get(entry);
  if (entry && entryIndicators && isFlatList(given) && !values.has(entryIndicators)) {
    notes.mended(pathOf(path, entry.name), `is a list of conditions: call it ${entryIndicators.name}`);
    values.delete(entry);
    values.set(entryIndicators, given);
  }
}

/** Whether it is a list of conditions, none of which combines others. */
function isFlatList(json: JsonValue | undefined): json is JsonValue[] {
  return Array.isArray(json) && !json.some((item) => isGroup(item) || (isObject(item) && isRule(item)));
}

function isRule(json: JsonObject): boolean {
  const { byKey } = shapeOf(RuleSchema);
  return Object.keys(json)
    .slice(0, MOST_KEYS)
    .some((key) => byKey.has(key) && key !== "tag");
}

/** Most keys of an object that are looked at. */
const MOST_KEYS = 20;

/** Whether its keys are those of a condition, by whatever name. */
function isCondition(json: JsonObject): boolean {
  const keys = Object.keys(json).slice(0, MOST_KEYS);
  const { byKey } = shapeOf(ConditionSchema);
  const kinds = new Set(keys.map((key) => byKey.get(key)?.name ?? kindOf(key, json[key])));
  const isCompared = kinds.has("operator") || kinds.has("value") || kinds.has("operand");
  return isCompared && (kinds.has("name") || kinds.has("indicator") || kinds.has("operand"));
}

const COMBINED_BY: ReadonlyMap<string, Combination> = new Map([
  ["and", "all"],
  ["all", "all"],
  ["&&", "all"],
  ["or", "any"],
  ["any", "any"],
  ["||", "any"],
  ["not", "none"],
  ["none", "none"],
]);

/** `{"operator": "AND", "rules": […]}`, by whatever keys. */
function groupedBy(json: JsonObject): { kind: Combination; key: string; items: JsonValue[] } | undefined {
  const entries = Object.entries(json).slice(0, MOST_KEYS);
  const lists = entries.filter(([, value]) => Array.isArray(value));
  const words = entries.flatMap(([key, value]) => {
    const kind = typeof value === "string" ? COMBINED_BY.get(value.trim().toLowerCase()) : undefined;
    return kind === undefined ? [] : [{ key, kind }];
  });
  const [word, ...others] = words;
  const [items] = lists.map(([, value]) => value as JsonValue[]);
  return word === undefined || items === undefined || others.length > 0 || lists.length > 1
    ? undefined
    : { ...word, items };
}

/** "RSI < 30 AND CLOSE > EMA_20"; undefined where both words are in the text, which may be meant in two ways. */
function inOneText(text: string): { kind: Combination; texts: JsonValue[] } | undefined {
  const texts = conditionsIn(text);
  const isAny = /\sOR\s|\|\|/i.test(text);
  const isMixed = isAny && /\sAND\s|&&|,|;|\n/i.test(text);
  return texts === undefined || isMixed ? undefined : { kind: isAny ? "any" : "all", texts };
}
