import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  type MessageShape,
  mergeFromJson,
} from "@bufbuild/protobuf";
import { isReflectList, isReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { errorText, invalid, type ReadFault, RuntimeError } from "../../domain/errors.ts";
import type { LongWork } from "../../engine/concurrency/long-work.ts";
import { quoted } from "../../engine/validation/texts.ts";
import { LimitRefusal } from "../limit-refusal.ts";
import { keepFaults } from "./kept-faults.ts";
import type { Notes } from "./notes.ts";
import { parsePieces } from "./parse-pieces.ts";
import { JsonReader } from "./reader.ts";
import { JsonScan } from "./scan.ts";
import { shapeOf } from "./shape.ts";
import { isObject, pathOf, shown } from "./shown.ts";

export interface ReadRequest<D extends DescMessage> {
  /** What could be read. */
  readonly message: MessageShape<D>;
  /**
   * What is wrong with the request. Faults inside of a strategy are not among these: its message
   * carries them, see `faultsOf`.
   */
  readonly faults: readonly ReadFault[];
}

/**
 * Reads a request's JSON, and all that is wrong with it. Throws `invalid` where it is no JSON
 * object, and where it has too much of anything: that is counted before objects are made.
 */
export async function readJson<D extends DescMessage>(
  schema: D,
  bytes: Buffer,
  work: LongWork,
): Promise<ReadRequest<D>> {
  const { longLists, repeated } = await scan(schema, bytes, work);
  const json = await parsePieces(bytes, longLists, work);
  if (!isObject(json)) {
    throw new RuntimeError(
      "invalid",
      `the request is ${shown(json)}, must be an object with ${shapeOf(schema).names || "nothing in it: {}"}`,
    );
  }
  const reader = new JsonReader();
  const read = reader.request(schema, json);
  const longEntries = await reader.long.read(work);
  for (const steps of repeated) {
    noteRepeated(schema, reader, steps);
  }
  const message = await messageOf(schema, reader, read, longEntries, work);
  for (const { steps, notes } of reader.apart.values()) {
    keepApart(schema, reader, message, steps, notes);
    if (work.isLateAfter(STEPS_A_MESSAGE)) {
      await work.rest();
    }
  }
  return { message, faults: reader.notes.faults };
}

const STEPS_A_MESSAGE = 16;
/** Entries of a long list that are made into messages at a time. */
const ENTRIES_AT_ONCE = 16;

async function scan(schema: DescMessage, bytes: Buffer, work: LongWork): Promise<JsonScan> {
  const found = new JsonScan(bytes, schema);
  while (!found.step()) {
    if (work.isLate()) {
      await work.rest();
    }
  }
  if (found.tooDeep) {
    throw new RuntimeError("invalid", "the request nests too deeply: no message of the contract does");
  }
  if (found.faults.length > 0) {
    const { message, violations } = invalid(found.faults);
    throw new LimitRefusal("entries", "invalid", message, { violations });
  }
  return found;
}

async function messageOf<D extends DescMessage>(
  schema: D,
  reader: JsonReader,
  read: JsonValue,
  longEntries: ReadonlyMap<string, readonly JsonValue[]>,
  work: LongWork,
): Promise<MessageShape<D>> {
  try {
    const message = fromJson(schema, read);
    for (const [name, entries] of longEntries) {
      for (let from = 0; from < entries.length; from += ENTRIES_AT_ONCE) {
        mergeFromJson(schema, message, { [name]: entries.slice(from, from + ENTRIES_AT_ONCE) });
        if (work.isLate()) {
          await work.rest();
        }
      }
    }
    return message;
  } catch (error) {
    work.throwIfUnwanted();
    // What the reader lets through, protobuf takes; were it not so, the caller is refused all the
    // same.
    reader.notes.lost("request", `is no valid ${schema.typeName} (${errorText(error)})`);
    return create(schema);
  }
}

/** Faults inside of a message go along with it, where it is there. */
function keepApart(
  schema: DescMessage,
  reader: JsonReader,
  message: Message,
  steps: readonly (string | number)[],
  { faults }: Notes,
): void {
  const inside = messageAt(schema, message, steps);
  if (inside !== undefined) {
    keepFaults(inside, faults);
    return;
  }
  for (const { field, description } of faults) {
    reader.notes.lost(pathOf(steps.join("."), field), description);
  }
}

/** JSON.parse kept the last of two; which one was meant, nobody knows. */
function noteRepeated(schema: DescMessage, reader: JsonReader, steps: readonly (string | number)[]): void {
  let field: DescField | undefined;
  let desc: DescMessage | undefined = schema;
  let path = "";
  let notes = reader.notes;
  const locals: (string | number)[] = [];
  for (const step of steps) {
    const around = reader.apart.get(locals.join("/"));
    if (around !== undefined) {
      path = "";
      notes = around.notes;
    }
    if (typeof step === "number") {
      path = `${path}[${step}]`;
    } else if (field?.fieldKind === "map") {
      path = `${path}[${quoted(step)}]`;
    } else {
      field = desc && shapeOf(desc).byKey.get(step);
      desc = field?.message;
      path = pathOf(path, field?.name ?? step);
    }
    locals.push(typeof step === "string" ? (field?.localName ?? step) : step);
  }
  notes.mended(path, "is given twice: keep one of them");
}

/** The message at the place, where there is one. */
function messageAt(schema: DescMessage, message: Message, steps: readonly (string | number)[]): Message | undefined {
  let at: unknown = reflect(schema, message);
  for (const step of steps) {
    if (isReflectMessage(at) && typeof step === "string") {
      const field = at.desc.field[step];
      at = field && at.isSet(field) ? at.get(field) : undefined;
    } else {
      at = isReflectList(at) && typeof step === "number" ? at.get(step) : undefined;
    }
  }
  return isReflectMessage(at) ? at.message : undefined;
}
