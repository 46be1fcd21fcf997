import { type DescField, type DescMessage, type JsonObject, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { ConditionSchema, StrategyConfigSchema } from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import { nearestWithin } from "../../engine/validation/nearest.ts";
import { quoted } from "../../engine/validation/texts.ts";
import type { Place } from "./place.ts";
import { numberIn } from "./scalars.ts";
import { shapeOf } from "./shape.ts";
import { isObject, pathOf, shown, written } from "./shown.ts";
import { inSeconds, unitOf } from "./times.ts";
import { isLabel, meaningOf, plainKey } from "./words.ts";

/** What stands under each field of a message, unread. */
export type Values = Map<DescField, JsonValue>;

const NUMBER = ScalarType.DOUBLE;
const TEXT = ScalarType.STRING;

/** Unknown keys of one message that are looked up: whoever has more is helped by these first. */
const MOST_STRAYS = 40;

/**
 * Notes keys that a message does not have, each with what to do. Where one field is meant that is
 * not given by its own name, its value is read as that field's, so that what is wrong with the
 * value is told at once.
 */
export function readStrays(
  desc: DescMessage,
  json: JsonObject,
  strays: readonly string[],
  values: Values,
  place: Place,
): void {
  let toldKeys = false;
  for (const key of strays.slice(0, MOST_STRAYS)) {
    const path = pathOf(place.path, key);
    const value = json[key] ?? null;
    if (isObject(value) && isSection(desc, key, value)) {
      place.notes.mended(path, "is unknown: move its keys out of it, one level up");
      readSection(desc, value, values, { ...place, path });
      continue;
    }
    const advice =
      renamed(desc, key, value, values) ??
      elsewhere(desc, key, value, values, place) ??
      misspelt(desc, key, value, values, place);
    if (advice !== undefined) {
      place.notes.mended(path, advice);
    } else {
      const { names } = shapeOf(desc);
      const keys = toldKeys ? "" : ` (${names === "" ? "nothing is known here" : `known here: ${names}`})`;
      place.notes.mended(path, `is unknown${keys}: leave it out`);
      toldKeys = true;
    }
  }
  const next = strays[MOST_STRAYS];
  if (next !== undefined) {
    const behind = strays.length - MOST_STRAYS - 1;
    place.notes.mended(pathOf(place.path, next), `is unknown, with ${behind} keys behind it: leave them out`);
  }
}

/**
 * Whether an object holds fields of the strategy, as `{"risk": {"stop_loss_pct": 0.02}}` does,
 * rather than being one.
 */
function isSection(desc: DescMessage, key: string, value: JsonObject): boolean {
  if (desc.typeName !== StrategyConfigSchema.typeName || isLabel(desc.typeName, plainKey(key))) {
    return false;
  }
  if (shapeOf(desc).children.some(({ message }) => message && shapeOf(message).byKey.has(key))) {
    return false;
  }
  const inside = Object.keys(value).slice(0, MOST_STRAYS);
  const isNew = meaningOf(desc.typeName, key, value) === undefined;
  return inside.some(
    (name) =>
      shapeOf(desc).byPlainKey.has(plainKey(name)) ||
      (isNew && shapeOf(desc).byName.has(meaningOf(desc.typeName, name, null)?.field ?? "")),
  );
}

/** Reads what stands in a section as if it stood beside it. */
function readSection(desc: DescMessage, section: JsonObject, values: Values, place: Place): void {
  const { byKey } = shapeOf(desc);
  const strays: string[] = [];
  for (const key of Object.keys(section)) {
    const field = byKey.get(key);
    if (field === undefined) {
      strays.push(key);
    } else if (values.has(field)) {
      place.notes.mended(pathOf(place.path, key), `is there already, as ${field.name}: leave it out`);
    } else {
      values.set(field, section[key] ?? null);
    }
  }
  readStrays(desc, section, strays, values, place);
}

/** A key that is another word for one of the message's own fields. */
function renamed(desc: DescMessage, key: string, value: JsonValue, values: Values): string | undefined {
  const shape = shapeOf(desc);
  const plain = plainKey(key);
  const meaning = meaningOf(desc.typeName, key, value);
  const known = meaning && shape.byName.get(meaning.field);
  if (meaning?.otherwise !== undefined && known === undefined) {
    return meaning.otherwise;
  }
  if (isLabel(desc.typeName, plain)) {
    return isObject(value)
      ? taken("labels", values, shape.byName.get("labels"), value)
      : `is unknown: move it into labels, as "labels": {${written(key)}: ${written(labelOf(value))}}`;
  }
  const inUnits = durationOf(shape.byPlainKey, plain, value);
  if (inUnits !== undefined) {
    const advice = taken(inUnits.field.name, values, inUnits.field, inUnits.text);
    return `${advice}, and write ${written(inUnits.text)}`;
  }
  const same = shape.byPlainKey.get(plain) ?? known ?? byShape(desc, plain, value, values);
  return same && taken(same.name, values, same, value);
}

/**
 * The field that a value fits: of the oneof that the key names, or the one message whose keys the
 * value has.
 */
function byShape(desc: DescMessage, plain: string, value: JsonValue, values: Values): DescField | undefined {
  const oneof = desc.oneofs.find(({ name }) => plainKey(name) === plain);
  if (oneof !== undefined) {
    return oneof.fields.find(({ message, scalar }) =>
      isObject(value) ? message !== undefined : scalar === (typeof value === "number" ? NUMBER : TEXT),
    );
  }
  const [item] = Array.isArray(value) ? value : [value];
  if (!isObject(item)) {
    return undefined;
  }
  const keys = Object.keys(item).slice(0, MOST_STRAYS);
  return desc.fields.find(
    (field) =>
      !values.has(field) &&
      (field.fieldKind === "list" || !Array.isArray(value)) &&
      keys.some((key) => field.message !== undefined && shapeOf(field.message).byKey.has(key)),
  );
}

function misspelt(
  desc: DescMessage,
  key: string,
  value: JsonValue,
  values: Values,
  { budget }: Place,
): string | undefined {
  if (budget.guesses === 0) {
    return undefined;
  }
  budget.guesses--;
  const { byPlainKey, plainKeys } = shapeOf(desc);
  const plain = plainKey(key);
  const near = byPlainKey.get(nearestWithin(plain, plainKeys) ?? "") ?? byPart(desc, plain, value, values);
  return near && taken(near.name, values, near, value);
}

/** Shortest part of a name that a field is known by: "id". */
const SHORTEST_PART = 2;

/**
 * The one field of a request whose name has the key in it, or the only field that there is, where
 * nothing stands there.
 */
function byPart(desc: DescMessage, plain: string, value: JsonValue, values: Values): DescField | undefined {
  if (desc.typeName === StrategyConfigSchema.typeName || desc.typeName === ConditionSchema.typeName) {
    return undefined;
  }
  const parts = desc.fields.filter(({ name }) => plain.length >= SHORTEST_PART && plainKey(name).includes(plain));
  const [field, ...others] = parts.length > 0 ? parts : desc.fields;
  return field !== undefined && others.length === 0 && !values.has(field) && fits(field, value) ? field : undefined;
}

function fits({ fieldKind, message }: DescField, value: JsonValue): boolean {
  const isList = Array.isArray(value);
  return fieldKind === "list"
    ? isList || typeof value === "string"
    : !isList && isObject(value) === (message !== undefined);
}

/** Says by what name a value goes, and reads it as that field's where nothing stands there. */
function taken(name: string, values: Values, field: DescField | undefined, value: JsonValue): string {
  if (field !== undefined && values.has(field)) {
    return `is unknown, and ${name} is there already: leave it out`;
  }
  if (field !== undefined) {
    values.set(field, value);
  }
  return `is unknown: call it ${name}`;
}

/** "cooldown_minutes": 5 */
function durationOf(fields: ReadonlyMap<string, DescField>, plain: string, json: JsonValue) {
  const value = typeof json === "string" ? numberIn(json) : json;
  if (typeof value !== "number" || !(Math.abs(value) < 1e9)) {
    return undefined;
  }
  for (const [name, field] of fields) {
    const unit = plain.startsWith(name) ? unitOf(plain.slice(name.length)) : undefined;
    if (unit !== undefined && field.message?.typeName === "google.protobuf.Duration") {
      return { field, text: inSeconds(value * unit) };
    }
  }
  return undefined;
}

/** A key of a message inside this one, or of the one around it. */
function elsewhere(desc: DescMessage, key: string, value: JsonValue, values: Values, place: Place): string | undefined {
  const child = shapeOf(desc).children.find((field) => belongsTo(field.message, key, value));
  if (child !== undefined) {
    const inside = values.get(child) ?? {};
    const name = nameIn(child.message, key, value);
    if (isObject(inside)) {
      inside[name] ??= value;
      values.set(child, inside);
    }
    return `is unknown here: move it into ${child.name}, as ${written(child.name)}: {${written(name)}: ${briefly(value)}}`;
  }
  const outer = place.around.at(-1);
  return belongsTo(outer, key, value) ? `is unknown here: move it out, beside the ${nameOf(desc)}` : undefined;
}

/** By what name the message has it. */
function nameIn(desc: DescMessage | undefined, key: string, value: JsonValue): string {
  if (desc === undefined || shapeOf(desc).byKey.has(key)) {
    return key;
  }
  return meaningOf(desc.typeName, key, value)?.field || key;
}

function belongsTo(desc: DescMessage | undefined, key: string, value: JsonValue): boolean {
  return desc !== undefined && (shapeOf(desc).byKey.has(key) || meaningOf(desc.typeName, key, value) !== undefined);
}

function nameOf({ name }: DescMessage): string {
  return name === "StrategyConfig" ? "strategy" : name.toLowerCase();
}

function labelOf(value: JsonValue): JsonValue {
  return Array.isArray(value)
    ? value
        .slice(0, 20)
        .filter((item) => typeof item !== "object")
        .join(", ")
    : isObject(value)
      ? "…"
      : String(value);
}

function briefly(value: JsonValue): string {
  return typeof value === "object"
    ? "…"
    : typeof value === "string"
      ? quoted(value)
      : shown(value).replace(/^the number /, "");
}
