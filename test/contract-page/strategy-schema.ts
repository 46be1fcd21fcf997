import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { type Contract, comment, ofEnum, ofField, ofMessage, ofValue } from "./contract.ts";
import { BOUNDS, EXAMPLES, OUTPUT_ONLY, REQUIRED } from "./strategy-schema-words.ts";

type Schema = Record<string, unknown>;

const ROOT = "StrategyConfig";

/**
 * JSON Schema of a strategy as the JSON port takes it: keys in both spellings, names of
 * enumerations in any case with and without their prefix, null for a field that is not given.
 */
export function strategySchema({ messages, enums }: Contract): Schema {
  const defs: Record<string, Schema> = {};
  const define = (of: DescMessage | DescEnum): Schema => {
    const { name } = of;
    if (defs[name] === undefined) {
      defs[name] = {};
      Object.assign(defs[name], of.kind === "enum" ? enumSchema(of) : messageSchema(of, define));
    }
    return { $ref: `#/$defs/${name}` };
  };
  const root = messages.find(({ name }) => name === ROOT);
  if (root === undefined || enums.length === 0) {
    throw new Error(`the contract has no ${ROOT}`);
  }
  define(root);
  return { $schema: "https://json-schema.org/draft/2020-12/schema", title: ROOT, $ref: `#/$defs/${ROOT}`, $defs: defs };
}

type Define = (of: DescMessage | DescEnum) => Schema;

function messageSchema(desc: DescMessage, define: Define): Schema {
  const properties: Record<string, Schema> = {};
  for (const field of desc.fields) {
    const { name, jsonName } = field;
    properties[name] = fieldSchema(field, define);
    if (jsonName !== name) {
      properties[jsonName] = { ...properties[name], description: `As ${name}.`, examples: undefined };
    }
  }
  const required = REQUIRED[desc.name] ?? [];
  const givenAs = (name: string) => {
    const field = desc.fields.find((one) => one.name === name);
    const names = new Set([name, field?.jsonName ?? name]);
    return [...names].map((one) => ({ required: [one] }));
  };
  const fields = { type: "object", properties, additionalProperties: false };
  const choices = required.map((choice) => ({ anyOf: choice.flatMap(givenAs) }));
  const description = comment(ofMessage(desc));
  return choices.length === 0 ? { description, ...fields } : { description, allOf: [fields, ...choices] };
}

function fieldSchema(field: DescField, define: Define): Schema {
  const key = `${field.parent.name}.${field.name}`;
  const words = comment(ofField(field));
  const example = EXAMPLES[key];
  if (example === undefined) {
    throw new Error(`${key} has no example: add one to strategy-schema-words.ts`);
  }
  const description = words === "" ? comment(ofMessage(field.message ?? field.parent)) : words;
  const told = { description, examples: [example] };
  if (OUTPUT_ONLY.has(field.name)) {
    return { ...told, readOnly: true };
  }
  return { ...told, anyOf: [valueSchema(field, BOUNDS[key] ?? {}, define), { type: "null" }] };
}

function valueSchema(field: DescField, bounds: Schema, define: Define): Schema {
  switch (field.fieldKind) {
    case "list":
      return { type: "array", items: itemSchema(field, define), ...bounds };
    case "map":
      return { type: "object", additionalProperties: { type: "string" }, ...bounds };
    default:
      return { ...itemSchema(field, define), ...bounds };
  }
}

function itemSchema(field: DescField, define: Define): Schema {
  if (field.message?.typeName === "google.protobuf.Duration") {
    return { type: "string" };
  }
  const named = field.message ?? field.enum;
  return named === undefined ? { type: typeOf(field.scalar) } : define(named);
}

function typeOf(scalar: ScalarType | undefined): string {
  switch (scalar) {
    case ScalarType.DOUBLE:
      return "number";
    case ScalarType.INT32:
    case ScalarType.INT64:
      return "integer";
    case ScalarType.BOOL:
      return "boolean";
    case ScalarType.STRING:
      return "string";
    default:
      throw new Error(`no field of a strategy is of type ${scalar} so far: say what its JSON is`);
  }
}

/** A name in any case, with its prefix or without it, or its number. */
function enumSchema(desc: DescEnum): Schema {
  const names = desc.values.flatMap(({ name, localName }) => [name, localName]);
  const pattern = [...new Set(names)].map(inAnyCase).join("|");
  const told = desc.values
    .filter(({ number }) => number !== 0)
    .map((value) => `${value.localName}: ${comment(ofValue(value))}`.replace(/: $/, ""));
  return {
    description: `${comment(ofEnum(desc))} ${told.join(" ")}`.trim(),
    anyOf: [{ type: "string", pattern: `^(?:${pattern})$` }, { type: "integer" }],
  };
}

function inAnyCase(name: string): string {
  return name.replace(/[A-Z]/gi, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`);
}
