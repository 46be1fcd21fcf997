import type { JsonValue } from "@bufbuild/protobuf";
import { errorText, RuntimeError } from "../../domain/errors.ts";
import type { LongWork } from "../../engine/concurrency/long-work.ts";
import type { LongList } from "./long-lists.ts";

const DECODER = new TextDecoder("utf-8", { fatal: true });
/** A mark of byte order is none in the middle of a text. */
const INNER_DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** JSON.parse of a request whose long lists it was told of, one piece of them after the other. */
export async function parsePieces(bytes: Buffer, lists: readonly LongList[], work: LongWork): Promise<JsonValue> {
  if (lists.length === 0) {
    return parsed(textOf(bytes, DECODER));
  }
  const [first] = lists;
  const around: string[] = [textOf(bytes.subarray(0, first?.from), DECODER)];
  const entries = new Map<string, JsonValue[]>();
  for (const [index, list] of lists.entries()) {
    // Of two by the same name the last one counts, as with JSON.parse.
    entries.set(list.key, await entriesOf(bytes, list, work));
    around.push(textOf(bytes.subarray(list.to, lists[index + 1]?.from), INNER_DECODER));
  }
  const json = parsed(around.join(""));
  if (typeof json === "object" && json !== null && !Array.isArray(json)) {
    for (const [key, list] of entries) {
      // A short one of the same name may have come behind it.
      const last = json[key];
      if (Array.isArray(last) && last.length === 0) {
        Object.defineProperty(json, key, { value: list, enumerable: true, configurable: true, writable: true });
      }
    }
  }
  return json;
}

async function entriesOf(bytes: Buffer, { key, from, cuts, to }: LongList, work: LongWork): Promise<JsonValue[]> {
  const entries: JsonValue[] = [];
  let start = from;
  for (const end of [...cuts, to]) {
    const piece = parsed(`[${textOf(bytes.subarray(start, end), INNER_DECODER)}]`, `in ${key}: `) as JsonValue[];
    if (piece.length === 0 && cuts.length > 0) {
      throw noJson(`in ${key}: there is a comma too many`);
    }
    for (const entry of piece) {
      entries.push(entry);
    }
    start = end + 1;
    if (work.isLate()) {
      await work.rest();
    }
  }
  return entries;
}

function parsed(text: string, place = ""): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw noJson(`${place}${errorText(error)}`);
  }
}

function noJson(why: string): RuntimeError {
  const hint =
    "send one JSON object with nothing around it, keys and texts in double quotes, true, false and null in lower case, " +
    "without comments, without a comma before a closing bracket";
  return new RuntimeError("invalid", `the request is no JSON (${why}): ${hint}`);
}

/** Bytes that are no UTF-8 would become other texts than those that were sent. */
function textOf(bytes: Uint8Array, decoder: typeof DECODER): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new RuntimeError("invalid", "the request is no JSON: its bytes are no UTF-8, send UTF-8");
  }
}
