/** Counts and names that a span carries, by a name in snake case: `{ decisions: 3 }`. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** What a span begins with. */
export interface SpanStart {
  readonly attributes?: SpanAttributes;
  /** The `traceparent` of the span that it belongs under; the current one, where absent. */
  readonly parent?: string | undefined;
  /** It belongs under none: a trace of its own. */
  readonly root?: boolean;
  /** The `traceparent`s of spans in other traces that led to this one. */
  readonly links?: readonly string[];
}

/** A piece of work with a beginning and an end. */
export interface Span {
  /** Adds what is known only now. */
  set(attributes: SpanAttributes): void;
}

/** A span that does not end by itself. */
export interface OpenSpan extends Span {
  /** Once. */
  end(): void;
}

/**
 * Says what took how long, and what belongs together. A `traceparent` is W3C's text of that name,
 * and the only handle to a span. Must not throw, must not wait, and must change nothing but
 * decisions' metadata: off, it costs nothing and leaves no trace in them (R41).
 */
export interface Tracer {
  /**
   * Runs `work` as the current span, for all that it starts too; a rejection is noted on the span
   * and passed on.
   */
  span<T>(name: string, start: SpanStart, work: (span: Span) => Promise<T>): Promise<T>;
  /** Opens a span that is nobody's current one. */
  open(name: string, start: SpanStart): OpenSpan;
  /** Of the current span; undefined where there is none. */
  traceparent(): string | undefined;
}

const SILENT: OpenSpan = { set() {}, end() {} };

/** Traces nothing. */
export const NO_TRACER: Tracer = {
  span: (_, __, work) => work(SILENT),
  open: () => SILENT,
  traceparent: () => undefined,
};
