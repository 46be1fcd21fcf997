import { compareCodePoints } from "./decision.ts";
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
  /** Fees of both legs in USD. */
  readonly feesUsd: number;
  /** Order in which closings were reported, from 1; absent while open. WatchPerformance resumes by it. */
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

/** What a strategy's closed positions add up to. */
export interface Performance {
  readonly strategyId: string;
  readonly closedPositions: number;
  readonly wins: number;
  readonly losses: number;
  readonly totalPnlUsd: number;
  readonly meanPnlPct: number;
  /** Sample standard deviation; absent under two positions. */
  readonly stdevPnlPct?: number;
  /** Absent without a loss. */
  readonly profitFactor?: number;
  /** Not negative. */
  readonly maxDrawdownUsd: number;
  readonly meanHoldTimeMs?: number;
  readonly openPositions: number;
  readonly lastClosedAt?: number;
}

/** R46: the order in which closed positions are added up. */
export function compareClosed(a: ClosedPosition, b: ClosedPosition): number {
  return a.closedAt - b.closedAt || compareCodePoints(a.positionId, b.positionId);
}

/**
 * R46: the totals over closed positions, which are in the order of `compareClosed`. Plain doubles added in that order,
 * so the answer does not depend on how the reports came.
 */
export function performanceOf(
  strategyId: string,
  closed: readonly ClosedPosition[],
  openPositions: number,
): Performance {
  let wins = 0;
  let losses = 0;
  let total = 0;
  let grossProfit = 0;
  let grossLoss = 0;
  let sumPct = 0;
  let hold = 0;
  let peak = 0;
  let drawdown = 0;
  for (const position of closed) {
    const { pnlPct, pnlUsd } = profit(position);
    total += pnlUsd;
    sumPct += pnlPct;
    hold += position.closedAt - position.openedAt;
    if (pnlUsd > 0) {
      wins++;
      grossProfit += pnlUsd;
    } else if (pnlUsd < 0) {
      losses++;
      grossLoss -= pnlUsd;
    }
    peak = Math.max(peak, total);
    drawdown = Math.max(drawdown, peak - total);
  }
  const count = closed.length;
  const mean = count === 0 ? 0 : sumPct / count;
  const last = closed.at(-1);
  let squares = 0;
  for (const position of closed) {
    squares += (profit(position).pnlPct - mean) ** 2;
  }
  return {
    strategyId,
    closedPositions: count,
    wins,
    losses,
    totalPnlUsd: total,
    meanPnlPct: mean,
    ...(count >= 2 && { stdevPnlPct: Math.sqrt(squares / (count - 1)) }),
    ...(losses > 0 && { profitFactor: grossProfit / grossLoss }),
    maxDrawdownUsd: drawdown,
    ...(last && { meanHoldTimeMs: Math.trunc(hold / count), lastClosedAt: last.closedAt }),
    openPositions,
  };
}
