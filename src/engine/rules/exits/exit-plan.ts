import type { ExitPlan } from "../../../domain/exit.ts";
import type { Side, StrategyConfig } from "../../../domain/strategy.ts";

/** The price at which the gain is this fraction of the entry price. */
export function priceAt(entry: number, side: Side, gain: number): number {
  return side === "LONG" ? entry * (1 + gain) : entry * (1 - gain);
}

/**
 * R81: how a position of the strategy is to be left; undefined where its stop and target say it
 * all. Times count from the bar close of the decision.
 */
export function exitPlanOf(strategy: StrategyConfig, entry: number, barCloseTime: number): ExitPlan | undefined {
  const { side, trailingStop, targetSteps = [], maxHoldingTimeMs, exit } = strategy;
  const hasOwn = trailingStop !== undefined || maxHoldingTimeMs !== undefined || exit !== undefined;
  if (!hasOwn && targetSteps.length === 0) {
    return undefined;
  }
  return {
    targets: targetSteps.map(({ afterMs, takeProfitPct }) => ({
      time: barCloseTime + afterMs,
      price: priceAt(entry, side, takeProfitPct),
    })),
    trailingDistancePct: trailingStop?.distancePct ?? 0,
    ...(trailingStop?.activationPct !== undefined && {
      trailingActivationPrice: priceAt(entry, side, trailingStop.activationPct),
    }),
    ...(maxHoldingTimeMs !== undefined && { exitBy: barCloseTime + maxHoldingTimeMs }),
    ...(exit !== undefined && { exitRule: true, rule: exit }),
  };
}
