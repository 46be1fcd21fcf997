import type { ClosedPosition, Position } from "../domain/position.ts";

export interface Rejection {
  readonly decisionId: string;
  readonly reason: string;
  /** When the report came, ms. */
  readonly time: number;
}

/**
 * Keeps the executor's reports, written by one process. It stores; what a report may say is decided
 * by the engine.
 *
 * Every method but `close` fails with `unavailable` where the store cannot be reached or answers
 * too late.
 */
export interface PositionBook {
  /**
   * Connects and migrates. Called before any other method; again, where it failed with
   * `unavailable`.
   */
  ready(): Promise<void>;
  get(positionId: string): Promise<Position | undefined>;
  /**
   * Inserts or replaces the position with this id, durably. Fails with `aborted` where another
   * position has the close sequence, and where an opening would take the place of a closing: an
   * opening that was given up may come late.
   */
  put(position: Position): Promise<void>;
  /** All that are open, in no particular order. */
  open(): Promise<readonly Position[]>;
  /**
   * A strategy's closed ones, in the order of `compareClosed`; only those with start <= closedAt <
   * end, where given.
   */
  closed(strategyId: string, start?: number, end?: number): Promise<readonly ClosedPosition[]>;
  /**
   * Closed ones in the order of closeSequence, strictly after `sequence`, at most `limit`; only of
   * these strategies, where any are given.
   */
  closedAfter(sequence: number, limit: number, strategyIds?: readonly string[]): Promise<readonly ClosedPosition[]>;
  /** The last close sequence given; 0: none yet. */
  lastCloseSequence(): Promise<number>;
  /** Notes a rejection; the same decision again keeps the first. */
  reject(rejection: Rejection): Promise<void>;
  rejection(decisionId: string): Promise<Rejection | undefined>;
  /**
   * Those of these decisions that have a rejection, or a position, open or closed: they hold no
   * reservation.
   */
  settled(decisionIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Idempotent. */
  close(): Promise<void>;
}
