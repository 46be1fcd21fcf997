import type { StrategyConfig, StrategyDraft } from "../../domain/strategy.ts";

/** Fields that a client with an older contract reads past, and so drops where it saves again. */
const FIELDS = {
  entry: "entry",
  exit: "exit",
  stopLossAt: "stop_loss_at",
  takeProfitAt: "take_profit_at",
  trailingStop: "trailing_stop",
  targetSteps: "target_steps",
  maxHoldingTimeMs: "max_holding_time",
} as const;

/** R89: names what is stored and the save has no more. */
export function removalWarnings(stored: StrategyDraft | undefined, config: StrategyConfig): readonly string[] {
  return Object.entries(FIELDS).flatMap(([key, field]) => {
    const isRemoved = stored?.[key as keyof typeof FIELDS] !== undefined && !(key in config);
    return isRemoved
      ? [`${field}: is stored, and this save removes it: give it again if your client is older than the field`]
      : [];
  });
}
