import type { TraceWindow } from "../../../ports/decision-journal.ts";
import type { EngineState } from "../../../ports/engine-state.ts";
import type { Pace } from "../../concurrency/pace.ts";
import { DecisionMemory } from "./decision-memory.ts";
import { LATE_MS } from "./remembered.ts";

/** So far ahead of market time decisions are read, too: another machine's clock may have been ahead of this one's. */
const AHEAD_MS = 3_600_000;

/** What a start at this market time must know besides the newest decision of every pair. */
export function windowAt(marketNow: number): TraceWindow {
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
