import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Violation } from "../domain/errors.ts";

/** What google.rpc.Status says of a failed call. */
export interface StatusDetails {
  /** gRPC's status code. */
  readonly code: number;
  readonly message: string;
  /** ErrorInfo: why, as a constant for programs. */
  readonly reason: string;
  /** BadRequest: absent in the answer where empty. */
  readonly violations: readonly Violation[];
  /** RetryInfo: absent in the answer where nobody knows. */
  readonly retryAfterMs?: number;
}

/**
 * Trailers above 8 KiB make some clients drop the status itself. Base64 makes 4 bytes of 3; the
 * message and the headers take the rest.
 */
const MOST_VIOLATION_BYTES = 2_800;

/** Longest field path or description, in UTF-16 units. */
const LONGEST_TEXT = 400;

/** ErrorInfo.domain: who gives the reasons their meaning. */
export const ERROR_DOMAIN = "strategyruntime";

/**
 * The bytes of a google.rpc.Status with BadRequest and ErrorInfo, for the trailer
 * `grpc-status-details-bin`.
 */
export function encodeStatus({ code, message, reason, violations, retryAfterMs }: StatusDetails): Uint8Array {
  const writer = new BinaryWriter().uint32(tag(1, VARINT)).int32(code).uint32(tag(2, BYTES)).string(message);
  if (violations.length > 0) {
    writer.uint32(tag(3, BYTES)).bytes(any("google.rpc.BadRequest", encodeViolations(violations)));
  }
  const info = new BinaryWriter().uint32(tag(1, BYTES)).string(reason).uint32(tag(2, BYTES)).string(ERROR_DOMAIN);
  writer.uint32(tag(3, BYTES)).bytes(any("google.rpc.ErrorInfo", info.finish()));
  if (retryAfterMs !== undefined) {
    writer.uint32(tag(3, BYTES)).bytes(any("google.rpc.RetryInfo", encodeRetry(retryAfterMs)));
  }
  return writer.finish();
}

/** google.rpc.RetryInfo, whose one field is a google.protobuf.Duration. */
function encodeRetry(retryAfterMs: number): Uint8Array {
  const { seconds, nanos } = durationFromMs(Math.ceil(retryAfterMs));
  const duration = new BinaryWriter().uint32(tag(1, VARINT)).int64(seconds).uint32(tag(2, VARINT)).int32(nanos);
  return new BinaryWriter().uint32(tag(1, BYTES)).bytes(duration.finish()).finish();
}

/**
 * google.rpc.BadRequest. Where there are more than a trailer can carry, the last one says how many
 * are left out.
 */
function encodeViolations(violations: readonly Violation[]): Uint8Array {
  const writer = new BinaryWriter();
  let bytes = 0;
  for (const [index, violation] of violations.entries()) {
    const encoded = encodeViolation(violation);
    bytes += encoded.length;
    if (bytes > MOST_VIOLATION_BYTES && index > 0) {
      const rest = violations.length - index;
      const more = { field: violation.field, description: `and ${rest} more faults from here on: mend these first` };
      return writer.uint32(tag(1, BYTES)).bytes(encodeViolation(more)).finish();
    }
    writer.uint32(tag(1, BYTES)).bytes(encoded);
  }
  return writer.finish();
}

function encodeViolation({ field, description }: Violation): Uint8Array {
  const cut = (text: string): string =>
    (text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text).toWellFormed();
  return new BinaryWriter()
    .uint32(tag(1, BYTES))
    .string(cut(field))
    .uint32(tag(2, BYTES))
    .string(cut(description))
    .finish();
}

/** google.protobuf.Any. */
function any(typeName: string, value: Uint8Array): Uint8Array {
  const url = `type.googleapis.com/${typeName}`;
  return new BinaryWriter().uint32(tag(1, BYTES)).string(url).uint32(tag(2, BYTES)).bytes(value).finish();
}

const VARINT = 0;
const BYTES = 2;

function tag(field: number, wireType: number): number {
  return (field << 3) | wireType;
}
