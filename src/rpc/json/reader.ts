import {
  type DescField,
  type DescMessage,
  type DescOneof,
  type JsonObject,
  type JsonValue,
  ScalarType,
} from "@bufbuild/protobuf";
import {
  ConditionSchema,
  RuleListSchema,
  RuleSchema,
  StrategyConfigSchema,
} from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import { quoted } from "../../engine/validation/texts.ts";
import { LEAST_INSIDE } from "../intake/count-plan.ts";
import { mostEntries } from "../intake/most-entries.ts";
import { conditionOf, readConditionStrays } from "./conditions.ts";
import { readEnum } from "./enums.ts";
import { isGroup, MANY_GROUPS } from "./groups.ts";
import { itemsOf } from "./items.ts";
import { LongEntries } from "./long-entries.ts";
import { Notes } from "./notes.ts";
import { swapOperands } from "./operands.ts";
import type { Apart, Place } from "./place.ts";
import { nullFault } from "./request-words.ts";
import { mendEntry, partsBeside, ruleListOf, ruleOf } from "./rules.ts";
import { HALF_PAIR, readOther, readScalar } from "./scalars.ts";
import { isWellKnown, nothingOf, shapeOf } from "./shape.ts";
import { isObject, pathOf, shown, unquoted, written } from "./shown.ts";
import { readStrays, type Values } from "./strays.ts";
import { readDuration, readTimestamp } from "./times.ts";
import { isOutputOnly } from "./words.ts";

const NUMBER = ScalarType.DOUBLE;
const TEXT = ScalarType.STRING;

/** As protobuf's own reader. */
const DEEPEST = 100;
const MOST_GUESSES = 2_000;
/** A request that was quoted as a whole has no more. */
const MOST_QUOTED = 50_000;
/** Longer lists of the request itself are read one by one. */
const LONG_LIST = 50;

/**
 * Reads a request's JSON against its descriptor, and notes everything that is wrong with it. What
 * it gives back is JSON that protobuf's own reader takes: values that could not be read are left
 * out, those with one probable meaning have it.
 *
 * Faults inside a strategy are kept apart, for a batch refuses that strategy alone.
 */
export class JsonReader {
  readonly notes = new Notes();
  /** By their steps, joined by "/". */
  readonly apart = new Map<string, Apart>();
  /** The entries of the request's long lists, which have yet to be read. */
  readonly long = new LongEntries();

  /** All but the entries of its long lists: `long.read` must follow. */
  request(desc: DescMessage, json: JsonObject): JsonObject {
    const budget = { guesses: MOST_GUESSES, quoted: MOST_QUOTED };
    return this.#message(desc, json, { notes: this.notes, path: "", steps: [], around: [], budget });
  }

