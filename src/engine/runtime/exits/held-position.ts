import { closeTime } from "../../../domain/bar.ts";
import type { Decision } from "../../../domain/decision.ts";
import type { Position } from "../../../domain/position.ts";
import { lastClose, timeframeMs } from "../../../domain/timeframe.ts";
import type { Series } from "../../market/series.ts";
import type { HeldPlan } from "../../rules/exits/held-plan.ts";
import { betterOf } from "../../rules/exits/judge-exit.ts";
import type { Levels } from "../../rules/exits/levels.ts";

/** What keeps the exits of a position from being judged, and since when (R86). */
export interface Unguarded {
  readonly since: number;
  readonly why: string;
}

/** What is remembered of an open position; all of it comes from journal, position book and bars. */
export class HeldPosition {
  readonly position: Position;
  /** Absent where nobody knows how it is to be left; `whyNot` then says why. */
  plan: HeldPlan | undefined;
  whyNot: string | undefined;
  /** The newest CLOSE or ADJUST (R87). */
  last: Decision | undefined;
  unguarded: Unguarded | undefined;
  /** Whether journal and strategies were asked. */
  isLoaded = false;
  /** Bars before the series that is kept are being asked for. */
  loading: Promise<void> | undefined;
  /** The best of the closes up to `#through` (R82); undefined until there is a plan. */
  #best: number | undefined;
  #through: number;

  constructor(position: Position) {
    this.position = position;
    this.#through = position.openedAt;
  }

  get best(): number {
    return this.#best ?? this.plan?.entryPrice ?? this.position.entryPrice;
  }

  /** Closes up to this time are in `best`. */
  get through(): number {
    return this.#through;
  }

  /** The levels that the executor was told last; undefined where it never was. */
  get told(): Levels | undefined {
    const { last, plan } = this;
    const from = last ?? (plan?.isTold ? plan : undefined);
    return from && { stopLoss: from.stopLoss, ...(from.takeProfit !== undefined && { takeProfit: from.takeProfit }) };
  }

  /** Takes closes; those that were taken before change nothing. */
  take(closes: Iterable<number>, through: number): void {
    const { plan } = this;
    if (plan === undefined) {
      return;
    }
    let best = this.best;
    for (const close of closes) {
      best = betterOf(plan.side, best, close);
    }
    this.#best = best;
    this.#through = Math.max(this.#through, through);
  }

  /** The first close that `best` lacks, of those up to `time`; undefined where it has them all. */
  missingFrom(time: number): number | undefined {
    const { timeframe } = this.plan ?? {};
    if (timeframe === undefined) {
      return undefined;
    }
    const first = lastClose(this.#through, timeframe) + timeframeMs(timeframe);
    return first <= time ? first : undefined;
  }

  /** Takes the closes up to `time` that the series has; false where it begins too late for that. */
  advance(series: Series | undefined, time: number): boolean {
    const first = this.missingFrom(time);
    if (first === undefined) {
      return true;
    }
    if (series === undefined) {
      return false;
    }
    const { timeframe } = series;
    // One bar more than is wanted shows that the series reaches back so far.
    const bars = series.barsAfter(first - 2 * timeframeMs(timeframe) - 1);
    const [oldest] = bars;
    if (oldest === undefined || closeTime(oldest, timeframe) > first) {
      return false;
    }
    const closes = bars.flatMap((bar) => {
      const at = closeTime(bar, timeframe);
      return at >= first && at <= time ? [bar.close] : [];
    });
    // A series has no gap: bars that are still to come are those behind its last one.
    this.take(closes, Math.min(time, series.lastClose ?? this.#through));
    return true;
  }
}

/** Whether a decision is what the position was opened by. */
export function isOf(decision: Decision, { strategyId, symbol, side }: Position): boolean {
  return decision.strategyId === strategyId && decision.symbol === symbol && decision.side === side;
}
