import { all, any, c, none, type PublicStrategy, strategy } from "./notation.ts";

/** Momentum and oscillators. */
export const MOMENTUM: readonly PublicStrategy[] = [
  strategy("macd_zero", "MACD crosses its signal under zero, above the long average", {
    timeframe: "1h",
    entry: all("MACD crosses_above MACD_SIGNAL", "MACD < 0", "CLOSE > EMA_200"),
    exit: all("MACD crosses_below MACD_SIGNAL"),
    stop_loss_at: "LOWEST_10",
  }),
  strategy("stoch_rsi_cross", "The stochastic RSI crosses up from below twenty", {
    timeframe: "30m",
    entry: all("STOCHRSI_K crosses_above STOCHRSI_D", "STOCHRSI_K < 20", "EMA_8 > EMA_14", "EMA_14 > EMA_50"),
    stop_loss_at: "CLOSE - 3*ATR_14",
    take_profit_at: "CLOSE + 2*ATR_14",
  }),
  strategy("smoothed_rsi", "The average of the RSI crosses fifty", {
    timeframe: "4h",
    entry: all("EMA_9(RSI_14) crosses_above 50", "ADX_14 > 20"),
    exit: all("EMA_9(RSI_14) crosses_below 50"),
    stop_loss_pct: 0.05,
  }),
  strategy("rsi_divergence", "Price under its low of twenty bars before, RSI above its own", {
    timeframe: "1h",
    entry: all("CLOSE < MIN_20(CLOSE)[5]", "RSI_14 > MIN_20(RSI_14)[5] + 5", "RSI_14 < 45"),
    exit: any("RSI_14 > 60", "POSITION_BARS >= 30"),
    stop_loss_at: "LOWEST_20 - 0.5*ATR_14",
  }),
  strategy("aroon_up", "A new high within five bars, and no new low for long", {
    timeframe: "1d",
    entry: all("AROON_UP_25 > 80", "AROON_DOWN_25 < 30"),
    trigger: "EDGE",
    exit: all("AROON_DOWN_25 > AROON_UP_25"),
    stop_loss_pct: 0.1,
  }),
  strategy("tsi_cross", "The true strength index crosses zero with rising volume", {
    timeframe: "4h",
    entry: all("TSI_25_13 crosses_above 0", "PVO_12_26 > 0"),
    exit: any("TSI_25_13 < 0", "TSI_25_13 < TSI_25_13[1] for 3"),
    stop_loss_pct: 0.05,
  }),
  strategy("awesome_saucer", "The awesome oscillator dips above zero and rises again", {
    timeframe: "4h",
    entry: all("AO_5_34 > 0", "AO_5_34 > AO_5_34[1]", "AO_5_34[1] < AO_5_34[2]"),
    exit: all("AO_5_34 < 0"),
    stop_loss_pct: 0.06,
  }),
  strategy("ultimate", "The ultimate oscillator leaves the depth while price is still low", {
    timeframe: "1h",
    entry: all("ULTOSC_7_14_28 crosses_above 30", "CLOSE < SMA_50"),
    exit: any("ULTOSC_7_14_28 > 65", "CLOSE > BB_UPPER"),
    stop_loss_pct: 0.04,
  }),
  strategy("relative_momentum", "Stronger than the leading coin over a day and a week", {
    timeframe: "1h",
    entry: all("ROC_24 > 0", "ROC_168 > 5", none("ROC_24 < 0 on BTCUSD")),
    exit: any("ROC_24 < -3", "ROC_168 < 0"),
    stop_loss_pct: 0.07,
    trailing_stop: { distance_pct: 0.05 },
  }),
  strategy("coppock_turn", "The Coppock curve turns up below zero", {
    timeframe: "1d",
    entry: all(
      "COPPOCK_10_11_14 > COPPOCK_10_11_14[1]",
      "COPPOCK_10_11_14[1] < COPPOCK_10_11_14[2]",
      "COPPOCK_10_11_14 < 0",
    ),
    exit: all("COPPOCK_10_11_14 < COPPOCK_10_11_14[1] for 2"),
    stop_loss_pct: 0.12,
  }),
  strategy("kdj_j", "The J line returns from below zero", {
    timeframe: "1h",
    entry: all("KDJ_J_9_3_3 crosses_above 0", "KDJ_K_9_3_3 < 30"),
    exit: all("KDJ_J_9_3_3 > 100"),
    stop_loss_pct: 0.03,
  }),
  strategy("short_momentum_fades", "Sell where momentum fades above eighty", {
    timeframe: "1h",
    side: "SHORT",
    entry_indicators: [c("RSI_14 crosses_below 70"), c("MACD_HIST < MACD_HIST[1]"), c("CMO_14 < 50")],
    exit: any("RSI_14 < 40", "POSITION_BARS >= 24"),
    stop_loss_at: "HIGHEST_10 + 0.2*ATR_14",
  }),
];