  #message(desc: DescMessage, json: JsonObject, place: Place): JsonObject {
    const { notes, path } = place;
    if (place.around.length >= DEEPEST) {
      notes.lost(path, `nests deeper than ${DEEPEST} messages`);
      return {};
    }
    const values: Values = new Map();
    const strays: string[] = [];
    const { byKey } = shapeOf(desc);
    const keys = new Map<DescField, string>();
    for (const key of Object.keys(json)) {
      const field = byKey.get(key);
      const before = field && keys.get(field);
      if (field === undefined) {
        strays.push(key);
      } else if (before !== undefined) {
        notes.mended(fieldPath(path, field), `is given as ${quoted(before)} and as ${quoted(key)}: keep one of them`);
      } else {
        keys.set(field, key);
        values.set(field, json[key] ?? null);
      }
    }
    if (desc.typeName === StrategyConfigSchema.typeName) {
      mendEntry(desc, values, place);
    }
    const readUnknown = desc.typeName === ConditionSchema.typeName ? readConditionStrays : readStrays;
    readUnknown(desc, json, strays, values, place);
    for (const oneof of desc.oneofs) {
      this.#oneof(oneof, values, place);
    }
    const out: [string, JsonValue][] = [];
    for (const [field, value] of values) {
      const read = value === null ? this.#nothing(field, place) : this.#field(field, value, place);
      if (read !== undefined) {
        out.push([field.name, read]);
      }
    }
    return Object.fromEntries(out);
  }

  /** Of a oneof's fields that are there, one stays. */
  #oneof({ name, fields }: DescOneof, values: Values, { notes, path }: Place): void {
    const number = fields.find(({ fieldKind, scalar }) => fieldKind === "scalar" && scalar === NUMBER);
    const text = fields.find(({ fieldKind, scalar }) => fieldKind === "scalar" && scalar === TEXT);
    const given = fields.filter((field) => (values.get(field) ?? null) !== null);
    if (given.length > 1) {
      // 0 and "" are what programs write where they mean nothing.
      const kept = given.find((field) => values.get(field) !== 0 && values.get(field) !== "") ?? given[0];
      notes.mended(pathOf(path, name), partsBeside(given) ?? bothText(given, values));
      for (const field of given) {
        if (field !== kept) {
          values.delete(field);
        }
      }
    }
    if (number !== undefined && text !== undefined) {
      swapOperands(number, text, values, notes, path);
    }
  }

  #field(field: DescField, json: JsonValue, place: Place): JsonValue | undefined {
    const path = fieldPath(place.path, field);
    return isOutputOnly(field.parent.typeName, field.name)
      ? this.#ignored(field, json, place)
      : this.#read(field, json, path, place);
  }

  #read(field: DescField, json: JsonValue, path: string, place: Place): JsonValue | undefined {
    switch (field.fieldKind) {
      case "list":
        return this.#list(field, json, path, place);
      case "map":
        return field.mapKey === TEXT ? this.#map(field, json, path, place) : readOther(place.notes, path, field, json);
      default:
        return this.#value(field, json, path, place);
    }
  }

  /** Null stands for a field that is not given; in an order it may have been meant otherwise. */
  #nothing(field: DescField, { notes, path }: Place): undefined {
    const fault = nullFault(field.parent.typeName, field.name);
    if (fault !== undefined) {
      notes.lost(fieldPath(path, field), fault);
    }
  }

  /**
   * What the service sets by itself. Whatever stands there is not read, so that nobody needs to
   * mend it.
   */
  #ignored(field: DescField, json: JsonValue, place: Place): JsonValue | undefined {
    const notes = new Notes();
    const read = this.#read(field, json, fieldPath(place.path, field), { ...place, notes });
    if (notes.faults.length > 0) {
      place.notes.lost(fieldPath(place.path, field), `is ${shown(json)}, and the service sets it: leave it out`);
    }
    return notes.faults.length > 0 ? undefined : read;
  }

  /** A value by itself, or the one of a list or map that `index` names. */
  #value(
    field: DescField,
    json: JsonValue,
    path: string,
    place: Place,
    ...index: (string | number)[]
  ): JsonValue | undefined {
    if (field.message !== undefined) {
      const steps = [...place.steps, field.localName, ...index];
      return this.#child(field, field.message, json, { ...place, path, steps });
    }
    return field.enum === undefined
      ? readScalar(place.notes, path, field as DescField & { readonly scalar: ScalarType }, json)
      : readEnum(place.notes, path, field.enum, json);
  }

  #child(field: DescField, desc: DescMessage, given: JsonValue, place: Place): JsonValue | undefined {
    const { notes, path, steps } = place;
    const json = unquoted(notes, path, given, place.budget);
    switch (desc.typeName) {
      case "google.protobuf.Duration":
        return readDuration(notes, path, json);
      case "google.protobuf.Timestamp":
        return readTimestamp(notes, path, json);
    }
    if (isWellKnown(desc)) {
      return readOther(notes, path, field, json);
    }
    if (desc.typeName === ConditionSchema.typeName && isGroup(json)) {
      notes.lost(path, MANY_GROUPS);
      return undefined;
    }
    const meant = meantAs(desc, place, json);
    if (!isObject(meant)) {
      notes.lost(path, `is ${shown(json)}, must be an object with ${shapeOf(desc).names}`);
      return undefined;
    }
    const around = [...place.around, field.parent];
    if (desc.typeName !== StrategyConfigSchema.typeName) {
      return this.#message(desc, meant, { ...place, around });
    }
    const own = new Notes();
    this.apart.set(steps.join("/"), { steps, notes: own });
    return this.#message(desc, meant, { ...place, notes: own, path: "", around });
  }

  #list(field: DescField, json: JsonValue, path: string, place: Place): JsonValue {
    const items = itemsOf(field, json, path, place);
    const read: JsonValue[] = [];
    const readEntry = (index: number) => read.push(this.#entry(field, items[index] ?? null, path, place, index));
    if (place.steps.length === 0 && items.length > LONG_LIST) {
      this.long.add({ field, read, count: items.length, readEntry });
    } else {
      for (let index = 0; index < items.length; index++) {
        readEntry(index);
      }
    }
    return read;
  }

  #entry(field: DescField, item: JsonValue, path: string, place: Place, index: number): JsonValue {
    const at = `${path}[${index}]`;
    if (item === null) {
      place.notes.lost(at, "is null, must be a value: leave it out");
    }
    return (item === null ? undefined : this.#value(field, item, at, place, index)) ?? nothingOf(field);
  }

  #map(field: DescField, value: JsonValue, path: string, place: Place): JsonValue | undefined {
    const json = unquoted(place.notes, path, value, place.budget);
    if (!isObject(json)) {
      const example = field.scalar === TEXT ? '{"key": "text"}' : '{"key": 1}';
      place.notes.lost(path, `is ${shown(json)}, must be an object such as ${example}`);
      return undefined;
    }
    const given = Object.entries(json);
    const most = mostEntries(field);
    if (given.length > Math.max(most, LEAST_INSIDE)) {
      place.notes.lost(path, `has ${given.length} entries, must have at most ${most}`);
      return undefined;
    }
    const entries: [string, JsonValue][] = [];
    for (const [key, value] of given) {
      const at = `${path}[${quoted(key)}]`;
      if (!key.isWellFormed()) {
        place.notes.lost(at, `key is ${quoted(key)} ${HALF_PAIR}`);
      } else if (value === null) {
        place.notes.lost(at, "is null, must be a value: leave it out");
      } else {
        const read = this.#value(field, value, at, place, key);
        entries.push(...(read === undefined ? [] : [[key, read] as [string, JsonValue]]));
      }
    }
    return Object.fromEntries(entries);
  }
}

function bothText(given: readonly DescField[], values: Values): string {
  const both = given.map((field) => `the ${field.name} ${written(values.get(field))}`).join(" and ");
  return `is both ${both}: give one of them`;
}

/** What stands for a part of a strategy, however it is written. */
function meantAs({ typeName }: DescMessage, place: Place, json: JsonValue): JsonValue {
  switch (typeName) {
    case ConditionSchema.typeName:
      return conditionOf(place, json);
    case RuleSchema.typeName:
      return ruleOf(place, json);
    case RuleListSchema.typeName:
      return ruleListOf(place, json);
    default:
      return json;
  }
}

/** The path of a field, whose name needs no quotes. */
function fieldPath(path: string, { name }: DescField): string {
  return path === "" ? name : `${path}.${name}`;
}
