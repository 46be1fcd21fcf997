import type { Position } from "../../../gen/strategyruntime/v1/performance_pb.ts";
import { strategyIdFault, textFault } from "../../engine/validation/texts.ts";
import type { Faults } from "../faults.ts";
import { exitReasons, sides } from "../translate/enums.ts";
import { timestampFault } from "../translate/time.ts";

const LONGEST_ID = 128;

/**
 * What is wrong with a report of an opening by itself. What it leaves out is for the engine to find
 * in the decision, or to refuse.
 */
export function openedReport(faults: Faults, position: Position): void {
  given(faults, position);
  if (position.decisionId === "") {
    required(faults, position);
  }
  if (position.exitPrice !== undefined) {
    faults.note("position.exit_price", "is for ReportPositionClosed: leave it out");
  }
  if (position.closedAt !== undefined) {
    faults.note("position.closed_at", "is for ReportPositionClosed: leave it out");
  }
  if (position.exitReason !== 0) {
    faults.note("position.exit_reason", "is for ReportPositionClosed: leave it out");
  }
}

/**
 * What is wrong with a report of a closing by itself. What it leaves out may have been reported at
 * the opening.
 */
export function closedReport(faults: Faults, position: Position): void {
  given(faults, position);
  if (position.exitPrice === undefined) {
    faults.note("position.exit_price", "is required, above 0");
  }
  faults.positive("position.exit_price", position.exitPrice);
  if (position.closedAt === undefined) {
    faults.note("position.closed_at", "is required");
  }
  faults.time("position.closed_at", position.closedAt);
  faults.note("position.closed_at", orderFault(position));
  faults.note("position.exit_reason", exitReasons.fault(position.exitReason, false));
}

/** Checks what is there; 0 and empty are how proto3 says that it is not. */
function given(faults: Faults, position: Position): void {
  const { positionId, strategyId, symbol, side, decisionId, sizeUsd, entryPrice, openedAt, feesUsd } = position;
  faults.note(
    "position.position_id",
    positionId.trim() === "" ? "is required" : textFault(positionId, { least: 1, most: LONGEST_ID }),
  );
  faults.note("position.strategy_id", strategyId === "" ? undefined : strategyIdFault(strategyId));
  if (symbol !== "") {
    faults.symbol("position.symbol", symbol);
  }
  faults.note("position.side", sides.fault(side, false));
  faults.note("position.decision_id", textFault(decisionId, { least: 0, most: LONGEST_ID }));
  faults.positive("position.size_usd", sizeUsd === 0 ? undefined : sizeUsd);
  faults.positive("position.entry_price", entryPrice === 0 ? undefined : entryPrice);
  faults.time("position.opened_at", openedAt);
  const fine = Number.isFinite(feesUsd) && feesUsd >= 0;
  faults.note("position.fees_usd", fine ? undefined : `is ${feesUsd}, must be finite and not negative`);
}

function required(faults: Faults, position: Position): void {
  const { strategyId, symbol, side, sizeUsd, entryPrice, openedAt } = position;
  faults.note("position.strategy_id", strategyId === "" ? "is required" : undefined);
  faults.note("position.symbol", symbol === "" ? "is required" : undefined);
  faults.note("position.side", side === 0 ? sides.fault(side, true) : undefined);
  faults.note("position.size_usd", sizeUsd === 0 ? "is required, above 0" : undefined);
  faults.note("position.entry_price", entryPrice === 0 ? "is required, above 0" : undefined);
  faults.note("position.opened_at", openedAt === undefined ? "is required" : undefined);
}

/** R46. */
function orderFault({ openedAt, closedAt }: Position): string | undefined {
  if (openedAt === undefined || closedAt === undefined || timestampFault(openedAt) || timestampFault(closedAt)) {
    return undefined;
  }
  const before = closedAt.seconds < openedAt.seconds;
  const beforeWithin = closedAt.seconds === openedAt.seconds && closedAt.nanos < openedAt.nanos;
  return before || beforeWithin ? "is before opened_at" : undefined;
}
