import type { Decision, Opening } from "../domain/decision.ts";

/** What to read; absent filters let all through. */
export interface JournalQuery {
  /** Only sequences above this. */
  readonly after?: number;
  /** Only sequences up to and including this. */
  readonly upTo?: number;
  readonly strategyIds?: readonly string[];
  readonly symbols?: readonly string[];
  /** SHADOW decisions too; LIVE ones always. */
  readonly includeShadow: boolean;
  /** Leaves out those that only callers may have who know of exits (R87). */
  readonly withoutExits?: boolean;
  /** Only timestamps at or after. */
  readonly startTime?: number;
  /** Only timestamps before. */
  readonly endTime?: number;
  /** Only those in force at this time: on a bar that had closed by then, and valid after it. */
  readonly validAt?: number;
  /** In falling order of sequence, from the newest on. Not with `validAt`. */
  readonly newestFirst?: boolean;
  readonly limit: number;
  /**
   * Once it comes, no more is read: what was found until then is answered, and may be less than
   * there is.
   */
  readonly signal?: AbortSignal;
}

/** What the gates must remember of an opening (R30 to R32). */
export type DecisionTrace = Pick<
  Opening,
  | "sequence"
  | "decisionId"
  | "strategyId"
  | "strategyVersion"
  | "symbol"
  | "barCloseTime"
  | "timestamp"
  | "validUntil"
  | "shadow"
>;

/** What the gates must remember from the start on, besides the newest decision of every pair. */
export interface TraceWindow {
  /** Decisions that are valid after this time, ms, … */
  readonly validAfter: number;
  /** … on bars that closed by this time, ms. */
  readonly closedBy: number;
}

/** A strategy on a symbol's bar, judged as of a time. */
export interface TraceQuestion {
  readonly strategyId: string;
  readonly symbol: string;
  readonly barCloseTime: number;
  readonly time: number;
}

/** Where a drop ended: decisions go by timestamp, then sequence. */
export type DropPlace = Pick<Decision, "timestamp" | "sequence">;

export interface DropQuery {
  /** Decisions whose timestamp is before this are dropped, … */
  readonly before: number;
  /**
   * … but not the newest opening of its strategy, symbol and kind with a timestamp at or after this: a
   * cooldown may need it (R31).
   */
  readonly keepNewestFrom: number;
  /** Only those behind this place; absent: from the oldest on. */
  readonly after?: DropPlace;
  /** Ids of decisions that are kept whatever their age: of open positions (R81). */
  readonly keep?: ReadonlySet<string>;
  /** So many are looked at, at most. */
  readonly limit: number;
}

export interface Dropped {
  readonly dropped: number;
  /** The last one looked at; absent where none is left before the time. */
  readonly end?: DropPlace;
}

/**
 * The durable record of decisions, written by one process.
 *
 * The writer gives the sequence; it is unique in the store, so that a second writer fails rather
 * than interleaves.
 */
export interface DecisionJournal {
  /**
   * Connects and migrates. Called before any other method; again, where it failed with
   * `unavailable`.
   */
  ready(): Promise<void>;
  /**
   * Writes all or none, durably, before it resolves; sequences are consecutive and follow the last
   * one. Fails with `unavailable` where the store cannot be reached or answers too late, with
   * `aborted` where a sequence or decision id is already taken.
   *
   * `withinMs`: the write is of no use later than so long after this call. One that comes later,
   * however long it was on its way, writes nothing and fails with `deadline_exceeded`, by the
   * store's own clock and whatever that shows.
   */
  append(decisions: readonly Decision[], withinMs?: number): Promise<void>;
  /**
   * Tries whether these could be appended now, the way that `append` takes, and leaves nothing of
   * them. Fails as that does.
   */
  probe(decisions: readonly Decision[]): Promise<void>;
  /**
   * In order of sequence unless `newestFirst`, at most `limit`. What is read equals what was appended, field by field.
   */
  read(query: JournalQuery): Promise<readonly Decision[]>;
  /**
   * 12 random hexadecimal digits that the journal was given when it was made, and has for good: a
   * copy of it has the same, any other journal has others.
   */
  identity(): Promise<string>;
  /**
   * The last sequence ever given (0: none yet), kept even where retention dropped the decision
   * itself.
   */
  lastSequence(): Promise<number>;
  /** Those of these decisions that are kept, whole, in order of sequence. */
  get(decisionIds: readonly string[]): Promise<readonly Decision[]>;
  /** The newest CLOSE or ADJUST of each of these positions that has one, in order of sequence. */
  exits(positionIds: readonly string[]): Promise<readonly Decision[]>;
  /** Traces of those of these openings that are kept, in order of sequence. */
  find(decisionIds: readonly string[]): Promise<readonly DecisionTrace[]>;
  /**
   * Hands what the gates need at start to `take`, page by page, as of one moment: the newest
   * opening (by timestamp, then sequence) of every strategy, symbol and kind, and those in the
   * window. In no order; a decision that is both may come twice. `take` must not ask a store: one
   * that works on one statement at a time would wait for itself.
   */
  traces(window: TraceWindow, take: (page: readonly DecisionTrace[]) => void): Promise<void>;
  /**
   * What the gates must know for questions about other times (R30 to R32), in order of sequence,
   * each once: of every question all openings on its strategy, symbol and bar; the newest of each
   * kind on its strategy and symbol with a timestamp at or before its time; and all of its strategy
   * in force at its time.
   */
  tracesAt(questions: readonly TraceQuestion[]): Promise<readonly DecisionTrace[]>;
  /** Drops old decisions, oldest first. */
  drop(query: DropQuery): Promise<Dropped>;
  /**
   * Market time up to which every bar close was judged, ms, as last noted; undefined where none
   * ever was.
   */
  judgedUntil(): Promise<number | undefined>;
  /** Notes that time, durably. Fails as `append` does. */
  noteJudged(time: number): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}
