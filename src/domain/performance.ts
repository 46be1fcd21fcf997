import { type ClosedPosition, profit } from "./position.ts";

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

/** What a closed position adds to its strategy's totals. */
export interface Gain {
  readonly positionId: string;
  readonly closedAt: number;
  readonly closeSequence: number;
  readonly holdMs: number;
  readonly pnlPct: number;
  readonly pnlUsd: number;
}

export function gainOf(position: ClosedPosition): Gain {
  const { positionId, openedAt, closedAt, closeSequence } = position;
  const { pnlPct, pnlUsd } = profit(position);
  return { positionId, closedAt, closeSequence, holdMs: closedAt - openedAt, pnlPct, pnlUsd };
}

/**
 * R46: totals over closed positions, taken in the order of `compareClosed`. Plain doubles added in
 * that order, so what comes out does not depend on how the reports came.
 */
export class Tally {
  #count = 0;
  #wins = 0;
  #losses = 0;
  #total = 0;
  #grossProfit = 0;
  #grossLoss = 0;
  #sumPct = 0;
  #holdMs = 0;
  #peak = 0;
  #drawdown = 0;
  #lastClosedAt = 0;
  /**
   * Of pnlPct, after Welford: squares of differences from the mean of those taken so far, without a
   * second pass.
   */
  #mean = 0;
  #squares = 0;

  take({ closedAt, holdMs, pnlPct, pnlUsd }: Gain): void {
    this.#count++;
    this.#total += pnlUsd;
    this.#sumPct += pnlPct;
    this.#holdMs += holdMs;
    if (pnlUsd > 0) {
      this.#wins++;
      this.#grossProfit += pnlUsd;
    } else if (pnlUsd < 0) {
      this.#losses++;
      this.#grossLoss -= pnlUsd;
    }
    this.#peak = Math.max(this.#peak, this.#total);
    this.#drawdown = Math.max(this.#drawdown, this.#peak - this.#total);
    this.#lastClosedAt = closedAt;
    const difference = pnlPct - this.#mean;
    this.#mean += difference / this.#count;
    this.#squares += difference * (pnlPct - this.#mean);
  }

  copy(): Tally {
    const copy = new Tally();
    copy.#count = this.#count;
    copy.#wins = this.#wins;
    copy.#losses = this.#losses;
    copy.#total = this.#total;
    copy.#grossProfit = this.#grossProfit;
    copy.#grossLoss = this.#grossLoss;
    copy.#sumPct = this.#sumPct;
    copy.#holdMs = this.#holdMs;
    copy.#peak = this.#peak;
    copy.#drawdown = this.#drawdown;
    copy.#lastClosedAt = this.#lastClosedAt;
    copy.#mean = this.#mean;
    copy.#squares = this.#squares;
    return copy;
  }

  performance(strategyId: string, openPositions: number): Performance {
    const count = this.#count;
    return {
      strategyId,
      closedPositions: count,
      wins: this.#wins,
      losses: this.#losses,
      totalPnlUsd: this.#total,
      meanPnlPct: count === 0 ? 0 : this.#sumPct / count,
      ...(count >= 2 && { stdevPnlPct: Math.sqrt(this.#squares / (count - 1)) }),
      ...(this.#losses > 0 && { profitFactor: this.#grossProfit / this.#grossLoss }),
      maxDrawdownUsd: this.#drawdown,
      ...(count > 0 && { meanHoldTimeMs: Math.trunc(this.#holdMs / count), lastClosedAt: this.#lastClosedAt }),
      openPositions,
    };
  }
}
