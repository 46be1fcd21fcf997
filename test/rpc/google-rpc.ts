import { create, createFileRegistry, type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import {
  type Any,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_any,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import type { ServiceError } from "@grpc/grpc-js";

/*
 * google/rpc/status.proto and error_details.proto as https://github.com/googleapis/googleapis has
 * them, read by descriptor: independent of the hand-written encoder under test.
 */
const text = (name: string, number: number) => ({ name, number, type: Type.STRING, label: Label.OPTIONAL });
const whole = (name: string, number: number, type: Type) => ({ name, number, type, label: Label.OPTIONAL });
const many = (name: string, number: number, typeName: string) => ({
  name,
  number,
  type: Type.MESSAGE,
  label: Label.REPEATED,
  typeName,
});

const file = create(FileDescriptorProtoSchema, {
  name: "google/rpc/test.proto",
  package: "google.rpc",
  syntax: "proto3",
  dependency: ["google/protobuf/any.proto"],
  messageType: [
    {
      name: "Status",
      field: [
        { name: "code", number: 1, type: Type.INT32, label: Label.OPTIONAL },
        text("message", 2),
        many("details", 3, ".google.protobuf.Any"),
      ],
    },
    { name: "FieldViolation", field: [text("field", 1), text("description", 2)] },
    { name: "BadRequest", field: [many("field_violations", 1, ".google.rpc.FieldViolation")] },
    { name: "ErrorInfo", field: [text("reason", 1), text("domain", 2)] },
    { name: "Duration", field: [whole("seconds", 1, Type.INT64), whole("nanos", 2, Type.INT32)] },
    { name: "RetryInfo", field: [{ ...many("retry_delay", 1, ".google.rpc.Duration"), label: Label.OPTIONAL }] },
  ],
});
const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file_google_protobuf_any.proto, file] }));

function schema(name: string): DescMessage {
  const found = registry.getMessage(name);
  if (found === undefined) {
    throw new Error(`${name} is not defined`);
  }
  return found;
}

export interface DecodedStatus {
  readonly code: number;
  readonly message: string;
  readonly violations: readonly { readonly field: string; readonly description: string }[];
  readonly reason: string;
  readonly domain: string;
  /** When to try again; absent where the answer does not say. */
  readonly retryAfterMs?: number;
}

export function decodeStatus(bytes: Uint8Array): DecodedStatus {
  const status = fromBinary(schema("google.rpc.Status"), bytes) as Message & {
    code: number;
    message: string;
    details: Any[];
  };
  const found: Record<string, Record<string, unknown>> = {};
  for (const { typeUrl, value } of status.details) {
    const name = typeUrl.replace("type.googleapis.com/", "");
    found[name] = fromBinary(schema(name), value) as never;
  }
  const violations = (found["google.rpc.BadRequest"]?.fieldViolations ?? []) as DecodedStatus["violations"];
  const info = found["google.rpc.ErrorInfo"] as { reason: string; domain: string };
  const retry = found["google.rpc.RetryInfo"]?.retryDelay as { seconds: bigint; nanos: number } | undefined;
  return {
    ...(retry && { retryAfterMs: Number(retry.seconds) * 1_000 + retry.nanos / 1e6 }),
    code: status.code,
    message: status.message,
    violations: violations.map(({ field, description }) => ({ field, description })),
    reason: info.reason,
    domain: info.domain,
  };
}

/** The details of a failed call. */
export function detailsOf(error: ServiceError): DecodedStatus {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  if (!(bytes instanceof Uint8Array)) {
    throw new Error(`${error.message} has no details`);
  }
  return decodeStatus(bytes);
}

/** The paths of the fields at fault, in order. */
export function fieldsOf(error: ServiceError): readonly string[] {
  return detailsOf(error).violations.map(({ field }) => field);
}
