import type { Position } from "../domain/position.ts";
import type { DecisionJournal, DecisionTrace, TraceWindow } from "./decision-journal.ts";
import type { PositionBook } from "./position-book.ts";

/** What an engine must know before it judges: all of it as of one moment (R33). */
export interface EngineState {
  /** See `traces` of the journal: the newest of every pair and kind, and those in the window. */
  readonly traces: readonly DecisionTrace[];
  /**
   * The last sequence ever given; no trace is above it, and none up to it is missing that is
   * wanted.
   */
  readonly lastSequence: number;
  /** Ids of those in the window that hold no reservation any more. */
  readonly settledDecisions: ReadonlySet<string>;
  /** In no particular order. */
  readonly openPositions: readonly Position[];
  readonly lastCloseSequence: number;
  /**
   * Market time up to which every bar close was judged, as last noted; undefined where none ever
   * was.
   */
  readonly judgedUntil: number | undefined;
}

/**
 * Told again and again how many traces are read, and how many there are at most: of pairs that
 * decided more than once only the newest decision is read. Must not throw.
 */
export type OnReading = (read: number, most: number) => void;

/**
 * Reads the state that a start needs. What others write meanwhile is in all parts of the answer or
 * in none: a decision that is behind the last sequence and not among the traces would be forgotten
 * for good, and its cooldown with it. Fails as the stores do.
 */
export interface StateReader {
  read(window: TraceWindow, onReading?: OnReading): Promise<EngineState>;
}

/** The state of stores that nobody else writes meanwhile, part by part. */
export async function stateOf(
  journal: DecisionJournal,
  positions: PositionBook,
  window: TraceWindow,
  onReading: OnReading = () => {},
): Promise<EngineState> {
  const traces: DecisionTrace[] = [];
  const [oldest] = await journal.read({ includeShadow: true, limit: 1 });
  const most = (await journal.lastSequence()) - (oldest?.sequence ?? 0) + 1;
  await journal.traces(window, (page) => {
    for (const trace of page) {
      traces.push(trace);
    }
    onReading(traces.length, Math.max(most, traces.length));
  });
  const { validAfter, closedBy } = window;
  const inWindow = traces.filter(({ validUntil, barCloseTime }) => validUntil > validAfter && barCloseTime <= closedBy);
  return {
    traces,
    settledDecisions: await positions.settled(inWindow.map(({ decisionId }) => decisionId)),
    openPositions: await positions.open(),
    lastCloseSequence: await positions.lastCloseSequence(),
    lastSequence: await journal.lastSequence(),
    judgedUntil: await journal.judgedUntil(),
  };
}
