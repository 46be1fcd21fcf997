import type { Decision } from "../domain/decision.ts";

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
  /** Only timestamps at or after. */
  readonly startTime?: number;
  /** Only timestamps before. */
  readonly endTime?: number;
  readonly limit: number;
  /** Once it comes, no more is read: what was found until then is answered, and may be less than there is. */
  readonly signal?: AbortSignal;
}

/** What the gates must remember of a decision (R30 to R32). */
export type DecisionTrace = Pick<
  Decision,
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

/**
 * The durable record of decisions, written by one process.
 *
 * The writer gives the sequence; it is unique in the store, so that a second writer fails rather than interleaves.
 */
export interface DecisionJournal {
  /** Connects and migrates. Called before any other method; again, where it failed with `unavailable`. */
  ready(): Promise<void>;
  /**
   * Writes all or none, durably, before it resolves; sequences are consecutive and follow the last one. Fails with `unavailable` where the store
   * cannot be reached or answers too late, with `aborted` where a sequence or decision id is already taken.
   *
   * `withinMs`: the write is of no use later than so long after this call. One that comes later, however
   * long it was on its way, writes nothing and fails with `deadline_exceeded`, by the store's own clock
   * and whatever that shows.
   */
  append(decisions: readonly Decision[], withinMs?: number): Promise<void>;
  /** In order of sequence, at most `limit`. What is read equals what was appended, field by field. */
  read(query: JournalQuery): Promise<readonly Decision[]>;
  /**
   * 12 random hexadecimal digits that the journal was given when it was made, and has for good: a copy
   * of it has the same, any other journal has others.
   */
  identity(): Promise<string>;
  /** The last sequence ever given (0: none yet), kept even where retention dropped the decision itself. */
  lastSequence(): Promise<number>;
  /** What the gates need at start: traces of all decisions kept, in order of sequence. */
  traces(): Promise<readonly DecisionTrace[]>;
  /** Drops decisions whose timestamp is before `time`, at most `limit` of them; answers how many. */
  drop(time: number, limit: number): Promise<number>;
  /** Market time up to which every bar close was judged, ms, as last noted; undefined where none ever was. */
  judgedUntil(): Promise<number | undefined>;
  /** Notes that time, durably. Fails as `append` does. */
  noteJudged(time: number): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}
