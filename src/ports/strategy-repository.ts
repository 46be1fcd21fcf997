import type { Status, StoredStrategy, StrategyConfig } from "../domain/strategy.ts";

/** One strategy to write, only over the version named; 0 means that none exists yet. */
export interface StrategyWrite {
  readonly config: StrategyConfig;
  readonly expectedVersion: number;
}

/** What became of one write: stored, or refused because another version (0: none) was found. */
export type StrategyWriteResult =
  | { readonly stored: StoredStrategy }
  | { readonly conflict: { readonly found: number } };

/**
 * A place in the order of `list`: the last strategy of the page before, and its fitness as `list`
 * gave it.
 */
export interface StrategyCursor {
  readonly fitnessScore?: number;
  readonly strategyId: string;
}

/** What a repository holds, or what has become of it since an earlier answer: as of one moment. */
export interface StrategyChanges {
  /** `strategies` is everything: what was known before is void. */
  readonly complete: boolean;
  /**
   * All with one of the statuses, or with none that there is, in the order of `byStatus`; those of
   * them that changed, in no particular order, where not complete.
   */
  readonly strategies: readonly StoredStrategy[];
  /**
   * Ids that changed and are not, or no longer, stored with one of the statuses; some may never
   * have been. Empty where complete.
   */
  readonly gone: readonly string[];
  /** For the next call, of the same repository object and the same statuses only. */
  readonly mark: string;
}

/** Takes a page of strategies; the next one comes once it resolves. */
export type TakePage = (strategies: readonly StoredStrategy[]) => Promise<void>;

/**
 * Keeps strategies. Others may write the same store, so what is read may be invalid; what is read
 * is never judged here.
 *
 * Every method but `close` fails with `unavailable` where the store cannot be reached or answers
 * too late.
 */
export interface StrategyRepository {
  /**
   * Connects and migrates. Called before any other method; again, where it failed with
   * `unavailable`.
   */
  ready(): Promise<void>;
  /**
   * All with one of the statuses, as of one moment: best fitness first, those without one last,
   * then by id in code-point order. A row that cannot be read has no fitness, whatever stands in
   * it.
   */
  byStatus(statuses: readonly Status[]): Promise<readonly StoredStrategy[]>;
  /**
   * What has changed since the answer that gave the mark; everything, without a mark or where the
   * repository cannot say any more. No change is ever left out; one may come again. Notes of
   * executions are none. Those whose status is none that there is come too, so that they can be
   * told of (R44).
   *
   * With `take`, strategies are handed to it as they are read, and are not in the answer; the next
   * page is waited for meanwhile. Where this fails, what was handed over is void.
   */
  changedSince(statuses: readonly Status[], mark?: string, take?: TakePage): Promise<StrategyChanges>;
  /** Those that exist, by id. */
  get(ids: readonly string[]): Promise<ReadonlyMap<string, StoredStrategy>>;
  /** A page, in the order of `byStatus`, strictly after the cursor. At most `limit`. */
  list(page: {
    readonly status?: Status;
    readonly after?: StrategyCursor;
    readonly limit: number;
  }): Promise<readonly StoredStrategy[]>;
  /**
   * Writes each on its own: one conflict stops no other. A write makes version `expectedVersion +
   * 1`, keeps created_at and last_executed_at, and sets updated_at to `time`. Results in the order
   * of the writes; no id twice in one call.
   */
  save(writes: readonly StrategyWrite[], time: number): Promise<readonly StrategyWriteResult[]>;
  /**
   * Sets the status and notes the reason in the status history; the version grows by one. The same
   * status again changes nothing. Undefined where there is no such strategy.
   */
  setStatus(strategyId: string, status: Status, reason: string, time: number): Promise<StoredStrategy | undefined>;
  /**
   * Removes a strategy whose status is neither LIVE nor SHADOW, and notes the reason in the status
   * history, which stays. "active": it is LIVE or SHADOW, and stays. Undefined where there is no
   * such strategy.
   */
  delete(strategyId: string, reason: string, time: number): Promise<"deleted" | "active" | undefined>;
  /**
   * Notes the last execution of each; never moves one back, never changes the version or
   * updated_at. Unknown ids are ignored.
   */
  touch(executions: ReadonlyMap<string, number>): Promise<void>;
  /**
   * Yields after others (or this process) changed the store; several changes may become one. Ends
   * when the signal aborts.
   */
  changes(signal: AbortSignal): AsyncIterable<void>;
  /** Idempotent. */
  close(): Promise<void>;
}
