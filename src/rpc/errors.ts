import { Metadata, type StatusObject, status } from "@grpc/grpc-js";
import { type ErrorCode, RuntimeError } from "../domain/errors.ts";
import { encodeStatus } from "./status-details.ts";

/** The one table from codes to gRPC's statuses. */
export const GRPC_STATUS: Readonly<Record<ErrorCode, status>> = {
  invalid: status.INVALID_ARGUMENT,
  not_found: status.NOT_FOUND,
  already_exists: status.ALREADY_EXISTS,
  aborted: status.ABORTED,
  failed_precondition: status.FAILED_PRECONDITION,
  resource_exhausted: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  unauthenticated: status.UNAUTHENTICATED,
  permission_denied: status.PERMISSION_DENIED,
  cancelled: status.CANCELLED,
  deadline_exceeded: status.DEADLINE_EXCEEDED,
  internal: status.INTERNAL,
};

/** What callers hear of a failure that nobody foresaw. */
const UNFORESEEN = "internal error; see the log";

/** Longest message on the wire: it goes into a trailer, percent-encoded, beside the details. */
const MOST_MESSAGE_BYTES = 1_000;

/**
 * Anything thrown, as the one class of error: what is not a RuntimeError becomes its cause and
 * stays out of the message.
 */
export function toRuntimeError(thrown: unknown): RuntimeError {
  return thrown instanceof RuntimeError ? thrown : new RuntimeError("internal", UNFORESEEN, { cause: thrown });
}

/** The status of a failed call, with google.rpc details. */
export function toStatus(error: RuntimeError): StatusObject {
  const code = GRPC_STATUS[error.code];
  const details = wireMessage(error.message);
  const metadata = new Metadata();
  const reason = error.code.toUpperCase();
  const { violations, retryAfterMs } = error;
  const encoded = encodeStatus({
    code,
    message: details,
    reason,
    violations,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
  metadata.set("grpc-status-details-bin", Buffer.from(encoded));
  return { code, details, metadata };
}

/**
 * A message as callers hear it: well-formed, for half a surrogate pair cannot be encoded, and short
 * enough for a trailer.
 */
export function wireMessage(message: string): string {
  const text = message.toWellFormed();
  if (encodedLength(text) <= MOST_MESSAGE_BYTES) {
    return text;
  }
  let length = 0;
  let cut = "";
  for (const character of text) {
    length += encodedLength(character);
    if (length > MOST_MESSAGE_BYTES) {
      break;
    }
    cut += character;
  }
  return `${cut}…`;
}

function encodedLength(text: string): number {
  return encodeURI(text).length;
}
