import type { Decision, Opening } from "../../../domain/decision.ts";
import type { ExitPlan } from "../../../domain/exit.ts";
import type { RiskMode } from "../../../domain/policy.ts";
import type { Position } from "../../../domain/position.ts";
import type { Side, Strategy } from "../../../domain/strategy.ts";
import { lastClose, type Timeframe } from "../../../domain/timeframe.ts";
import type { LevelPrices } from "../conditions/computed-levels.ts";
import { exitPlanOf } from "./exit-plan.ts";
import { levelsOf } from "./levels.ts";

/** How one open position is to be left (R81, R85). */
export interface HeldPlan {
  readonly strategyVersion: number;
  readonly timeframe: Timeframe;
  readonly side: Side;
  /** The price that best begins with (R82): the decision's, or the position's without one. */
  readonly entryPrice: number;
  readonly stopLoss: number;
  readonly takeProfit?: number | undefined;
  readonly exit?: ExitPlan | undefined;
  readonly riskMode: RiskMode;
  /** Of the decision; without one, the close before the position was opened. */
  readonly barCloseTime: number;
  /** Whether the executor was told of stop and target by a decision. */
  readonly isTold: boolean;
}

/** By the plan of the decision that the position is of. */
export function planOfDecision(decision: Opening): HeldPlan {
  const { strategyVersion, timeframe, side, entryPrice, stopLoss, takeProfit, exitPlan, riskMode } = decision;
  const { barCloseTime } = decision;
  const levels = { stopLoss, takeProfit, exit: exitPlan };
  return { strategyVersion, timeframe, side, entryPrice, ...levels, riskMode, barCloseTime, isTold: true };
}

/**
 * By the version in force, of a position without our decision: with its entry price, and times from
 * the bar that had closed last when it was opened. `computed`: its levels at that close (R80).
 */
export function planOfStrategy(
  strategy: Strategy,
  { entryPrice, openedAt }: Position,
  computed: LevelPrices = {},
): HeldPlan {
  const { version, timeframe, side } = strategy;
  const barCloseTime = lastClose(openedAt, timeframe);
  return {
    strategyVersion: version,
    timeframe,
    side,
    entryPrice,
    ...levelsOf(strategy, entryPrice, computed),
    exit: exitPlanOf(strategy, entryPrice, barCloseTime),
    riskMode: "NORMAL",
    barCloseTime,
    isTold: false,
  };
}

/** Of a position that is to be closed already: by the CLOSE, whatever its strategy says by now. */
export function planOfClose(decision: Decision): HeldPlan {
  const { strategyVersion, timeframe, side, entryPrice, stopLoss, takeProfit, riskMode, barCloseTime } = decision;
  const levels = { stopLoss, takeProfit };
  return { strategyVersion, timeframe, side, entryPrice, ...levels, riskMode, barCloseTime, isTold: false };
}
