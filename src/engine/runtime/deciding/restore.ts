import type { Place } from "../../../domain/place.ts";
import type { Position } from "../../../domain/position.ts";
import type { DecisionJournal, TraceWindow } from "../../../ports/decision-journal.ts";
import { type EngineState, type OnReading, type StateReader, stateOf } from "../../../ports/engine-state.ts";
import type { PositionBook } from "../../../ports/position-book.ts";
import type { Pace } from "../../concurrency/pace.ts";
import { closingAt, decisionAt } from "../../streams/resume-token.ts";
import { DecisionMemory } from "./decision-memory.ts";
import { LATE_MS } from "./remembered.ts";

/**
 * So far ahead of market time decisions are read, too: another machine's clock may have been ahead
 * of this one's.
 */
const AHEAD_MS = 3_600_000;

/** What the stores hold that decisions depend on, as of one moment. */
export interface RestoredState {
  /** The journal's identity, which tokens name. */
  readonly identity: string;
  readonly memory: DecisionMemory;
  /** The ends of the two logs that callers resume. */
  readonly lastDecision: Place;
  readonly lastClosing: Place;
  /**
   * Market time up to which an earlier process has judged every close; undefined where none has.
   */
  readonly judgedUntil: number | undefined;
  readonly openPositions: readonly Position[];
}

export interface RestoreOptions {
  readonly journal: DecisionJournal;
  readonly positions: PositionBook;
  /** Absent: nobody else writes the journal and the position book. */
  readonly state?: StateReader;
  readonly marketNow: number;
  readonly pace: Pace;
  /** Told how far the reading has come. */
  readonly onReading?: OnReading | undefined;
}

/**
 * Reads the state that decisions begin with (R33). Fails where the journal or the position book
 * cannot be read: without them, gates would let pass what they must not.
 */
export async function restoredState(options: RestoreOptions): Promise<RestoredState> {
  const { journal, positions, onReading } = options;
  const window = windowAt(options.marketNow);
  const state = await (options.state?.read(window, onReading) ?? stateOf(journal, positions, window, onReading));
  const { lastSequence, lastCloseSequence, judgedUntil } = state;
  const lastDecision = (await decisionAt(journal, lastSequence)) ?? { sequence: lastSequence, mark: "" };
  const lastClosing = (await closingAt(positions, lastCloseSequence)) ?? { sequence: lastCloseSequence, mark: "" };
  const identity = await journal.identity();
  const memory = await restoredMemory(state, window, options.pace);
  return { identity, memory, lastDecision, lastClosing, judgedUntil, openPositions: state.openPositions };
}

/** What a start at this market time must know besides the newest decision of every pair. */
function windowAt(marketNow: number): TraceWindow {
  return { validAfter: marketNow - LATE_MS, closedBy: marketNow + AHEAD_MS };
}

/** What the gates remember, from the stores (R33). */
export async function restoredMemory(state: EngineState, window: TraceWindow, pace: Pace): Promise<DecisionMemory> {
  const memory = new DecisionMemory();
  for (const trace of state.traces) {
    memory.restore(trace, window);
    if (pace.isLateAfter(1)) {
      await pace.rest();
    }
  }
  for (const decisionId of state.settledDecisions) {
    memory.settle(decisionId);
  }
  for (const { strategyId, positionId, decisionId } of state.openPositions) {
    memory.positionOpened(strategyId, positionId, decisionId);
    if (pace.isLateAfter(1)) {
      await pace.rest();
    }
  }
  return memory;
}
