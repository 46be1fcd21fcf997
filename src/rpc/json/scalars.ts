import { type DescField, fromJson, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { quoted } from "../../engine/validation/texts.ts";
import type { Notes } from "./notes.ts";
import { shown, written } from "./shown.ts";

/** How protobuf writes the doubles that JSON has no number for. */
const NO_NUMBERS: ReadonlySet<unknown> = new Set(["NaN", "Infinity", "-Infinity"]);
const LEAST_INT32 = -(2 ** 31);
const MOST_INT32 = 2 ** 31 - 1;

/** Fields in which a percentage is a hundredth of what it says. */
const FRACTION = /_pct$|confidence|_score$/;

interface NumberForm {
  readonly must: string;
  readonly fits: (value: number) => boolean;
  /** Whether "2%" can be meant. */
  readonly fraction: boolean;
}

const INT32: NumberForm = {
  must: "a whole number of 32 bits",
  fits: isInt32,
  fraction: false,
};

/** A scalar as protobuf's JSON has it; undefined where it could not be read. */
export function readScalar(
  notes: Notes,
  path: string,
  field: DescField & { readonly scalar: ScalarType },
  json: JsonValue,
): JsonValue | undefined {
  switch (field.scalar) {
    case ScalarType.DOUBLE:
      return readNumber(notes, path, json, {
        must: "a number",
        fits: Number.isFinite,
        fraction: FRACTION.test(field.name),
      });
    case ScalarType.INT32:
      return readNumber(notes, path, json, INT32);
    case ScalarType.BOOL:
      return readBoolean(notes, path, json);
    case ScalarType.STRING:
      return readText(notes, path, json);
    default:
      return readOther(notes, path, field, json);
  }
}

export function isInt32(value: number): boolean {
  return Number.isInteger(value) && value >= LEAST_INT32 && value <= MOST_INT32;
}

function readNumber(
  notes: Notes,
  path: string,
  json: JsonValue,
  { must, fits, fraction }: NumberForm,
): number | string | undefined {
  if (typeof json === "number") {
    if (fits(json)) {
      return json;
    }
    notes.lost(path, `is ${json}, must be ${must}`);
    return undefined;
  }
  const meant = typeof json === "string" && (fraction || !json.includes("%")) ? numberIn(json) : undefined;
  if (meant !== undefined && fits(meant)) {
    notes.mended(path, `is ${shown(json)}, must be ${must}: write ${meant}`);
    return meant;
  }
  if (NO_NUMBERS.has(json) && fits(0.5)) {
    return json as string;
  }
  notes.lost(path, `is ${shown(json)}, must be ${must}${fraction ? " such as 0.02 for 2 %" : ""}`);
  return undefined;
}

/** The number that a text says: "30", "2%", "$1,000". */
export function numberIn(text: string): number | undefined {
  if (text.length > 40) {
    return undefined;
  }
  const [, dollar, digits = "", percent] =
    /^\s*(\$)?\s*([+-]?[\d,_]*\.?\d+(?:[eE][+-]?\d+)?)\s*(%|USDT?)?\s*$/.exec(text) ?? [];
  const isPercent = percent === "%";
  if (digits === "" || (isPercent && (dollar !== undefined || /e/i.test(digits)))) {
    return undefined;
  }
  // A comma parts thousands, or it is not clear what it does.
  if (/[,_]/.test(digits) && !/^[+-]?\d{1,3}(?:[,_]\d{3})+(?:\.\d+)?$/.test(digits)) {
    return undefined;
  }
  const plain = digits.replaceAll(/[,_]/g, "");
  // By exponent: 7 / 100 and 0.07 are not always the same double.
  const value = Number(isPercent ? `${plain}e-2` : plain);
  return Number.isFinite(value) ? value : undefined;
}

function readBoolean(notes: Notes, path: string, json: JsonValue): boolean | undefined {
  if (typeof json === "boolean") {
    return json;
  }
  const word = typeof json === "string" ? json.trim().toLowerCase() : json;
  const meant = word === "true" || word === 1 ? true : word === "false" || word === 0 ? false : undefined;
  if (meant === undefined) {
    notes.lost(path, `is ${shown(json)}, must be true or false`);
  } else {
    notes.mended(path, `is ${shown(json)}, must be true or false: write ${meant}`);
  }
  return meant;
}

/** As `textFault` says it: the decoder of binary requests refuses such texts, too. */
export const HALF_PAIR = "with half a surrogate pair, which is no character: send well-formed Unicode";

function readText(notes: Notes, path: string, json: JsonValue): string | undefined {
  if (typeof json === "string") {
    if (json.isWellFormed()) {
      return json;
    }
    notes.lost(path, `is ${quoted(json)} ${HALF_PAIR}`);
    return json.toWellFormed();
  }
  if (typeof json === "object") {
    notes.lost(path, `is ${shown(json)}, must be a text`);
    return undefined;
  }
  notes.mended(path, `is ${shown(json)}, must be a text: write ${written(String(json))}`);
  return String(json);
}

const LEFT_TO_PROTOBUF: Readonly<Partial<Record<ScalarType, string>>> = {
  [ScalarType.INT64]: "a whole number of 64 bits",
  [ScalarType.UINT64]: "a whole number of 64 bits, not negative",
  [ScalarType.BYTES]: "bytes as base64",
};

/** What is rare in requests is left to protobuf's own reader, one value at a time. */
export function readOther(notes: Notes, path: string, field: DescField, json: JsonValue): JsonValue | undefined {
  try {
    fromJson(field.parent, { [field.jsonName]: json });
    return json;
  } catch {
    const must = (field.scalar && LEFT_TO_PROTOBUF[field.scalar]) ?? "written as protobuf's JSON form says";
    notes.lost(path, `is ${shown(json)}, must be ${must}`);
    return undefined;
  }
}
