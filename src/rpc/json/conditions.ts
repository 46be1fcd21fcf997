import type { DescMessage, JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { Notes } from "./notes.ts";
import type { Place } from "./place.ts";
import { isObject, pathOf, shown, written } from "./shown.ts";
import { readStrays, type Values } from "./strays.ts";
import { plainKey } from "./words.ts";

/** Keys in which other schemas keep an indicator's parameters. */
const PARAMETERS: ReadonlySet<string> = new Set(
  "params parameters parameter args arguments settings options length period periods window lookback".split(" "),
);

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
  const key = strays.find((each) => PARAMETERS.has(plainKey(each)) && numbersIn(json[each]) !== undefined);
  readStrays(
    desc,
    json,
    strays.filter((each) => each !== key),
    values,
    place,
  );
  mendName(desc, values, place);
  if (key !== undefined) {
    mendParameters(desc, key, numbersIn(json[key]) ?? [], values, place);
  }
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
  key: string,
  parameters: readonly number[],
  values: Values,
  { notes, path }: Place,
): void {
  const { name } = desc.field;
  const given = name && values.get(name);
  const isBare = typeof given === "string" && !/\d$/.test(given);
  const meant = isBare ? [given, ...parameters].join("_") : ["NAME", ...parameters].join("_");
  const told = isBare ? `, and write "name": ${written(meant)}` : `, such as ${meant}`;
  notes.mended(pathOf(path, key), `is unknown, for parameters are part of the name: leave it out${told}`);
  if (name && isBare) {
    values.set(name, meant);
  }
}

function isThere(json: JsonValue | undefined): boolean {
  return json !== undefined && json !== null;
}

/** The numbers of a parameter object, of a list, or of one by itself. */
function numbersIn(json: JsonValue | undefined): readonly number[] | undefined {
  const values = Array.isArray(json) ? json : isObject(json) ? Object.values(json) : [json];
  const numbers = values.filter((value) => typeof value === "number");
  return numbers.length === values.length && numbers.length > 0 && numbers.length <= 4 ? numbers : undefined;
}
