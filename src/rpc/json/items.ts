import type { DescField, JsonValue } from "@bufbuild/protobuf";
import { ConditionSchema } from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import { LEAST_INSIDE } from "../intake/count-plan.ts";
import { mostEntries } from "../intake/most-entries.ts";
import { conditionsIn } from "./condition-text.ts";
import { isGroup, LOGIC, MANY_GROUPS, onlyGroup } from "./groups.ts";
import { keyedConditions } from "./keyed-conditions.ts";
import type { Place } from "./place.ts";
import { isObject, shown, unquoted, written } from "./shown.ts";

/** Most texts that are made of one that parts them by commas. */
const MOST_PARTS = 100;

/** The items of a list, or of what was written in its place; none where they could not be read. */
export function itemsOf(field: DescField, given: JsonValue, path: string, place: Place): readonly JsonValue[] {
  const { notes } = place;
  const all = unquoted(notes, path, given, place.budget);
  const isConditions = field.message?.typeName === ConditionSchema.typeName;
  const group = isConditions ? (onlyGroup(all) ?? keyedConditions(all, place)) : undefined;
  if (group !== undefined) {
    notes.mended(path, group.advice);
  }
  const json = group?.items ?? all;
  if (Array.isArray(json)) {
    const most = mostEntries(field);
    if (json.length <= Math.max(most, LEAST_INSIDE)) {
      return json;
    }
    notes.lost(path, `has ${json.length} entries, must have at most ${most}`);
    return [];
  }
  const conditions = isConditions && typeof json === "string" ? conditionsIn(json) : undefined;
  if (conditions !== undefined) {
    notes.mended(path, `is a text, must be a list of conditions: write each as an object, ${LOGIC}`);
    return conditions;
  }
  if (field.message === undefined && typeof json === "string") {
    const parts = json.split(",", MOST_PARTS).map((part) => part.trim());
    notes.mended(path, `is ${shown(json)}, must be a list: write [${parts.map(written).join(", ")}]`);
    return parts;
  }
  if (isConditions && isGroup(json)) {
    notes.lost(path, MANY_GROUPS);
    return [];
  }
  if (field.message !== undefined && isObject(json)) {
    notes.mended(path, "is an object, must be a list: write it in brackets, as [{…}]");
    return [json];
  }
  notes.lost(path, `is ${shown(json)}, must be a list`);
  return [];
}
