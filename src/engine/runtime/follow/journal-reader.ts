import type { Decision } from "../../../domain/decision.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { DecisionJournal } from "../../../ports/decision-journal.ts";
import type { Tracer } from "../../../ports/tracer.ts";
import type { DecisionQuery, FollowQuery, SignalBatch } from "../../api.ts";
import type { CatchUpTurns } from "../../streams/catch-up-turns.ts";
import type { DecisionLog } from "./decision-log.ts";
import { follow } from "./follow.ts";

/** Of calls that are not called back. */
const NEVER = new AbortController().signal;

export interface JournalReaderOptions {
  readonly journal: Pick<DecisionJournal, "read">;
  readonly log: DecisionLog;
  readonly catchUps: CatchUpTurns;
  readonly clock: Clock;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer;
  /** Messages that may wait for a slow reader. */
  readonly queueLimit: number;
  /** What a query without symbols follows; absent or empty: all symbols. */
  readonly universe?: ReadonlySet<string>;
  /** Has the query's symbols judged until the answer is called; absent where nobody judges. */
  readonly hold?: (symbols: readonly string[]) => () => void;
  /** Told where a stream withholds its first decision, since its caller knows of no exits (R87). */
  readonly onWithheld?: () => void;
}

/**
 * Answers what callers read of the journal: lists, and streams that follow it. Needs nobody who
 * decides.
 */
export class JournalReader {
  readonly #options: JournalReaderOptions;
  readonly #queues = new Set<{ readonly depth: number }>();
  #openStreams = 0;

  constructor(options: JournalReaderOptions) {
    this.#options = options;
  }

  get openStreams(): number {
    return this.#openStreams;
  }

  /** Messages that wait for the slowest stream. */
  get longestQueue(): number {
    return Math.max(0, ...[...this.#queues].map(({ depth }) => depth));
  }

  async *follow(query: FollowQuery, signal: AbortSignal): AsyncGenerator<SignalBatch> {
    const { log, ...options } = this.#options;
    const { identity, published } = log;
    const ends = { last: () => log.last(), watermark: () => log.watermark() };
    this.#openStreams++;
    try {
      yield* follow({ ...options, identity, published, ...ends, queues: this.#queues }, query, signal);
    } finally {
      this.#openStreams--;
    }
  }

  async decisions({ strategyIds, symbols, includeExits, ...query }: DecisionQuery): Promise<readonly Decision[]> {
    const { journal, catchUps } = this.#options;
    const filters = {
      ...query,
      ...(strategyIds.length > 0 && { strategyIds }),
      ...(symbols.length > 0 && { symbols }),
      withoutExits: includeExits !== true,
    };
    return (await catchUps.run(query.limit, NEVER, () => journal.read(filters))) ?? [];
  }
}
