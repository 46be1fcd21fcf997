import type { StrategyConfig } from "../../../domain/strategy.ts";
import { priceAt } from "./exit-plan.ts";

export interface Levels {
  readonly stopLoss: number;
  /** Absent where the strategy has no target. */
  readonly takeProfit?: number;
}

/**
 * R25, with the stop of R82 where that is nearer from the start, and the first target step as the
 * target.
 */
export function levelsOf(strategy: StrategyConfig, entry: number): Levels {
  const { side, stopLossPct, trailingStop, targetSteps } = strategy;
  const target = targetSteps?.[0]?.takeProfitPct ?? strategy.takeProfitPct;
  const trailsAtOnce = trailingStop !== undefined && trailingStop.activationPct === undefined;
  const stop = trailsAtOnce ? Math.min(stopLossPct, trailingStop.distancePct) : stopLossPct;
  return {
    stopLoss: priceAt(entry, side, -stop),
    ...(target !== undefined && { takeProfit: priceAt(entry, side, target) }),
  };
}
