import type { JsonValue } from "@bufbuild/protobuf";
import { quoted } from "../../engine/validation/texts.ts";
import type { Notes } from "./notes.ts";
import type { Budget } from "./place.ts";
import { scanned } from "./scan.ts";

/** Longest text that a message gives back whole, for the caller to write it otherwise. */
const LONGEST_WRITTEN = 200;

/** What a value is, for the beginning of a sentence: "is the text "30"". Short, whatever came. */
export function shown(json: JsonValue | undefined): string {
  switch (typeof json) {
    case "string":
      return `the text ${quoted(json)}`;
    case "number":
      return `the number ${json}`;
    case "boolean":
      return String(json);
    default:
      return json === null || json === undefined ? "null" : Array.isArray(json) ? "a list" : "an object";
  }
}

/** A value as JSON to be written in place of what came; "…" stands for what is too long. */
export function written(json: JsonValue | undefined): string {
  switch (typeof json) {
    case "string":
      return json.length > LONGEST_WRITTEN ? quoted(json) : JSON.stringify(json.toWellFormed());
    case "number":
    case "boolean":
      return String(json);
    default:
      return json === null || json === undefined ? "null" : Array.isArray(json) ? "[…]" : "{…}";
  }
}

/**
 * The path of what a key stands for. A key that could be mistaken for more than a name is quoted.
 */
export function pathOf(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]{0,63}$/.test(key)) {
    return `${path}[${quoted(key)}]`;
  }
  return path === "" ? key : `${path}.${key}`;
}

export function isObject(json: JsonValue | undefined): json is { [key: string]: JsonValue } {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** Longest object or list that is looked for in a text. */
const LONGEST_QUOTED = 100_000;

/**
 * An object or list that was written as a text, as programs do that make JSON of JSON; what came,
 * where it is none.
 */
export function unquoted(notes: Notes, path: string, json: JsonValue, budget: Budget): JsonValue {
  if (typeof json !== "string" || json.length > LONGEST_QUOTED || !/^\s*[{[]/.test(json)) {
    return json;
  }
  const { tooDeep, values } = scanned(json);
  // They were counted as one text.
  budget.quoted -= values;
  if (tooDeep || budget.quoted < 0) {
    return json;
  }
  try {
    const inside: JsonValue = JSON.parse(json);
    notes.mended(path, `is ${shown(inside)} in quotes: write it without them`);
    return inside;
  } catch {
    return json;
  }
}
