import type { Rule } from "./strategy.ts";

/** Why a position is, or was, closed. */
export const EXIT_REASONS = ["STOP", "TRAILING_STOP", "TARGET", "EXIT_RULE", "TIME"] as const;
export type ExitReason = (typeof EXIT_REASONS)[number];

/** What became of one open position at a bar's close (R85). */
export const EXIT_OUTCOMES = [
  "CLOSE",
  "ADJUST",
  "HOLD",
  "MARKET_DATA_UNAVAILABLE",
  "INDICATOR_NOT_READY",
  "FAILED",
] as const;
export type ExitOutcome = (typeof EXIT_OUTCOMES)[number];

/** How a position is to be left, from its decision on. Times are ms since the epoch. */
export interface ExitPlan {
  /** Of the strategy's target steps, first to last; empty: the target is the decision's. */
  readonly targets: readonly TargetAt[];
  /** Distance of the trailing stop, a fraction; 0: none. */
  readonly trailingDistancePct: number;
  /** Price from which the stop trails; from the start where absent. */
  readonly trailingActivationPrice?: number;
  /** Close at this time at the latest; absent: no limit. */
  readonly exitBy?: number;
  /** Whether there is a rule, so that CLOSE must be obeyed, too; absent: there is none. */
  readonly exitRule?: boolean;
  /** The rule, kept with the decision: the strategy's next version may have another. */
  readonly rule?: Rule;
}

/** A target from a time on. */
export interface TargetAt {
  readonly time: number;
  readonly price: number;
}
