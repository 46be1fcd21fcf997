import {
  type Attributes,
  type Context,
  context,
  type Span as OtelSpan,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { parseTraceParent } from "@opentelemetry/core";
import { errorText } from "../domain/errors.ts";
import type { OpenSpan, SpanAttributes, SpanStart, Tracer } from "../ports/tracer.ts";

/** Attributes of ours carry this, so that they are told from the conventional ones. */
const PREFIX = "strategyruntime.";

/** The engine's port over OpenTelemetry. */
export function spanTracer(tracer: OtelTracer): Tracer {
  const begin = (name: string, start: SpanStart): OtelSpan => {
    const links = (start.links ?? []).flatMap((link) => {
      const linked = parseTraceParent(link);
      return linked === null ? [] : [{ context: linked }];
    });
    return tracer.startSpan(name, { attributes: prefixed(start.attributes ?? {}), links }, parentOf(start));
  };
  return {
    async span(name, start, work) {
      const span = begin(name, start);
      const inside = trace.setSpan(parentOf(start), span);
      try {
        return await context.with(inside, () => work(opened(span)));
      } catch (error) {
        noteError(span, error);
        throw error;
      } finally {
        span.end();
      }
    },
    open: (name, start) => opened(begin(name, start)),
    traceparent() {
      const current = trace.getActiveSpan()?.spanContext();
      return current && traceparentOf(current);
    },
  };
}

function parentOf({ parent, root }: SpanStart): Context {
  if (root) {
    return ROOT_CONTEXT;
  }
  const given = parent === undefined ? null : parseTraceParent(parent);
  return given === null ? context.active() : trace.setSpanContext(ROOT_CONTEXT, given);
}

function opened(span: OtelSpan): OpenSpan {
  return {
    set(attributes) {
      span.setAttributes(prefixed(attributes));
    },
    end: () => span.end(),
  };
}

function prefixed(attributes: SpanAttributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [PREFIX + name, value]));
}

/** What callers are told is in the span; what only the log may know is not. */
export function noteError(span: OtelSpan, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: errorText(error) });
}

function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

/** Of the current span, as the log names them. */
export function traceIds(): { readonly trace_id: string; readonly span_id: string } | undefined {
  const current = trace.getActiveSpan()?.spanContext();
  return current && { trace_id: current.traceId, span_id: current.spanId };
}
