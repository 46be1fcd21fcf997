import { RISK_MODE_FACTOR, type RiskMode } from "../../../domain/policy.ts";
import type { StrategyConfig } from "../../../domain/strategy.ts";
import type { Levels } from "../exits/levels.ts";

export interface Size {
  readonly sizeUsd: number;
  /** What it was before MAX_POSITION_SIZE_USD cut it. */
  readonly cappedFrom?: number | undefined;
}

/** R23. */
export function sizeOf(strategy: StrategyConfig, confidence: number, riskMode: RiskMode, maxUsd?: number): Size {
  const scale = strategy.confidenceScaling ? 0.5 + confidence : 1;
  const fullSize = strategy.baseSizeUsd * scale * RISK_MODE_FACTOR[riskMode];
  return maxUsd !== undefined && fullSize > maxUsd ? { sizeUsd: maxUsd, cappedFrom: fullSize } : { sizeUsd: fullSize };
}

/**
 * What R25 forbids of size and levels, or undefined where they may leave the process. Computed levels
 * that cannot be used are no matter of it (R80): `levels` is then undefined.
 */
export function levelsFault(
  strategy: StrategyConfig,
  sizeUsd: number,
  entry: number,
  levels: Levels | undefined,
): string | undefined {
  if (levels === undefined) {
    return notALevel({ size_usd: sizeUsd, entry_price: entry });
  }
  const { stopLoss, takeProfit } = levels;
  const hasTarget = takeProfit !== undefined;
  if (!(isLevel(sizeUsd) && isLevel(entry) && isLevel(stopLoss) && (!hasTarget || isLevel(takeProfit)))) {
    const target = hasTarget ? { take_profit: takeProfit } : {};
    return notALevel({ size_usd: sizeUsd, entry_price: entry, stop_loss: stopLoss, ...target });
  }
  const direction = strategy.side === "LONG" ? 1 : -1;
  if ((entry - stopLoss) * direction <= 0) {
    return `stop_loss ${stopLoss} is not on the losing side of entry ${entry}`;
  }
  if (hasTarget && (takeProfit - entry) * direction <= 0) {
    return `take_profit ${takeProfit} is not on the winning side of entry ${entry}`;
  }
  return undefined;
}

function notALevel(numbers: Readonly<Record<string, number>>): string | undefined {
  const found = Object.entries(numbers).find(([, number]) => !isLevel(number));
  return found && `${found[0]} came out as ${found[1]}, must be finite and above 0`;
}

function isLevel(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}
