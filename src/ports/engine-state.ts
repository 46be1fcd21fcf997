import type { Position } from "../domain/position.ts";
import type { DecisionJournal, DecisionTrace } from "./decision-journal.ts";
import type { PositionBook } from "./position-book.ts";

/** What an engine must know before it judges: all of it as of one moment (R33). */
export interface EngineState {
  /** Traces of all decisions kept, in order of sequence. */
  readonly traces: readonly DecisionTrace[];
  /** The last sequence ever given; no trace is above it, and none up to it is missing that is kept. */
  readonly lastSequence: number;
  /** Ids of decisions that hold no reservation any more. */
  readonly settledDecisions: ReadonlySet<string>;
  /** In no particular order. */
  readonly openPositions: readonly Position[];
  readonly lastCloseSequence: number;
  /** Market time up to which every bar close was judged, as last noted; undefined where none ever was. */
  readonly judgedUntil: number | undefined;
}

/**
 * Reads the state that a start needs. What others write meanwhile is in all parts of the answer or in
 * none: a decision that is behind the last sequence and not among the traces would be forgotten for
 * good, and its cooldown with it. Fails as the stores do.
 */
export interface StateReader {
  read(): Promise<EngineState>;
}

/** The state of stores that nobody else writes meanwhile, part by part. */
export async function stateOf(journal: DecisionJournal, positions: PositionBook): Promise<EngineState> {
  return {
    settledDecisions: await positions.settledDecisions(0),
    traces: await journal.traces(),
    openPositions: await positions.open(),
    lastCloseSequence: await positions.lastCloseSequence(),
    lastSequence: await journal.lastSequence(),
    judgedUntil: await journal.judgedUntil(),
  };
}
