import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescMethod,
  type DescService,
  ScalarType,
} from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { ERROR_CODES } from "../../src/domain/errors.ts";
import {
  type Contract,
  comment,
  ofChoice,
  ofEnum,
  ofField,
  ofMessage,
  ofMethod,
  ofService,
  ofValue,
} from "./contract.ts";

const WIDTH = 100;
const STATUSES = ["INVALID_ARGUMENT", ...ERROR_CODES.map((code) => code.toUpperCase())].filter(
  (code) => code !== "INVALID",
);

/** Services in the order in which a strategy meets them. */
const ORDER = ["StrategyService", "StrategyRuntimeService", "PolicyService", "PerformanceService"];

const HEAD = `# The calls

Written by \`npm run docs:api\` from the comments of [the contract](../proto/strategyruntime/v1). A
test fails where this page is not current.

gRPC serves these calls on GRPC_ADDRESS, and Connect, gRPC-Web and [JSON](json.md) on WEB_ADDRESS,
as POST to \`/strategyruntime.v1.SERVICE/CALL\`. [Who may call what](access.md) is a page of its own,
and a [tour of every call](../examples/grpcurl.md) shows them at work. The numbers are those of the
fields on the wire.

**Errors.** Any call can be refused for these reasons. What a call adds stands below the call.

- INVALID_ARGUMENT: the request is wrong. Each fault comes with its field path, all at once.
- UNAUTHENTICATED, PERMISSION_DENIED: the caller is not known, or may not make this call.
- RESOURCE_EXHAUSTED: the caller has used [a budget](operations.md#what-one-caller-may-use), or too
  many streams are open. The message says when to come back.
- UNAVAILABLE: a store, the feed or the policy is in doubt, or the service starts, waits or ends.
  Try again later.
- INTERNAL: a fault of this program. The log has it.
`;

/** docs/api.md: every call, message, field and enumeration of the contract, with its comment. */
export function apiPage(contract: Contract): string {
  const shared = contract.messages.filter((message) => !isOfOneCall(contract, message));
  return [
    HEAD,
    ...contract.services.toSorted((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name)).map(serviceText),
    "## Messages\n",
    ...shared.map((message) => messageText(message, "###")),
    "## Enumerations\n",
    ...contract.enums.map(enumText),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

/** Requests and responses stand below their call. */
function isOfOneCall({ services }: Contract, message: DescMessage): boolean {
  return services.some(({ methods }) => methods.some(({ input, output }) => input === message || output === message));
}

function serviceText(service: DescService): string {
  return [`## ${service.name}\n`, paragraph(comment(ofService(service))), ...service.methods.map(methodText)].join(
    "\n",
  );
}

function methodText(method: DescMethod): string {
  const { name, input, output, methodKind } = method;
  const codes = errorCodes(method);
  const kind = [
    ...(methodKind === "server_streaming" ? ["Answers with a stream."] : []),
    ...(method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS ? ["Changes nothing."] : []),
    ...(codes.length > 0 ? [`Errors of its own: ${codes.join(", ")}.`] : []),
  ].join(" ");
  return [
    `### ${name}\n`,
    paragraph(comment(ofMethod(method))),
    ...(kind === "" ? [] : [paragraph(kind)]),
    messageText(input, "####"),
    messageText(output, "####"),
  ].join("\n");
}

/** The statuses that the comments of a call and its request name. */
function errorCodes(method: DescMethod): readonly string[] {
  const { input } = method;
  const comments = [ofMethod(method), ofMessage(input), ...input.fields.map(ofField)].map(comment);
  const named = new Set(comments.join(" ").match(/\b[A-Z_]+\b/g) ?? []);
  return STATUSES.filter((code) => named.has(code));
}

function messageText(message: DescMessage, level: string): string {
  const about = comment(ofMessage(message));
  const lines = [`${level} ${message.name}\n`, ...(about === "" ? [] : [paragraph(about)])];
  return [...lines, message.fields.length === 0 ? "No fields.\n" : fieldList(message)].join("\n");
}

function fieldList(message: DescMessage): string {
  const items = message.fields.map((field) => {
    const choice = field.oneof;
    const begins = choice !== undefined && choice.fields[0] === field;
    const commented = ofChoice(field);
    const about = begins && commented !== undefined ? comment(commented) : "";
    const before = begins ? `${item(`One of these (\`${choice.name}\`)${about === "" ? ":" : `. ${about}`}`)}\n` : "";
    return `${before}${item(fieldText(field), choice === undefined ? "" : "  ")}`;
  });
  return `${items.join("\n")}\n`;
}

function fieldText(field: DescField): string {
  const about = comment(ofField(field));
  const isOptional = field.proto.proto3Optional;
  return `\`${field.name}\` = ${field.number}, ${isOptional ? "optional " : ""}${typeText(field)}${about === "" ? "" : `: ${about}`}`;
}

function typeText(field: DescField): string {
  switch (field.fieldKind) {
    case "scalar":
      return scalarName(field.scalar);
    case "enum":
      return link(field.enum);
    case "message":
      return link(field.message);
    case "list":
      return `list of ${elementText(field)}`;
    case "map":
      return `map from ${scalarName(field.mapKey)} to ${elementText({ ...field, listKind: field.mapKind })}`;
    default:
      return field satisfies never;
  }
}

function elementText({
  listKind,
  scalar,
  enum: enumeration,
  message,
}: {
  readonly listKind: "scalar" | "enum" | "message";
  readonly scalar?: ScalarType | undefined;
  readonly enum?: DescEnum | undefined;
  readonly message?: DescMessage | undefined;
}): string {
  const named = listKind === "enum" ? enumeration : message;
  return named === undefined ? scalarName(scalar ?? ScalarType.STRING) : link(named);
}

function scalarName(type: ScalarType): string {
  return ScalarType[type].toLowerCase();
}

function link({ typeName, name }: DescMessage | DescEnum): string {
  return typeName.startsWith("google.protobuf.") ? typeName : `[${name}](#${name.toLowerCase()})`;
}

function enumText(enumeration: DescEnum): string {
  const values = enumeration.values.map((value) => {
    const about = comment(ofValue(value));
    return item(`\`${value.name}\` = ${value.number}${about === "" ? "" : `: ${about}`}`);
  });
  return [`### ${enumeration.name}\n`, paragraph(comment(ofEnum(enumeration))), `${values.join("\n")}\n`].join("\n");
}

function paragraph(text: string): string {
  return `${wrapped(text, "")}\n`;
}

function item(text: string, indent = ""): string {
  return `${indent}- ${wrapped(text, `${indent}  `).trimStart()}`;
}

/** The text in lines of at most 100 columns, each behind the indent. */
function wrapped(text: string, indent: string): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of markdown(text).split(" ")) {
    if (line.length + word.length + 1 > WIDTH && line.trim() !== "") {
      lines.push(line);
      line = indent;
    }
    line += line.trim() === "" ? word : ` ${word}`;
  }
  return [...lines, line].join("\n");
}

/** Comments are plain text: what Markdown would read as markup is not meant so. */
function markdown(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, i) => (i % 2 === 1 ? part : part.replaceAll("<", "\\<").replaceAll("*", "\\*")))
    .join("");
}
