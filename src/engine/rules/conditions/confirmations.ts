import { indicatorNamed } from "../../../indicators/grammar.ts";

/** R20's confirmations, read on the strategy's timeframe. */
export const CONFIRMATIONS = {
  macd: indicatorNamed("MACD_12_26_9"),
  macdSignal: indicatorNamed("MACD_SIGNAL_12_26_9"),
  momentum: indicatorNamed("ROC_4"),
} as const;
