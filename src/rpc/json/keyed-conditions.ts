import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { ConditionSchema } from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import { kindOf } from "../../engine/validation/other-keys.ts";
import type { Listed } from "./groups.ts";
import { guessedName } from "./guesses.ts";
import type { Place } from "./place.ts";
import { shapeOf } from "./shape.ts";
import { isObject } from "./shown.ts";

/** No strategy has more conditions. */
const MOST_KEYS = 32;

/**
 * A condition that stands under its indicator: `{"RSI": {"operator": "<", "value": 30}}` or
 * `{"RSI": "< 30"}`.
 */
export function underIndicator(json: JsonValue, { budget }: Pick<Place, "budget">): JsonObject | undefined {
  const [entry, ...others] = isObject(json) ? Object.entries(json).slice(0, 2) : [];
  return entry === undefined || others.length > 0 ? undefined : conditionUnder(...entry, budget);
}

/** Conditions that all stand under their indicators, in one object. */
export function keyedConditions(json: JsonValue, { budget }: Pick<Place, "budget">): Listed | undefined {
  const entries = isObject(json) ? Object.entries(json) : [];
  if (entries.length === 0 || entries.length > MOST_KEYS) {
    return undefined;
  }
  const items: JsonValue[] = [];
  for (const [key, value] of entries) {
    const condition = conditionUnder(key, value, budget);
    if (condition === undefined) {
      return undefined;
    }
    items.push(condition);
  }
  const first = `{"name": ${JSON.stringify(entries[0]?.[0])}, …}`;
  const list = items.length === 1 ? `[${first}]` : `[${first}, …]`;
  return { items, advice: `has conditions under their indicators, must be a list: write ${list}` };
}

function conditionUnder(key: string, value: JsonValue, budget: Place["budget"]): JsonObject | undefined {
  const [operator, operand, ...more] =
    typeof value === "string" && value.length <= 100 ? value.trim().split(/\s+/) : [];
  const isText = operator !== undefined && operand !== undefined && more.length === 0;
  const isKey = shapeOf(ConditionSchema).byKey.has(key) || kindOf(key, value) !== undefined;
  if (isKey || !(isText || isObject(value)) || guessedName(key, [], budget) === undefined) {
    return undefined;
  }
  if (isObject(value)) {
    return { name: key, ...value };
  }
  const number = Number(operand);
  return {
    name: key,
    operator: operator ?? "",
    ...(Number.isNaN(number) ? { indicator: operand ?? "" } : { value: number }),
  };
}
