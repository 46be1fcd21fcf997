import { type DescField, type DescMessage, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { isOutputOnly, plainKey } from "./words.ts";

/** A message by the keys that its JSON may have. */
export interface Shape {
  readonly byKey: ReadonlyMap<string, DescField>;
  readonly byPlainKey: ReadonlyMap<string, DescField>;
  readonly byName: ReadonlyMap<string, DescField>;
  /** Plain keys, for "did you mean". */
  readonly plainKeys: readonly string[];
  /** Names as the contract writes them, for people. */
  readonly names: string;
  /** Messages that stand in it once, whose keys may have been written a level too high. */
  readonly children: readonly DescField[];
}

const shapes = new WeakMap<DescMessage, Shape>();

export function shapeOf(desc: DescMessage): Shape {
  let shape = shapes.get(desc);
  if (shape === undefined) {
    const { fields } = desc;
    shape = {
      byKey: new Map(fields.flatMap((field) => [[field.name, field] as const, [field.jsonName, field] as const])),
      byPlainKey: new Map(fields.map((field) => [plainKey(field.name), field])),
      byName: new Map(fields.map((field) => [field.name, field])),
      plainKeys: fields.map(({ name }) => plainKey(name)),
      names: fields
        .map(({ name }) => name)
        .filter((name) => !isOutputOnly(desc.typeName, name))
        .join(", "),
      children: fields.filter(({ fieldKind, message }) => fieldKind === "message" && !isWellKnown(message)),
    };
    shapes.set(desc, shape);
  }
  return shape;
}

/** Protobuf's own types have JSON forms of their own. */
export function isWellKnown(desc: DescMessage | undefined): boolean {
  return desc?.typeName.startsWith("google.protobuf.") === true;
}

/** What stands in a list where an item could not be read, so that the others keep their places. */
export function nothingOf(field: DescField): JsonValue {
  if (field.message !== undefined) {
    return {};
  }
  return field.enum !== undefined || field.scalar !== ScalarType.STRING ? 0 : "";
}
