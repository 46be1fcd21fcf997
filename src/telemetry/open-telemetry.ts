import { createRequire } from "node:module";
import { context, propagation } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { setGlobalErrorHandler, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { IORedisInstrumentation } from "@opentelemetry/instrumentation-ioredis";
import { PgInstrumentation } from "@opentelemetry/instrumentation-pg";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { spanTracer, traceIds } from "./span-tracer.ts";
import { tracedCalls } from "./traced-calls.ts";
import type { TracedClient, Tracing, TracingOptions } from "./tracing.ts";

const SERVICE_NAME = "strategy-runtime-engine";
const GATHER_MS = 2_000;
const CLOSE_MS = 2_000;

/**
 * Tracing by OpenTelemetry, over OTLP. The exporter reads the standard OTEL_EXPORTER_OTLP_*
 * settings besides, the resource OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
 */
export function openTelemetry(options: TracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${options.endpoint.replace(/\/+$/, "")}/v1/traces` });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ "service.name": SERVICE_NAME, "service.version": options.serviceVersion }))
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.sampleRatio ?? 1) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: options.gatherMs ?? GATHER_MS })],
  });
  setGlobalErrorHandler(options.onFault);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const stopClients = (options.clients ?? []).map((client) => traceClient(client, provider));
  const tracer = provider.getTracer(SERVICE_NAME, options.serviceVersion);
  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    for (const stop of stopClients) {
      stop();
    }
    await withinTime(provider.shutdown(), CLOSE_MS).catch(options.onFault);
    context.disable();
    propagation.disable();
  }
  return {
    tracer: spanTracer(tracer),
    callHook: tracedCalls(tracer),
    traceIds,
    flush: () => provider.forceFlush(),
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/**
 * Traces a client library's queries, those without a span around them excepted. Answers with what
 * ends it.
 */
function traceClient(client: TracedClient, provider: TracerProvider): () => void {
  const instrumentation =
    client === "pg"
      ? new PgInstrumentation({ requireParentSpan: true })
      : new IORedisInstrumentation({ requireParentSpan: true });
  instrumentation.setTracerProvider(provider);
  instrumentation.enable();
  // It takes hold of what is required, and we import. Both have the same classes, so to require it
  // once is enough, even after the import.
  createRequire(import.meta.url)(client);
  return () => instrumentation.disable();
}

async function withinTime(work: Promise<void>, ms: number): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`the last spans could not be sent within ${ms} ms`)), ms);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
