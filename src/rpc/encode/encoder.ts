import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { DurationSchema, FeatureSet_FieldPresence, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { TradeDecisionSchema } from "../../../gen/strategyruntime/v1/decision_pb.ts";
import { keptOn } from "../../domain/kept-on.ts";
import { codecOf } from "../translate/enums.ts";
import { inKeyOrder } from "../translate/maps.ts";
import { wireDuration, wireTime } from "../translate/time.ts";
import { encoderOfScalar, encodeTime, isZeroOf, refused, wireTypeOf, withLength, wrong } from "./scalars.ts";
import { DELIMITED, WireWriter } from "./wire-writer.ts";

/** Writes the fields of a thing of the domain as those of a message. */
export type Encoder = (writer: WireWriter, source: object) => void;

/** The fields by name. The contract says what each of them holds, and its encoder checks that. */
type Source = Readonly<Record<string, unknown>>;
type FieldEncoder = (writer: WireWriter, source: Source) => void;

const compiled = new Map<string, Encoder>();
/** Messages that are being compiled: the one that is asked for, and those around it. */
const underWay = new Set<string>();

/** Messages that stand for things which never change and go to many readers. */
const SENT_OFTEN: ReadonlySet<string> = new Set([TradeDecisionSchema.typeName]);

/**
 * Compiles the way from a thing of the domain to the bytes of a message, without the message
 * between them. The domain must name its fields as the contract does, which the property tests see
 * to: times are ms there, enumerations texts, counters numbers, and a duration's name ends in Ms.
 * The bytes are those of the translated message as protobuf-es encodes it.
 */
export function encoderOf(schema: DescMessage): Encoder {
  const known = compiled.get(schema.typeName);
  if (known !== undefined) {
    return known;
  }
  if (underWay.has(schema.typeName)) {
    throw new Error(`${schema.typeName} holds itself and is not compiled: send the message as protobuf-es encodes it`);
  }
  underWay.add(schema.typeName);
  const fields = [...schema.fields].sort((a, b) => a.number - b.number);
  const encoders = fields.map(fieldEncoder);
  underWay.delete(schema.typeName);
  const each: Encoder = (writer, source) => {
    for (let i = 0; i < encoders.length; i++) {
      (encoders[i] as FieldEncoder)(writer, source as Source);
    }
  };
  compiled.set(schema.typeName, each);
  return each;
}

const compiledParts = new Map<string, Encoder>();

/** The way of a message that is part of another one: its length comes before its bytes. */
function partEncoderOf(schema: DescMessage): Encoder {
  const known = compiledParts.get(schema.typeName);
  if (known !== undefined) {
    return known;
  }
  const encode = encoderOf(schema);
  const each: Encoder = (writer, source) => withLength(writer, encode, source);
  const part = SENT_OFTEN.has(schema.typeName) ? once(each) : each;
  compiledParts.set(schema.typeName, part);
  return part;
}

/** Encodes a thing the first time only. */
function once(encode: Encoder): Encoder {
  const own = new WireWriter();
  const bytesOf = keptOn((source: object) => {
    own.reset();
    encode(own, source);
    return Buffer.from(own.written());
  });
  return (writer, source) => writer.encoded(bytesOf(source));
}

function fieldEncoder(field: DescField): FieldEncoder {
  switch (field.fieldKind) {
    case "scalar":
      return scalarField(field, field.scalar, field.presence !== FeatureSet_FieldPresence.IMPLICIT);
    case "enum":
      return enumField(field);
    case "message":
      return messageField(field, field.message);
    case "list":
      return listField(field);
    case "map":
      return field.mapKind === "scalar" && field.mapKey === ScalarType.STRING
        ? mapField(field, field.scalar)
        : refused(field);
  }
}

/**
 * One function a kind, without another between: most of what a stream costs is the writing of such
 * fields.
 */
function scalarField(field: DescField, scalar: ScalarType, isOptional: boolean): FieldEncoder {
  const name = field.localName;
  const tag = tagOf(field, scalar);
  switch (scalar) {
    case ScalarType.STRING: {
      const empty = isOptional ? undefined : "";
      return (writer, source) => {
        const value = source[name];
        if (value !== undefined && value !== empty) {
          writer.uint32(tag);
          writer.text(typeof value === "string" ? value : wrong(field, value));
        }
      };
    }
    case ScalarType.DOUBLE:
      return (writer, source) => {
        const value = source[name];
        // Minus zero is sent.
        if (isOptional ? value !== undefined : !Object.is(value, 0)) {
          writer.uint32(tag);
          writer.double(typeof value === "number" ? value : wrong(field, value));
        }
      };
    default: {
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
  }
}

function enumField(field: DescField & { readonly fieldKind: "enum" }): FieldEncoder {
  const name = field.localName;
  const tag = tagOf(field, ScalarType.INT32);
  const { toWire } = codecOf(field.enum);
  return (writer, source) => {
    const text = source[name];
    const value = typeof text === "string" ? toWire(text) : 0;
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
    return timeField(field, name, isDuration ? wireDuration : wireTime);
  }
  const encode = partEncoderOf(message);
  return (writer, source) => {
    const part = source[name];
    if (part !== undefined) {
      writer.uint32(tag);
      encode(writer, isObject(part) ? part : wrong(field, part));
    }
  };
}

function timeField(field: DescField, name: string, parts: typeof wireTime): FieldEncoder {
  const tag = tagOf(field, ScalarType.BYTES);
  return (writer, source) => {
    const ms = source[name];
    const time = parts(ms === undefined || typeof ms === "number" ? ms : wrong(field, ms));
    if (time !== undefined) {
      writer.uint32(tag);
      withLength(writer, encodeTime, time);
    }
  };
}

function listField(field: DescField & { readonly fieldKind: "list" }): FieldEncoder {
  switch (field.listKind) {
    case "message":
      return messagesField(field, field.message);
    case "scalar":
      return field.scalar === ScalarType.STRING ? textsField(field) : refused(field);
    default:
      return refused(field);
  }
}

function messagesField(field: DescField, message: DescMessage): FieldEncoder {
  const name = field.localName;
  const tag = tagOf(field, ScalarType.BYTES);
  const encode = partEncoderOf(message);
  return (writer, source) => {
    const items = source[name];
    for (const item of Array.isArray(items) ? items : wrong(field, items)) {
      writer.uint32(tag);
      encode(writer, isObject(item) ? item : wrong(field, item));
    }
  };
}

/** Texts, of which the domain names none where there are none. */
function textsField(field: DescField): FieldEncoder {
  const name = field.localName;
  const tag = tagOf(field, ScalarType.STRING);
  return (writer, source) => {
    const items = source[name] ?? [];
    for (const item of Array.isArray(items) ? items : wrong(field, items)) {
      writer.uint32(tag);
      writer.text(typeof item === "string" ? item : wrong(field, item));
    }
  };
}

function mapField(field: DescField, scalar: ScalarType): FieldEncoder {
  const name = field.localName;
  const tag = tagOf(field, ScalarType.BYTES);
  // The key of an entry is its field 1, and the value its field 2; both are always there.
  const keyTag = (1 << 3) | DELIMITED;
  const valueTag = (2 << 3) | wireTypeOf(scalar);
  const write = encoderOfScalar(field, scalar);
  return (writer, source) => {
    const given = source[name] ?? {};
    const map = inKeyOrder(isObject(given) ? (given as Source) : wrong(field, given));
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

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
