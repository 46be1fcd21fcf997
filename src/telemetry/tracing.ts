import { NO_TRACER, type Tracer } from "../ports/tracer.ts";

/** What is read of a call to trace it; calls of any carrier have it. */
export interface TracedCall {
  readonly service: string;
  readonly method: string;
  readonly peer: string;
  readonly principal?: { readonly name: string };
  metadata(name: string): string | undefined;
  onEndless?(listener: () => void): void;
}

/** Client libraries whose queries can be traced. */
export type TracedClient = "pg" | "ioredis";

export interface TracingOptions {
  /**
   * OTEL_EXPORTER_OTLP_ENDPOINT: the address of a receiver of OTLP over HTTP; spans go to
   * `/v1/traces` there.
   */
  readonly endpoint: string;
  readonly serviceVersion: string;
  /**
   * Share of the traces begun here that are recorded, 0 to 1; 1. A caller's decision on its own
   * trace is kept.
   */
  readonly sampleRatio?: number;
  /** Whose queries are traced too; none. */
  readonly clients?: readonly TracedClient[];
  /**
   * Hears that spans could not be delivered; they are lost then. May be called every few seconds.
   */
  readonly onFault: (error: unknown) => void;
  /** How long spans are gathered before they are sent, ms; 2 s. */
  readonly gatherMs?: number;
}

/** Tracing as the rest of the process uses it. */
export interface Tracing {
  /** For the engine. */
  readonly tracer: Tracer;
  /** A hook of calls: a span for each, in the caller's trace where it has one. */
  readonly callHook: (call: TracedCall, next: () => Promise<void>) => Promise<void>;
  /** Of the current span, for lines of the log; undefined where there is none. */
  readonly traceIds: () => { readonly trace_id: string; readonly span_id: string } | undefined;
  /** Sends what has been gathered. */
  flush(): Promise<void>;
  /** As `flush`, for 2 s at most, and ends. Idempotent. */
  close(): Promise<void>;
}

/** Where tracing is off. */
export const NO_TRACING: Tracing = {
  tracer: NO_TRACER,
  callHook: (_, next) => next(),
  traceIds: () => undefined,
  flush: async () => {},
  close: async () => {},
};

/**
 * Starts tracing, at most once at a time in a process. The libraries that it takes are loaded here,
 * so that nobody else waits for them.
 */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const { openTelemetry } = await import("./open-telemetry.ts");
  return openTelemetry(options);
}
