import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { onTestFinished } from "vitest";

export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty where it has none. */
  readonly parentSpanId: string;
  /** 2 is SERVER. */
  readonly kind: number;
  /** ns since the epoch. */
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** 0 unset, 2 error. */
  readonly statusCode: number;
  readonly statusMessage: string;
  /** Of the resource that the span is from. */
  readonly resource: Readonly<Record<string, unknown>>;
}

export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  readonly requests: readonly { readonly path: string; readonly contentType: string }[];
  /** The only span of this name; throws where there are others, or none. */
  only(name: string): ReceivedSpan;
}

/**
 * A receiver of OTLP over HTTP that decodes the protobuf by its published field numbers; closed
 * when the test ends.
 */
export async function otlpReceiver(status = 200): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const requests: { path: string; contentType: string }[] = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    requests.push({ path: request.url ?? "", contentType: request.headers["content-type"] ?? "" });
    spans.push(...decodeExport(body));
    response.writeHead(status, { "content-type": "application/x-protobuf" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    only(name) {
      const [found, ...others] = spans.filter((span) => span.name === name);
      if (found === undefined || others.length > 0) {
        const names = spans.map((span) => span.name).join(", ");
        throw new Error(`${others.length + (found ? 1 : 0)} spans are named ${name}, of: ${names}`);
      }
      return found;
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** Values of a message's fields by number, in order of appearance. */
type Fields = ReadonlyMap<number, readonly (Uint8Array | bigint)[]>;

function fieldsOf(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, (Uint8Array | bigint)[]>();
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const values = fields.get(number) ?? [];
    fields.set(number, values);
    switch (Number(wireType)) {
      case 0:
        values.push(BigInt(reader.int64()));
        break;
      case 1:
        values.push(BigInt(reader.fixed64()));
        break;
      case 2:
        values.push(reader.bytes());
        break;
      case 5:
        values.push(BigInt(reader.fixed32()));
        break;
      default:
        throw new Error(`field ${number} has the unknown wire type ${wireType}`);
    }
  }
  return fields;
}

const messages = (fields: Fields, number: number): readonly Fields[] =>
  (fields.get(number) ?? []).map((value) => fieldsOf(value as Uint8Array));
const bytes = (fields: Fields, number: number): Buffer => Buffer.from((fields.get(number)?.[0] ?? []) as Uint8Array);
const integer = (fields: Fields, number: number): bigint => (fields.get(number)?.[0] ?? 0n) as bigint;

/** ExportTraceServiceRequest: 1 resource_spans { 1 resource, 2 scope_spans { 2 spans } }. */
function decodeExport(body: Uint8Array): ReceivedSpan[] {
  return messages(fieldsOf(body), 1).flatMap((resourceSpans) => {
    const resource = Object.assign({}, ...messages(resourceSpans, 1).map((one) => attributesOf(one, 1)));
    return messages(resourceSpans, 2).flatMap((scopeSpans) =>
      messages(scopeSpans, 2).map((span) => ({ ...decodeSpan(span), resource })),
    );
  });
}

/**
 * Span: 1 trace_id, 2 span_id, 4 parent_span_id, 5 name, 6 kind, 7 start, 8 end, 9 attributes, 13
 * links, 15 status.
 */
function decodeSpan(span: Fields): Omit<ReceivedSpan, "resource"> {
  const [status] = messages(span, 15);
  return {
    traceId: bytes(span, 1).toString("hex"),
    spanId: bytes(span, 2).toString("hex"),
    parentSpanId: bytes(span, 4).toString("hex"),
    name: bytes(span, 5).toString("utf8"),
    kind: Number(integer(span, 6)),
    start: integer(span, 7),
    end: integer(span, 8),
    attributes: attributesOf(span, 9),
    links: messages(span, 13).map((link) => ({
      traceId: bytes(link, 1).toString("hex"),
      spanId: bytes(link, 2).toString("hex"),
    })),
    statusCode: status === undefined ? 0 : Number(integer(status, 3)),
    statusMessage: status === undefined ? "" : bytes(status, 2).toString("utf8"),
  };
}

/** KeyValue: 1 key, 2 value { 1 string, 2 bool, 3 int, 4 double }. */
function attributesOf(fields: Fields, number: number): Record<string, unknown> {
  return Object.fromEntries(
    messages(fields, number).map((pair) => {
      const [value] = messages(pair, 2);
      return [bytes(pair, 1).toString("utf8"), value === undefined ? undefined : scalarOf(value)];
    }),
  );
}

function scalarOf(value: Fields): unknown {
  const [kind] = value.keys();
  switch (kind) {
    case 1:
      return bytes(value, 1).toString("utf8");
    case 2:
      return integer(value, 2) === 1n;
    case 3:
      return Number(integer(value, 3));
    case 4:
      return Number(new DataView(new BigInt64Array([integer(value, 4)]).buffer).getFloat64(0, true));
    default:
      return value;
  }
}
