import { fromJson, type JsonObject, type JsonValue } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import type { Notes } from "./notes.ts";
import { isObject, shown } from "./shown.ts";

/** Protobuf's own form: "300s", "0.5s", "-3s". */
const SECONDS = /^-?\d{1,12}(?:\.\d{1,9})?s$/;
/** Bound of google.protobuf.Duration. */
const MOST_SECONDS = 315_576_000_000;

/** Seconds of each unit, by all its names. */
const UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    "ms msec millisecond milliseconds": 0.001,
    "s sec secs second seconds": 1,
    "m min mins minute minutes": 60,
    "h hr hrs hour hours": 3_600,
    "d day days": 86_400,
  }).flatMap(([names, seconds]) => names.split(" ").map((name) => [name, seconds] as const)),
);

/** "5m", "1h30m", "250ms". */
const SHORT = /^(?:\d{1,12}(?:\.\d{1,9})?(?:ms|s|m|h|d))+$/;
const PART = /(\d{1,12}(?:\.\d{1,9})?)\s*([a-z]+)/g;
const WORDS = /^(?:\d{1,12}(?:\.\d{1,9})?\s*[a-z]+\s*)+$/;

/** ISO 8601: "PT5M", "P1DT2H". */
const ISO = /^p(\d{1,12}d)?(?:t(\d{1,12}h)?(\d{1,12}m)?(\d{1,12}(?:\.\d{1,9})?s)?)?$/;

const MUST = 'must be a duration such as "90s", "5m", "1h"';

/** A duration as protobuf's JSON has it; undefined where it could not be read. */
export function readDuration(notes: Notes, path: string, json: JsonValue): string | undefined {
  const text = typeof json === "string" && json.length <= 100 ? json : undefined;
  if (text !== undefined && SECONDS.test(text) && Math.abs(Number.parseInt(text, 10)) <= MOST_SECONDS) {
    return text;
  }
  const short = text !== undefined && SHORT.test(text) ? secondsIn(text) : undefined;
  if (short !== undefined) {
    return short;
  }
  const plain = text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : json;
  const byUnits = isObject(json) ? ofUnits(json) : undefined;
  if (typeof plain === "number" && Math.abs(plain) <= MOST_SECONDS) {
    const meant = inSeconds(plain);
    notes.mended(path, `is ${shown(json)}, ${MUST}: write "${meant}" where seconds are meant`);
    return meant;
  }
  const lower = text?.trim().toLowerCase() ?? "";
  const iso = ISO.exec(lower)?.slice(1).join("") ?? "";
  const meant = byUnits ?? (WORDS.test(lower) ? secondsIn(lower) : WORDS.test(iso) ? secondsIn(iso) : undefined);
  if (meant === undefined) {
    notes.lost(path, `is ${shown(json)}, ${MUST}`);
  } else {
    notes.mended(path, `is ${shown(json)}, ${MUST}: write "${meant}"`);
  }
  return meant;
}

/** `{"minutes": 5}` */
function ofUnits(json: JsonObject): string | undefined {
  const [[unit, count] = ["", 0], ...others] = Object.entries(json);
  const seconds = typeof count === "number" ? count * (UNITS.get(unit.toLowerCase()) ?? Number.NaN) : Number.NaN;
  return others.length === 0 && Math.abs(seconds) <= MOST_SECONDS ? inSeconds(seconds) : undefined;
}

/** The unit that the end of a key names: 60 for "minutes". */
export function unitOf(name: string): number | undefined {
  return UNITS.get(name);
}

export function inSeconds(seconds: number): string {
  return `${seconds.toFixed(9).replace(/\.?0+$/, "")}s`;
}

function secondsIn(text: string): string | undefined {
  let seconds = 0;
  for (const [, count, unit = ""] of text.matchAll(PART)) {
    seconds += Number(count) * (UNITS.get(unit) ?? Number.NaN);
  }
  return seconds <= MOST_SECONDS ? inSeconds(seconds) : undefined;
}

const TIME_MUST = 'must be a time such as "2026-01-31T09:30:00Z"';
/**
 * Epoch times above this are in ms, those below in seconds: both mean years that somebody may ask
 * for.
 */
const LEAST_MS = 100_000_000_000;
const MOST_MS = 253_402_300_799_999;

/** A time as protobuf's JSON has it; undefined where it could not be read. */
export function readTimestamp(notes: Notes, path: string, json: JsonValue): string | undefined {
  if (typeof json === "string" && isTimestamp(json)) {
    return json;
  }
  const meant = typeof json === "number" ? ofEpoch(json) : typeof json === "string" ? ofText(json) : undefined;
  if (meant === undefined) {
    notes.lost(path, `is ${shown(json)}, ${TIME_MUST}`);
  } else {
    notes.mended(path, `is ${shown(json)}, ${TIME_MUST}: write "${meant}" where that is meant`);
  }
  return meant;
}

function isTimestamp(text: string): boolean {
  try {
    fromJson(TimestampSchema, text);
    return true;
  } catch {
    return false;
  }
}

function ofEpoch(time: number): string | undefined {
  const ms = Math.abs(time) < LEAST_MS ? time * 1_000 : time;
  return ms >= 0 && ms <= MOST_MS ? new Date(ms).toISOString() : undefined;
}

/** A date, or a time without its zone, read as UTC. */
function ofText(text: string): string | undefined {
  const [, date, clock = "00:00:00", zone = "Z"] =
    /^\s*(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?))?\s*(Z|[+-]\d\d:\d\d)?\s*$/i.exec(text) ?? [];
  const meant = `${date}T${clock.length === 5 ? `${clock}:00` : clock}${zone.toUpperCase()}`;
  return isTimestamp(meant) ? meant : undefined;
}
