import type { DescMessage, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { isParameter, nameWith } from "../../engine/validation/other-keys.ts";
import type { Notes } from "./notes.ts";
import type { Place } from "./place.ts";
import { pathOf, shown, written } from "./shown.ts";
import { readStrays, type Values } from "./strays.ts";

/** No indicator has more. */
const MOST_PARAMETERS = 8;

/** A condition that was written as one text, such as "RSI < 30"; what came, where it is none. */
export function conditionOf(notes: Notes, path: string, json: JsonValue): JsonValue {
  if (typeof json !== "string" || json.length > 200) {
    return json;
  }
  const [, name, operator, operand] = /^\s*(\S+)\s+(\S+)\s+(\S+)\s*$/.exec(json) ?? [];
  if (name === undefined || operator === undefined || operand === undefined) {
    return json;
  }
  const number = /^-?\d+(\.\d+)?$/.test(operand) ? Number(operand) : undefined;
  const right = number === undefined ? { indicator: operand } : { value: number };
  const text = Object.entries({ name, operator, ...right })
    .map(([key, value]) => `"${key}": ${written(value)}`)
    .join(", ");
  notes.mended(path, `is ${shown(json)}, must be an object: write {${text}}`);
  return { name, operator, ...right };
}

/** As `readStrays`, where the indicator or its parameters stand in keys that mean something else here, or nothing. */
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
  readStrays(desc, json, others, values, place);
  mendName(desc, values, place);
  const told = parameters.slice(0, MOST_PARAMETERS).map((key) => [key, json[key]] as const);
  mendParameters(desc, told, values, place);
}

/** "indicator" is the right side. Where it stands beside a value and there is no name, the left side is meant. */
function mendName(desc: DescMessage, values: Values, { notes, path }: Place): void {
  const { name, value, indicator } = desc.field;
  const left = indicator && values.get(indicator);
  if (
    !name ||
    !value ||
    !indicator ||
    typeof left !== "string" ||
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
  { notes, path }: Place,
): void {
  const { name } = desc.field;
  const given = name && values.get(name);
  const meant = typeof given === "string" && parameters.length > 0 ? nameWith(given, parameters) : undefined;
  for (const [key] of parameters) {
    const told =
      meant === undefined ? "write them there, such as RSI_21" : `leave it out, and write "name": ${written(meant)}`;
    notes.mended(pathOf(path, key), `is unknown, for parameters are part of the name: ${told}`);
  }
  if (name && meant !== undefined) {
    values.set(name, meant);
  }
}

function isThere(json: JsonValue | undefined): boolean {
  return json !== undefined && json !== null;
}
