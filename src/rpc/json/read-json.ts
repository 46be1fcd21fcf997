import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  type MessageShape,
} from "@bufbuild/protobuf";
import { isReflectList, isReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { errorText, type ReadFault, RuntimeError } from "../../domain/errors.ts";
import { quoted } from "../../engine/validation/texts.ts";
import { keepFaults } from "./kept-faults.ts";
import { JsonReader } from "./reader.ts";
import { scanJson } from "./scan.ts";
import { shapeOf } from "./shape.ts";
import { isObject, pathOf, shown } from "./shown.ts";

export interface ReadRequest<D extends DescMessage> {
  /** What could be read. */
  readonly message: MessageShape<D>;
  /** What is wrong with the request. Faults inside of a strategy are not among these: its message carries them, see `faultsOf`. */
  readonly faults: readonly ReadFault[];
}

/** Reads a request's JSON, and all that is wrong with it. Throws `invalid` where it is no JSON object. */
export function readJson<D extends DescMessage>(schema: D, text: string): ReadRequest<D> {
  const { repeated, tooDeep } = scanJson(text);
  if (tooDeep) {
    throw new RuntimeError("invalid", "the request nests too deeply: no message of the contract does");
  }
  const json = parsed(text);
  if (!isObject(json)) {
    throw new RuntimeError(
      "invalid",
      `the request is ${shown(json)}, must be an object with ${shapeOf(schema).names || "nothing in it: {}"}`,
    );
  }
  const reader = new JsonReader();
  const read = reader.request(schema, json);
  for (const steps of repeated) {
    noteRepeated(schema, reader, steps);
  }
  const message = messageOf(schema, reader, read);
  for (const { steps, notes } of reader.apart.values()) {
    const inside = messageAt(schema, message, steps);
    if (inside !== undefined) {
      keepFaults(inside, notes.faults);
    } else {
      for (const { field, description } of notes.faults) {
        reader.notes.lost(pathOf(steps.join("."), field), description);
      }
    }
  }
  return { message, faults: reader.notes.faults };
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    const hint =
      "send one JSON object with nothing around it, keys and texts in double quotes, true, false and null in lower case, " +
      "without comments, without a comma before a closing bracket";
    throw new RuntimeError("invalid", `the request is no JSON (${errorText(error)}): ${hint}`);
  }
}

function messageOf<D extends DescMessage>(schema: D, reader: JsonReader, read: JsonValue): MessageShape<D> {
  try {
    return fromJson(schema, read);
  } catch (error) {
    // What the reader lets through, protobuf takes; were it not so, the caller is refused all the same.
    reader.notes.lost("request", `is no valid ${schema.typeName} (${errorText(error)})`);
    return create(schema);
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
