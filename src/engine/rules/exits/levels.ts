import type { Side, StrategyConfig } from "../../../domain/strategy.ts";
import type { LevelPrices } from "../conditions/computed-levels.ts";
import { priceAt } from "./exit-plan.ts";

export interface Levels {
  readonly stopLoss: number;
  /** Absent where the strategy has no target. */
  readonly takeProfit?: number;
}

/**
 * R25, with the stop of R82 where that is nearer from the start, and the first target step as the
 * target. `read`: the computed ones, where the strategy has any and they can be used.
 */
export function levelsOf(strategy: StrategyConfig, entry: number, read: LevelPrices = {}): Levels {
  const { side, stopLossPct, trailingStop, targetSteps } = strategy;
  const target = targetSteps?.[0]?.takeProfitPct ?? strategy.takeProfitPct;
  const takeProfit = read.takeProfit ?? (target === undefined ? undefined : priceAt(entry, side, target));
  const own = read.stopLoss ?? priceAt(entry, side, -(stopLossPct ?? Number.NaN));
  const trailsAtOnce = trailingStop !== undefined && trailingStop.activationPct === undefined;
  return {
    stopLoss: trailsAtOnce ? nearer(side, own, priceAt(entry, side, -trailingStop.distancePct)) : own,
    ...(takeProfit !== undefined && { takeProfit }),
  };
}

function nearer(side: Side, a: number, b: number): number {
  return side === "LONG" ? Math.max(a, b) : Math.min(a, b);
}
