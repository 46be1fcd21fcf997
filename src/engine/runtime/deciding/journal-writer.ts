import type { Decision } from "../../../domain/decision.ts";
import { errorText, RuntimeError } from "../../../domain/errors.ts";
import type { DecisionJournal } from "../../../ports/decision-journal.ts";
import { NO_TRACER, type Tracer } from "../../../ports/tracer.ts";

/** Decisions of a failed write that a probe tries again: enough to need room on the disk. */
const PROBED = 500;

export interface JournalWriterOptions {
  readonly journal: DecisionJournal;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer;
  /**
   * How long decisions are of use from now on, ms; absent, or undefined: a write of them may come
   * at any time.
   */
  readonly withinMs?: (decisions: readonly Decision[]) => number | undefined;
  /** The journal is not as it was left: nothing is written any more. */
  readonly onUsurped?: (error: RuntimeError) => void;
}

/**
 * Writes to the journal, and knows whether it can be written and whether the fate of a write is
 * unknown.
 */
export class JournalWriter {
  readonly #options: JournalWriterOptions;
  readonly #tracer: Tracer;
  #fault: string | undefined;
  #inDoubt = false;
  #usurped = false;
  /** What could not be written last. */
  #lost: readonly Decision[] = [];

  constructor(options: JournalWriterOptions) {
    this.#options = options;
    this.#tracer = options.tracer ?? NO_TRACER;
  }

  /**
   * Why the journal cannot be written: what the last write failed with, until one has succeeded.
   */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Whether the fate of a write is unknown. */
  get isInDoubt(): boolean {
    return this.#inDoubt;
  }

  /** Set for good once the journal was not as it was left. */
  get isUsurped(): boolean {
    return this.#usurped;
  }

  /**
   * Writes all or none; each of the sweeps that the write is for (`traceparents`) has a span of it.
   * Fails with `deadline_exceeded` where it came too late to be of use, and with `unavailable`.
   */
  async append(decisions: readonly Decision[], traceparents: readonly (string | undefined)[]): Promise<void> {
    const [first, ...others] = traceparents;
    const attributes = { decisions: decisions.length };
    const spans = others.map((parent) => this.#tracer.open("journal", { parent, attributes }));
    const { journal, withinMs } = this.#options;
    try {
      await this.#tracer.span("journal", { parent: first, attributes }, () =>
        journal.append(decisions, withinMs?.(decisions)),
      );
      this.#fault = undefined;
    } catch (error) {
      throw this.#failed(decisions, error);
    } finally {
      for (const span of spans) {
        span.end();
      }
    }
  }

  /**
   * Hands over what the journal holds behind this sequence, page by page; then no fate is unknown
   * any more.
   */
  async readBack(after: number, take: (found: readonly Decision[]) => void): Promise<void> {
    let last = after;
    try {
      for (;;) {
        const found = await this.#options.journal.read({ after: last, includeShadow: true, limit: 1_000 });
        if (found.length === 0) {
          break;
        }
        last = found.at(-1)?.sequence ?? last;
        // It was written: that the answer was lost says nothing of the next write.
        this.#fault = undefined;
        take(found);
      }
      this.#inDoubt = false;
    } catch (error) {
      const text = `no decision was made: the decision journal cannot be read: ${errorText(error)}`;
      throw new RuntimeError("unavailable", text, { cause: error });
    }
  }

  /**
   * Where a write has failed: tries whether one would succeed now. That it can be read says nothing
   * of this.
   */
  async probe(): Promise<void> {
    if (this.#fault === undefined) {
      return;
    }
    try {
      await this.#options.journal.probe(this.#lost);
      this.#fault = undefined;
      this.#lost = [];
    } catch (error) {
      this.#fault = `the decision journal cannot be written: ${errorText(error)}`;
    }
  }

  #failed(decisions: readonly Decision[], error: unknown): RuntimeError {
    this.#lost = decisions.slice(0, PROBED);
    if (error instanceof RuntimeError && error.code === "deadline_exceeded") {
      this.#fault = `the decision journal is written too late: ${errorText(error)}`;
      return error;
    }
    this.#inDoubt = true;
    this.#fault = `the decision journal cannot be written: ${errorText(error)}`;
    if (error instanceof RuntimeError && error.code === "aborted") {
      this.#usurped = true;
      this.#fault = `the decision journal is not as this process left it: another process wrote it, or it was restored (${errorText(error)})`;
      this.#options.onUsurped?.(new RuntimeError("unavailable", this.#fault, { cause: error }));
    }
    return new RuntimeError("unavailable", `no decision was made: ${this.#fault}`, { cause: error });
  }
}
