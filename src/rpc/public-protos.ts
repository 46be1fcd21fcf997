import {
  create,
  createFileRegistry,
  type DescFile,
  type DescMessage,
  type Message,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import {
  type DescriptorProtoSchema,
  type FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_duration,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";

/*
 * The public definitions of reflection, health and error details, as descriptors:
 * https://github.com/grpc/grpc-proto. They are gRPC's and not the contract's, so they are not under
 * proto/. Reflection serves them, and speaks by them.
 */
type Field = Exclude<MessageInitShape<typeof FieldDescriptorProtoSchema>, Message>;
type MessageType = Exclude<MessageInitShape<typeof DescriptorProtoSchema>, Message>;

function field(name: string, number: number, type: Type, typeName = ""): Field {
  const jsonName = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return { name, jsonName, number, type, label: Label.OPTIONAL, ...(typeName && { typeName }) };
}

function repeated(of: Field): Field {
  return { ...of, label: Label.REPEATED };
}

/** A message all of whose `choices` are one oneof. */
function message(name: string, fields: readonly Field[], oneof = "", choices: readonly Field[] = []): MessageType {
  const members = choices.map((choice) => ({ ...choice, oneofIndex: 0 }));
  return { name, field: [...fields, ...members], ...(oneof && { oneofDecl: [{ name: oneof }] }) };
}

function reflectionFile(version: "v1" | "v1alpha") {
  const pkg = `grpc.reflection.${version}`;
  const of = (name: string, number: number, type: string): Field =>
    field(name, number, Type.MESSAGE, `.${pkg}.${type}`);
  return create(FileDescriptorProtoSchema, {
    name: `grpc/reflection/${version}/reflection.proto`,
    package: pkg,
    syntax: "proto3",
    messageType: [
      message("ServerReflectionRequest", [field("host", 1, Type.STRING)], "message_request", [
        field("file_by_filename", 3, Type.STRING),
        field("file_containing_symbol", 4, Type.STRING),
        of("file_containing_extension", 5, "ExtensionRequest"),
        field("all_extension_numbers_of_type", 6, Type.STRING),
        field("list_services", 7, Type.STRING),
      ]),
      message("ExtensionRequest", [field("containing_type", 1, Type.STRING), field("extension_number", 2, Type.INT32)]),
      message(
        "ServerReflectionResponse",
        [field("valid_host", 1, Type.STRING), of("original_request", 2, "ServerReflectionRequest")],
        "message_response",
        [
          of("file_descriptor_response", 4, "FileDescriptorResponse"),
          of("all_extension_numbers_response", 5, "ExtensionNumberResponse"),
          of("list_services_response", 6, "ListServiceResponse"),
          of("error_response", 7, "ErrorResponse"),
        ],
      ),
      message("FileDescriptorResponse", [repeated(field("file_descriptor_proto", 1, Type.BYTES))]),
      message("ExtensionNumberResponse", [
        field("base_type_name", 1, Type.STRING),
        repeated(field("extension_number", 2, Type.INT32)),
      ]),
      message("ListServiceResponse", [repeated(of("service", 1, "ServiceResponse"))]),
      message("ServiceResponse", [field("name", 1, Type.STRING)]),
      message("ErrorResponse", [field("error_code", 1, Type.INT32), field("error_message", 2, Type.STRING)]),
    ],
    service: [
      {
        name: "ServerReflection",
        method: [
          {
            name: "ServerReflectionInfo",
            inputType: `.${pkg}.ServerReflectionRequest`,
            outputType: `.${pkg}.ServerReflectionResponse`,
            clientStreaming: true,
            serverStreaming: true,
          },
        ],
      },
    ],
  });
}

const HEALTH = ".grpc.health.v1";

const healthFile = create(FileDescriptorProtoSchema, {
  name: "grpc/health/v1/health.proto",
  package: "grpc.health.v1",
  syntax: "proto3",
  messageType: [
    message("HealthCheckRequest", [field("service", 1, Type.STRING)]),
    {
      ...message("HealthCheckResponse", [field("status", 1, Type.ENUM, `${HEALTH}.HealthCheckResponse.ServingStatus`)]),
      enumType: [
        {
          name: "ServingStatus",
          value: ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"].map((name, number) => ({ name, number })),
        },
      ],
    },
    message("HealthListRequest", []),
    {
      ...message("HealthListResponse", [
        repeated(field("statuses", 1, Type.MESSAGE, `${HEALTH}.HealthListResponse.StatusesEntry`)),
      ]),
      nestedType: [
        {
          ...message("StatusesEntry", [
            field("key", 1, Type.STRING),
            field("value", 2, Type.MESSAGE, `${HEALTH}.HealthCheckResponse`),
          ]),
          options: { mapEntry: true },
        },
      ],
    },
  ],
  service: [
    {
      name: "Health",
      method: [
        { name: "Check", inputType: `${HEALTH}.HealthCheckRequest`, outputType: `${HEALTH}.HealthCheckResponse` },
        {
          name: "Watch",
          inputType: `${HEALTH}.HealthCheckRequest`,
          outputType: `${HEALTH}.HealthCheckResponse`,
          serverStreaming: true,
        },
        { name: "List", inputType: `${HEALTH}.HealthListRequest`, outputType: `${HEALTH}.HealthListResponse` },
      ],
    },
  ],
});

/**
 * Of https://github.com/googleapis/googleapis, what failed calls carry: clients that learn by
 * reflection can then show it.
 */
const errorDetailsFile = create(FileDescriptorProtoSchema, {
  name: "google/rpc/error_details.proto",
  package: "google.rpc",
  syntax: "proto3",
  dependency: [file_google_protobuf_duration.proto.name],
  messageType: [
    {
      ...message("BadRequest", [
        repeated(field("field_violations", 1, Type.MESSAGE, ".google.rpc.BadRequest.FieldViolation")),
      ]),
      nestedType: [message("FieldViolation", [field("field", 1, Type.STRING), field("description", 2, Type.STRING)])],
    },
    message("ErrorInfo", [field("reason", 1, Type.STRING), field("domain", 2, Type.STRING)]),
    message("RetryInfo", [field("retry_delay", 1, Type.MESSAGE, ".google.protobuf.Duration")]),
  ],
});

const registry = createFileRegistry(
  create(FileDescriptorSetSchema, {
    file: [
      reflectionFile("v1"),
      reflectionFile("v1alpha"),
      healthFile,
      file_google_protobuf_duration.proto,
      errorDetailsFile,
    ],
  }),
);

export const PUBLIC_FILES: readonly DescFile[] = [...registry.files];

/** google.rpc's message of this name, which failed calls carry. */
export function errorDetail(name: "BadRequest" | "ErrorInfo" | "RetryInfo"): DescMessage {
  const found = registry.getMessage(`google.rpc.${name}`);
  if (found === undefined) {
    throw new Error(`google.rpc.${name} is not among the public definitions`);
  }
  return found;
}

/** The reflection service of a version, with its messages. */
export function reflectionProtocol(version: "v1" | "v1alpha") {
  const method = registry.getService(`grpc.reflection.${version}.ServerReflection`)?.methods[0];
  if (method === undefined) {
    throw new Error(`grpc.reflection.${version} is not among the public definitions`);
  }
  return method;
}

/** A method of grpc.health.v1. */
export function healthMethod(called: "Check" | "List" | "Watch") {
  const method = registry.getService("grpc.health.v1.Health")?.methods.find(({ name }) => name === called);
  if (method === undefined) {
    throw new Error("grpc.health.v1 is not among the public definitions");
  }
  return method;
}
