import { RuntimeError } from "../../domain/errors.ts";
import { type ClosedPosition, compareClosed, isClosed, type Position } from "../../domain/position.ts";
import type { PositionBook, Rejection } from "../../ports/position-book.ts";

/** Positions and rejections that live as long as the process. */
export function memoryPositions(): PositionBook {
  const positions = new Map<string, Position>();
  const rejections = new Map<string, Rejection>();
  /** By close sequence: which position has it. */
  const closings = new Map<number, string>();

  function closedOnes(): ClosedPosition[] {
    return [...positions.values()].filter(isClosed);
  }

  return {
    async ready() {},
    get: async (positionId) => positions.get(positionId),
    async put(position) {
      const { positionId, closeSequence } = position;
      const known = positions.get(positionId);
      refuseReopening(known, position);
      refuseTaken(closings, position);
      const before = known?.closeSequence;
      if (before !== undefined) {
        closings.delete(before);
      }
      if (closeSequence !== undefined) {
        closings.set(closeSequence, positionId);
      }
      positions.set(positionId, position);
    },
    async open() {
      return [...positions.values()].filter((position) => !isClosed(position));
    },
    async closed(strategyId, start = Number.NEGATIVE_INFINITY, end = Number.POSITIVE_INFINITY) {
      return closedOnes()
        .filter((one) => one.strategyId === strategyId && start <= one.closedAt && one.closedAt < end)
        .sort(compareClosed);
    },
    async closedAfter(sequence, limit, strategyIds = []) {
      return closedOnes()
        .filter((one) => one.closeSequence > sequence)
        .filter((one) => strategyIds.length === 0 || strategyIds.includes(one.strategyId))
        .sort((a, b) => a.closeSequence - b.closeSequence)
        .slice(0, limit);
    },
    async lastCloseSequence() {
      return closedOnes().reduce((last, one) => Math.max(last, one.closeSequence), 0);
    },
    async reject(rejection) {
      if (!rejections.has(rejection.decisionId)) {
        rejections.set(rejection.decisionId, rejection);
      }
    },
    rejection: async (decisionId) => rejections.get(decisionId),
    async settled(decisionIds) {
      const opened = new Set(positions.values().map(({ decisionId }) => decisionId));
      return new Set(decisionIds.filter((id) => rejections.has(id) || opened.has(id)));
    },
    async close() {},
  };
}

function refuseReopening(known: Position | undefined, position: Position): void {
  if (known !== undefined && isClosed(known) && !isClosed(position)) {
    throw new RuntimeError("aborted", `position ${position.positionId} is closed, and cannot be opened again`);
  }
}

function refuseTaken(closings: ReadonlyMap<number, string>, { positionId, closeSequence }: Position): void {
  const taken = closeSequence === undefined ? undefined : closings.get(closeSequence);
  if (taken !== undefined && taken !== positionId) {
    throw new RuntimeError("aborted", `close sequence ${closeSequence} is taken by position ${taken}`);
  }
}
