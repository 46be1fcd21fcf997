import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { DurationSchema, FeatureSet_FieldPresence, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { ConditionResultSchema, TradeDecisionSchema } from "../../../gen/strategyruntime/v1/decision_pb.ts";
import { codecOf } from "../translate/enums.ts";
import { inKeyOrder } from "../translate/maps.ts";
import { wireDuration, wireTime } from "../translate/time.ts";
import { encodeCondition, encodeDecision } from "./decision-encoder.ts";
import { delimited, encoderOfScalar, encodeTime, isZeroOf, refused, type ValueEncoder, wireTypeOf } from "./scalars.ts";
import { DELIMITED, type WireWriter } from "./wire-writer.ts";

/** Writes the fields of a thing of the domain as those of a message. */
export type Encoder = (writer: WireWriter, source: object) => void;

// biome-ignore lint/suspicious/noExplicitAny: what a field of the domain holds is known from the contract, not from its type.
type Source = Readonly<Record<string, any>>;
type FieldEncoder = (writer: WireWriter, source: Source) => void;
/** Writes an item of a list, and what is in it by `part` where that is given. */
// biome-ignore lint/suspicious/noExplicitAny: as above.
type ItemEncoder = (writer: WireWriter, item: any, part?: ValueEncoder<any>) => void;
/** Writes the items of a list, each by `encode`, or as it knows better. */
// biome-ignore lint/suspicious/noExplicitAny: as above.
type ListEncoder = (writer: WireWriter, items: readonly any[], encode: ItemEncoder) => void;

const compiled = new Map<string, Encoder>([
  [TradeDecisionSchema.typeName, encodeDecision as Encoder],
  [ConditionResultSchema.typeName, encodeCondition as Encoder],
]);

/**
 * Compiles the way from a thing of the domain to the bytes of a message, without the message between them. It holds where the domain names its
 * fields as the contract does, which the property tests see to: times are ms there, enumerations texts, counters numbers, and a duration's name
 * ends in Ms. The bytes are those of the translated message as protobuf-es encodes it.
 *
 * `lists` write the lists of these names.
 */
export function encoderOf(schema: DescMessage, lists: Readonly<Record<string, ListEncoder>> = {}): Encoder {
  const fields = [...schema.fields].sort((a, b) => a.number - b.number);
  const encoders = fields.map((field) => fieldEncoder(field, lists[field.localName] ?? inTurn));
  return (writer, source) => {
    for (let i = 0; i < encoders.length; i++) {
      encoders[i]?.(writer, source);
    }
  };
}

/** The same, compiled once for all messages that hold one of this kind, or written out. */
function partEncoder(schema: DescMessage): Encoder {
  const known = compiled.get(schema.typeName) ?? encoderOf(schema);
  compiled.set(schema.typeName, known);
  return known;
}

function fieldEncoder(field: DescField, list: ListEncoder): FieldEncoder {
  switch (field.fieldKind) {
    case "scalar":
      return scalarField(field, field.scalar, field.presence !== FeatureSet_FieldPresence.IMPLICIT);
    case "enum":
      return enumField(field);
    case "message":
      return messageField(field, field.message);
    case "list":
      return field.listKind === "message" ? listField(field, field.message, list) : refused(field);
    case "map":
      return field.mapKind === "scalar" && field.mapKey === ScalarType.STRING
        ? mapField(field, field.scalar)
        : refused(field);
  }
}

function scalarField(field: DescField, scalar: ScalarType, isOptional: boolean): FieldEncoder {
  const name = field.localName;
  const tag = tagOf(field, scalar);
  const write = encoderOfScalar(field, scalar);
  const isAbsent = isOptional ? isUndefined : isZeroOf(field, scalar);
  return (writer, source) => {
    const value = source[name];
    if (!isAbsent(value)) {
      writer.uint32(tag);
      write(writer, value);
    }
  };
}

function enumField(field: DescField & { readonly fieldKind: "enum" }): FieldEncoder {
  const name = field.localName;
  const tag = tagOf(field, ScalarType.INT32);
  const { toWire } = codecOf(field.enum);
  return (writer, source) => {
    const value: number = toWire(source[name]);
    if (value !== 0) {
      writer.uint32(tag);
      writer.uint32(value);
    }
  };
}

function messageField(field: DescField, message: DescMessage): FieldEncoder {
  const isDuration = message.typeName === DurationSchema.typeName;
  const name = isDuration ? `${field.localName}Ms` : field.localName;
  const tag = tagOf(field, ScalarType.BYTES);
  if (isDuration || message.typeName === TimestampSchema.typeName) {
    return timeField(tag, name, isDuration ? wireDuration : wireTime);
  }
  const encode = partEncoder(message);
  return (writer, source) => {
    const part = source[name];
    if (part !== undefined) {
      delimited(writer, tag, encode, part);
    }
  };
}

function timeField(tag: number, name: string, parts: typeof wireTime): FieldEncoder {
  return (writer, source) => {
    const time = parts(source[name]);
    if (time !== undefined) {
      delimited(writer, tag, encodeTime, time);
    }
  };
}

function listField(field: DescField, message: DescMessage, list: ListEncoder): FieldEncoder {
  const name = field.localName;
  const tag = tagOf(field, ScalarType.BYTES);
  const encode = partEncoder(message);
  const encodeItem: ItemEncoder = (writer, item, part = encode) => delimited(writer, tag, part, item);
  return (writer, source) => list(writer, source[name], encodeItem);
}

const inTurn: ListEncoder = (writer, items, encode) => {
  for (const item of items) {
    encode(writer, item);
  }
};

function mapField(field: DescField, scalar: ScalarType): FieldEncoder {
  const name = field.localName;
  const tag = tagOf(field, ScalarType.BYTES);
  // The key of an entry is its field 1, and the value its field 2; both are always there.
  const keyTag = (1 << 3) | DELIMITED;
  const valueTag = (2 << 3) | wireTypeOf(scalar);
  const write = encoderOfScalar(field, scalar);
  return (writer, source) => {
    const map = inKeyOrder<unknown>(source[name]);
    for (const key of Object.keys(map)) {
      writer.uint32(tag);
      const start = writer.begin();
      writer.uint32(keyTag);
      writer.text(key);
      writer.uint32(valueTag);
      write(writer, map[key]);
      writer.end(start);
    }
  };
}

function tagOf({ number }: DescField, scalar: ScalarType): number {
  return (number << 3) | wireTypeOf(scalar);
}

function isUndefined(value: unknown): boolean {
  return value === undefined;
}
