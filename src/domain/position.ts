import { compareCodePoints } from "./decision.ts";
import type { ExitReason } from "./exit.ts";
import type { Side } from "./strategy.ts";

/** A position that the executor opened. Times are ms since the epoch. */
export interface Position {
  readonly positionId: string;
  readonly strategyId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly decisionId?: string;
  /** USD value at entry. */
  readonly sizeUsd: number;
  readonly entryPrice: number;
  readonly openedAt: number;
  /** Present, both, once closed. */
  readonly exitPrice?: number;
  readonly closedAt?: number;
  /** Why it was closed, where the reporter says. */
  readonly exitReason?: ExitReason;
  /** Fees of both legs in USD. */
  readonly feesUsd: number;
  /**
   * Order in which closings were reported, from 1; absent while open. WatchPerformance resumes by
   * it.
   */
  readonly closeSequence?: number;
}

export interface ClosedPosition extends Position {
  readonly exitPrice: number;
  readonly closedAt: number;
  readonly closeSequence: number;
}

export function isClosed(position: Position): position is ClosedPosition {
  return position.closedAt !== undefined;
}

export interface Profit {
  /** Per unit, signed by side. */
  readonly pnl: number;
  /** A fraction of the entry price. */
  readonly pnlPct: number;
  /** After fees. */
  readonly pnlUsd: number;
}

/** R45. */
export function profit(
  position: Pick<ClosedPosition, "side" | "entryPrice" | "exitPrice" | "sizeUsd" | "feesUsd">,
): Profit {
  const { side, entryPrice, exitPrice, sizeUsd, feesUsd } = position;
  const pnl = side === "LONG" ? exitPrice - entryPrice : entryPrice - exitPrice;
  const pnlPct = pnl / entryPrice;
  return { pnl, pnlPct, pnlUsd: pnlPct * sizeUsd - feesUsd };
}

/** R46: the order in which closed positions are added up. */
export function compareClosed(a: ClosedPosition, b: ClosedPosition): number {
  return a.closedAt - b.closedAt || compareCodePoints(a.positionId, b.positionId);
}
