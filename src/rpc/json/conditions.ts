import type { DescMessage, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { isArithmetic, isParameter, kindOf, notRead } from "../../engine/validation/other-keys.ts";
import { partsOf, partsText } from "./condition-text.ts";
import { guessedName } from "./guesses.ts";
import { underIndicator } from "./keyed-conditions.ts";
import type { Notes } from "./notes.ts";
import type { Place } from "./place.ts";
import { isObject, pathOf, shown, written } from "./shown.ts";
import { readStrays, type Values } from "./strays.ts";

/** No indicator has more. */
const MOST_PARAMETERS = 8;

/**
 * A condition that was written as "RSI < 30", ["RSI", "<", 30] or {"RSI": "< 30"}; what came, where
 * it is none.
 */
export function conditionOf(place: Place, json: JsonValue): JsonValue {
  const { notes, path } = place;
  const under = underIndicator(json, place);
  if (under !== undefined) {
    const write = `write "name": ${written(under.name)} in the condition itself`;
    notes.mended(path, `stands under its indicator: ${write}`);
    return under;
  }
  const parts = partsOf(json);
  if (parts !== undefined) {
    notes.mended(path, `is ${shown(json)}, must be an object: write {${partsText(parts)}}`);
    return { name: parts.name, operator: parts.operator, ...parts.right };
  }
  return isObject(json) ? (inOneText(notes, path, json) ?? json) : json;
}

/** A condition that stands as a text under some key, with nothing but a timeframe beside it. */
function inOneText(notes: Notes, path: string, json: JsonObject): JsonObject | undefined {
  const { timeframe, ...others } = json;
  const [text, ...more] = Object.values(others);
  const parts = typeof text === "string" && more.length === 0 ? partsOf(text) : undefined;
  if (parts === undefined) {
    return undefined;
  }
  notes.mended(path, `has all in one text, must have its parts: write ${partsText(parts)}`);
  const { name, operator, right } = parts;
  return { name, operator, ...right, ...(timeframe !== undefined && { timeframe }) };
}

/**
 * As `readStrays`, where the indicator or its parameters stand in keys that mean something else
 * here, or nothing.
 */
export function readConditionStrays(
  desc: DescMessage,
  json: JsonObject,
  strays: readonly string[],
  values: Values,
  place: Place,
): void {
  const { parameters = [], others = [] } = Object.groupBy(strays, (key) =>
    isParameter(key, json[key]) ? "parameters" : "others",
  );
  mendLeft(desc, json, others, values, place);
  readStrays(desc, json, others, values, place);
  mendName(desc, values, place);
  mendObjects(desc, values, place);
  const given = parameters.slice(0, MOST_PARAMETERS).map((key) => [key, json[key]] as const);
  mendParameters(desc, given, values, place);
}

/**
 * "indicator" is the right side. Where another key says what is on the right, and there is no name,
 * the left side is meant.
 */
function mendLeft(
  desc: DescMessage,
  json: JsonObject,
  others: readonly string[],
  values: Values,
  { notes, path }: Place,
): void {
  const { name, value, indicator } = desc.field;
  const left = indicator && values.get(indicator);
  const right = others.find((key) => kindOf(key, json[key]) === "operand");
  if (!name || !value || !indicator || right === undefined || !isThere(left) || left === undefined) {
    return;
  }
  if (
    isThere(values.get(name)) ||
    isThere(values.get(value)) ||
    others.some((key) => kindOf(key, json[key]) === "name")
  ) {
    return;
  }
  const write = `"name": ${written(left)}`;
  notes.mended(pathOf(path, indicator.name), `is the right side, and ${right} is one, too: call it name, as ${write}`);
  values.delete(indicator);
  values.set(name, left);
}

/** An indicator that was written as an object: `{"type": "RSI", "period": 21}` is RSI_21. */
function mendObjects(desc: DescMessage, values: Values, { notes, path, budget }: Place): void {
  const { name, value, indicator } = desc.field;
  for (const field of [name, indicator]) {
    const meant = field && indicatorIn(values.get(field), budget);
    if (field && meant !== undefined) {
      notes.mended(pathOf(path, field.name), `is an object, must be a text: write ${written(meant)}`);
      values.set(field, meant);
    }
  }
  const right = value && indicatorIn(values.get(value), budget);
  if (value && indicator && right !== undefined && !isThere(values.get(indicator))) {
    const write = `"${indicator.name}": ${written(right)}`;
    notes.mended(pathOf(path, value.name), `is an object, must be a number: use ${indicator.name}, as ${write}`);
    values.delete(value);
    values.set(indicator, right);
  }
}

/** Keys by which other programs name an indicator. */
const NAMES: ReadonlySet<string> = new Set(["name", "indicator", "type", "kind", "id"]);

function indicatorIn(json: JsonValue | undefined, budget: Place["budget"]): string | undefined {
  if (!isObject(json)) {
    return undefined;
  }
  const entries = Object.entries(json).slice(0, MOST_PARAMETERS + 2);
  const [named, ...others] = entries.filter(([key]) => NAMES.has(key.toLowerCase()));
  const text = named?.[1];
  const rest = entries.filter((entry) => entry !== named);
  if (typeof text !== "string" || others.length > 0 || !rest.every(([key, value]) => isParameter(key, value))) {
    return undefined;
  }
  return rest.length === 0 ? text : guessedName(text, rest, budget);
}

/**
 * "indicator" is the right side. Where it stands beside a value and there is no name, the left side
 * is meant.
 */
function mendName(desc: DescMessage, values: Values, { notes, path }: Place): void {
  const { name, value, indicator } = desc.field;
  const left = indicator && values.get(indicator);
  if (
    !name ||
    !value ||
    !indicator ||
    !(typeof left === "string" || isObject(left)) ||
    isThere(values.get(name)) ||
    !isThere(values.get(value))
  ) {
    return;
  }
  notes.mended(
    pathOf(path, indicator.name),
    `is the right side, and value is one, too: call it name, as "name": ${written(left)}`,
  );
  values.delete(indicator);
  values.set(name, left);
}

/** { "name": "RSI", "params": { "length": 21 } } is RSI_21. */
function mendParameters(
  desc: DescMessage,
  parameters: readonly (readonly [string, JsonValue | undefined])[],
  values: Values,
  { notes, path, budget }: Place,
): void {
  const { name } = desc.field;
  const given = name && values.get(name);
  const meant = typeof given === "string" && parameters.length > 0 ? guessedName(given, parameters, budget) : undefined;
  for (const [key] of parameters) {
    const advice =
      meant === undefined ? "write them there, such as RSI_21" : `leave it out, and write "name": ${written(meant)}`;
    const isFactor = meant === undefined && isArithmetic(key);
    notes.mended(
      pathOf(path, key),
      isFactor ? `is unknown, ${notRead("arithmetic")}` : `is unknown, for parameters are part of the name: ${advice}`,
    );
  }
  if (name && meant !== undefined) {
    values.set(name, meant);
  }
}

function isThere(json: JsonValue | undefined): boolean {
  return json !== undefined && json !== null;
}
