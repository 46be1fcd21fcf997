import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import fc from "fast-check";

const LARGEST_DEPTH = 4;

const text = fc.string({ unit: "grapheme", maxLength: 6 });
/** JSON.stringify writes -0 as 0. */
const double = fc
  .oneof(fc.double(), fc.constantFrom(0, 30, Number.NaN, Number.POSITIVE_INFINITY))
  .map((value) => value + 0);
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const WELL_KNOWN: Readonly<Record<string, fc.Arbitrary<object>>> = {
  "google.protobuf.Timestamp": fc.record({
    seconds: fc.bigInt({ min: -62_135_596_800n, max: 253_402_300_799n }),
    nanos: fc.integer({ min: 0, max: 999_999_999 }),
  }),
  "google.protobuf.Duration": fc
    .tuple(fc.bigInt({ min: 0n, max: 315_576_000_000n }), fc.nat(999_999_999), fc.boolean())
    .map(([seconds, nanos, negative]) => (negative ? { seconds: -seconds, nanos: 0 - nanos } : { seconds, nanos })),
};

/** Any message of a type. */
export function messagesOf(desc: DescMessage, depth = 0): fc.Arbitrary<Message> {
  const single = desc.fields.filter(({ oneof }) => oneof === undefined);
  const parts: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of single) {
    parts[field.localName] = fc.option(valuesOf(field, depth), { nil: undefined });
  }
  for (const oneof of desc.oneofs) {
    const cases = oneof.fields.map((field) =>
      valuesOf(field, depth).map((value) => (value === undefined ? undefined : { case: field.localName, value })),
    );
    parts[oneof.localName] = fc.option(fc.oneof(...cases), { nil: undefined });
  }
  return fc.record(parts).map((init) => create(desc, init as never));
}

function valuesOf(field: DescField, depth: number): fc.Arbitrary<unknown> {
  switch (field.fieldKind) {
    case "list":
      return fc.array(oneOf(field, depth), { maxLength: 3 }).map(withoutHoles);
    case "map":
      return fc.dictionary(text, oneOf(field, depth), { maxKeys: 3 });
    default:
      return oneOf(field, depth);
  }
}

function withoutHoles(values: readonly unknown[]): readonly unknown[] {
  return values.filter((value) => value !== undefined);
}

function oneOf(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.message !== undefined) {
    const known = WELL_KNOWN[field.message.typeName];
    return known ?? (depth < LARGEST_DEPTH ? messagesOf(field.message, depth + 1) : fc.constant(undefined));
  }
  if (field.enum !== undefined) {
    return fc.oneof(fc.constantFrom(...field.enum.values.map(({ number }) => number)), fc.constant(77));
  }
  switch (field.scalar) {
    case ScalarType.DOUBLE:
      return double;
    case ScalarType.INT32:
      return fc.integer();
    case ScalarType.INT64:
      return int64;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.STRING:
      return text;
    default:
      throw new Error(`${field} has a type that no request had so far: add it`);
  }
}
