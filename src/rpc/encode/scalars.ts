import { type DescField, ScalarType } from "@bufbuild/protobuf";
import type { WireTime } from "../translate/time.ts";
import { DELIMITED, FIXED64, VARINT, type WireWriter } from "./wire-writer.ts";

export type ValueEncoder<T> = (writer: WireWriter, value: T) => void;

/** Whether a value, neither text nor double, is what the wire leaves out. */
export function isZeroOf(field: DescField, scalar: ScalarType): (value: unknown) => boolean {
  switch (scalar) {
    case ScalarType.BOOL:
      return (value) => value !== true;
    case ScalarType.INT64:
      return (value) => !Number.isSafeInteger(value) || value === 0;
    case ScalarType.INT32:
      return (value) => value === 0;
    default:
      return refused(field);
  }
}

/**
 * How a value is written, without its tag. A value of another type than the contract's is refused.
 */
export function encoderOfScalar(field: DescField, scalar: ScalarType): ValueEncoder<unknown> {
  switch (scalar) {
    case ScalarType.STRING:
      return (writer, value) => writer.text(typeof value === "string" ? value : wrong(field, value));
    case ScalarType.BOOL:
      return (writer, value) => writer.uint32(value ? 1 : 0);
    case ScalarType.DOUBLE:
      return (writer, value) => writer.double(numberOf(field, value));
    case ScalarType.INT64:
      return (writer, value) => {
        const number = numberOf(field, value);
        writer.int64(Number.isSafeInteger(number) ? number : 0);
      };
    case ScalarType.INT32:
      return (writer, value) => writer.int64(int32(field, numberOf(field, value)));
    default:
      return refused(field);
  }
}

function numberOf(field: DescField, value: unknown): number {
  return typeof value === "number" ? value : wrong(field, value);
}

/** What the domain holds is not what the contract says: a fault of the program. */
export function wrong({ parent, name }: DescField, value: unknown): never {
  throw new Error(`cannot encode ${parent.typeName}.${name}: it is of type ${typeof value}`);
}

function int32({ parent, name }: DescField, value: number): number {
  if ((value | 0) !== value) {
    throw new Error(`cannot encode ${parent.typeName}.${name}: ${value} is no int32`);
  }
  return value;
}

export function wireTypeOf(scalar: ScalarType): number {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return DELIMITED;
    case ScalarType.DOUBLE:
      return FIXED64;
    default:
      return VARINT;
  }
}

/** Kinds of fields that no message has which is compiled. */
export function refused(field: DescField): never {
  throw new Error(
    `${field.parent.typeName}.${field.name} is of a kind that is not compiled: send the message as protobuf-es encodes it`,
  );
}

/** Tags of the two fields of google.protobuf.Timestamp and Duration. */
const SECONDS = (1 << 3) | VARINT;
const NANOS = (2 << 3) | VARINT;

/** The fields of a time or a duration. */
export function encodeTime(writer: WireWriter, { seconds, nanos }: WireTime): void {
  if (seconds !== 0) {
    writer.uint32(SECONDS);
    writer.int64(seconds);
  }
  if (nanos !== 0) {
    writer.uint32(NANOS);
    writer.int64(nanos);
  }
}

/** A part with its length before it. */
export function withLength<T>(writer: WireWriter, encode: ValueEncoder<T>, part: T): void {
  const start = writer.begin();
  encode(writer, part);
  writer.end(start);
}
