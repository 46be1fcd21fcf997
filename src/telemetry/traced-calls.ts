import {
  type Attributes,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type TextMapGetter,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { type ErrorCode, RuntimeError } from "../domain/errors.ts";
import { noteError } from "./span-tracer.ts";
import type { TracedCall } from "./tracing.ts";

const METADATA: TextMapGetter<TracedCall> = {
  keys: () => ["traceparent", "tracestate"],
  get: (call, name) => call.metadata(name),
};

/** gRPC's names for the codes that differ from ours. */
const STATUS_NAMES: Partial<Record<ErrorCode, string>> = { invalid: "INVALID_ARGUMENT" };

/**
 * Codes that say that the server is at fault; OpenTelemetry's conventions count the others as
 * answers.
 */
const FAULTS: readonly ErrorCode[] = ["deadline_exceeded", "internal", "unavailable"];

/**
 * A span around each call, in the caller's trace where its metadata names one. A stream without an
 * end of its own has a span for its beginning, which ends before the first message, and one for its
 * end: what it sends has spans of its own, and nobody has to wait days to see them.
 */
export function tracedCalls(tracer: Tracer): (call: TracedCall, next: () => Promise<void>) => Promise<void> {
  return async (call, next) => {
    const attributes = attributesOf(call);
    const name = String(attributes["rpc.method"]);
    const caller = propagation.extract(ROOT_CONTEXT, call, METADATA);
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, caller);
    const inside = trace.setSpan(caller, span);
    let isOver = false;
    call.onEndless?.(() => {
      isOver = true;
      span.setAttribute("strategyruntime.endless", true).end();
    });
    const finish = (thrown?: unknown): void => {
      const last = isOver ? tracer.startSpan(`${name} end`, { attributes }, inside) : span;
      noteStatus(last, thrown);
      last.end();
    };
    try {
      await context.with(inside, next);
      finish();
    } catch (thrown) {
      finish(thrown);
      throw thrown;
    }
  };
}

function attributesOf({ service, method, peer, principal }: TracedCall): Attributes {
  const [, address, port] = /^(.*):(\d+)$/.exec(peer) ?? [];
  return {
    "rpc.system.name": "grpc",
    "rpc.method": `${service}/${method}`,
    ...(address !== undefined && { "client.address": address, "client.port": Number(port) }),
    ...(principal !== undefined && { "enduser.id": principal.name }),
  };
}

function noteStatus(span: Span, thrown: unknown): void {
  if (thrown === undefined) {
    span.setAttribute("rpc.status_code", "OK");
    return;
  }
  const code = thrown instanceof RuntimeError ? thrown.code : "internal";
  const status = STATUS_NAMES[code] ?? code.toUpperCase();
  span.setAttributes({ "rpc.status_code": status, "error.type": status });
  if (FAULTS.includes(code)) {
    noteError(span, thrown);
  }
}
