import type { DescMethod, JsonReadOptions, Message } from "@bufbuild/protobuf";
import { type StringValue, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { invalid, isLost, type RuntimeError, type Violation } from "../../domain/errors.ts";
import type { CallContext, Service } from "../service.ts";
import { readJson } from "./read-json.ts";

/**
 * A service whose requests are JSON texts, read here: a carrier's own reader stops at the first fault, and says neither
 * where it is nor what would be taken. The carrier hands the text over as it came, see `JSON_AS_TEXT`.
 */
export function jsonService(service: Service): Service {
  const originals = new Map(service.descriptor.methods.map((method) => [method.name, method]));
  const methods = service.descriptor.methods.map((method) => ({ ...method, input: StringValueSchema }) as DescMethod);
  const read = async ({ name }: DescMethod, text: Message, context: CallContext): Promise<Message> => {
    const original = originals.get(name);
    if (original === undefined) {
      throw new Error(`${service.descriptor.typeName} has no method ${name}`);
    }
    const { message, faults } = readJson(original.input, (text as StringValue).value);
    if (faults.length > 0) {
      const found = await service.check(original)(message, context);
      throw refusal([...faults, ...found.filter(({ field }) => !isLost(faults, field))]);
    }
    return message;
  };
  return {
    descriptor: { ...service.descriptor, methods },
    unary(method) {
      const handler = service.unary(method);
      return async (text, context) => handler(await read(method, text, context), context);
    },
    stream(method) {
      const handler = service.stream(method);
      return async function* (text, context) {
        yield* handler(await read(method, text, context), context);
      };
    },
    check: () => async () => [],
  };
}

/** Faults of one answer: a thousand strategies may have sixty each. */
const MOST_FAULTS = 300;

function refusal(faults: readonly Violation[]): RuntimeError {
  const told = faults.slice(0, MOST_FAULTS).map(({ field, description }) => ({ field, description }));
  const next = faults[MOST_FAULTS];
  if (next !== undefined) {
    const more = faults.length - MOST_FAULTS;
    told.push({ field: next.field, description: `and ${more} more faults from here on: mend these first` });
  }
  return invalid(told);
}

interface JsonOptions extends Partial<JsonReadOptions> {
  readonly textDecoder: { decode(bytes: Uint8Array): string };
}

/** Bytes that are no UTF-8 would become other texts than those that were sent. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("the request is no JSON: its bytes are no UTF-8, send UTF-8");
  }
}

/**
 * Has Connect read a JSON text as a message of protobuf that is nothing but a text. Connect knows `textDecoder`, though its
 * types do not say so; without it every JSON request would be refused, which the tests of the web port would tell.
 */
export const JSON_AS_TEXT: JsonOptions = {
  textDecoder: {
    decode: (bytes) => JSON.stringify(textOf(bytes)),
  },
};
