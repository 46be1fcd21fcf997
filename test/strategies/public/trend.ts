import { all, any, c, none, type PublicStrategy, strategy } from "./notation.ts";

/** Trend following, and several timeframes. */
export const TREND: readonly PublicStrategy[] = [
  strategy("golden_cross", "The 50-day average crosses the 200-day one; out where it crosses back", {
    timeframe: "1d",
    entry_indicators: [c("SMA_50 crosses_above SMA_200")],
    exit: all("SMA_50 crosses_below SMA_200"),
    stop_loss_pct: 0.15,
    trailing_stop: { distance_pct: 0.12, activation_pct: 0.1 },
  }),
  strategy("ema_fan", "Three averages in order, and the shortest has just been touched", {
    timeframe: "1h",
    entry: all("EMA_8 > EMA_21", "EMA_21 > EMA_55", "LOW <= EMA_8", "CLOSE > EMA_8"),
    exit: any("CLOSE crosses_below EMA_21", "POSITION_BARS >= 72"),
    stop_loss_at: "EMA_55 - ATR_14",
    target_steps: [
      { after: "0s", take_profit_pct: 0.06 },
      { after: "24h", take_profit_pct: 0.03 },
    ],
  }),
  strategy("supertrend_three", "Three SUPERTREND of different widths agree", {
    timeframe: "1h",
    entry: all("SUPERTREND_DIR_10_1 > 0", "SUPERTREND_DIR_11_2 > 0", "SUPERTREND_DIR_12_3 > 0"),
    trigger: "EDGE",
    exit: any("SUPERTREND_DIR_11_2 < 0", "POSITION_DRAWDOWN > 0.05"),
    stop_loss_at: "SUPERTREND_12_3",
  }),
  strategy("turtle_slow", "Breakout of 55 days, out at the low of 20, stop two ranges away", {
    timeframe: "1d",
    entry_indicators: [c("CLOSE > HIGHEST_55")],
    trigger: "EDGE",
    exit: all("CLOSE < LOWEST_20"),
    stop_loss_at: "CLOSE - 2*ATR_20",
  }),
  strategy("adx_di", "Directional movement turns up in a market that trends", {
    timeframe: "4h",
    entry: all("ADX_14 > 25", "PLUS_DI_14 crosses_above MINUS_DI_14"),
    exit: any("MINUS_DI_14 > PLUS_DI_14 for 2", "ADX_14 < 18"),
    stop_loss_pct: 0.06,
  }),
  strategy("ichimoku_cloud", "Price above the cloud, and the conversion line crosses the base line", {
    timeframe: "4h",
    entry: all(
      "CLOSE > MAX(ICHIMOKU_SENKOU_A, ICHIMOKU_SENKOU_B)",
      "ICHIMOKU_TENKAN crosses_above ICHIMOKU_KIJUN",
      "CLOSE > CLOSE[26]",
    ),
    exit: all("CLOSE < ICHIMOKU_KIJUN"),
    stop_loss_at: "MIN(ICHIMOKU_SENKOU_A, ICHIMOKU_SENKOU_B)",
  }),
  strategy("parabolic", "SAR flips below the price while the long average rises", {
    timeframe: "1h",
    entry: all("CLOSE crosses_above SAR", "EMA_100 > EMA_100[10]"),
    exit: all("CLOSE < SAR"),
    stop_loss_at: "SAR",
  }),
  strategy("hull_turn", "The Hull average turns up after it fell", {
    timeframe: "30m",
    entry: all("HMA_55 > HMA_55[1]", "HMA_55[1] <= HMA_55[2]", "CLOSE > EMA_200 @4h"),
    exit: all("HMA_55 < HMA_55[1] for 2"),
    stop_loss_pct: 0.03,
  }),
  strategy("elder_screens", "The day's trend, the hour's pullback, the quarter hour's turn", {
    timeframe: "15m",
    entry: all("MACD_HIST > MACD_HIST[1] @1d", "STOCH_K_14_3_3 < 30 @1h within 4", "CLOSE > HIGH[1]"),
    exit: any("MACD_HIST < MACD_HIST[1] @1d", "STOCH_K_14_3_3 > 80 @1h"),
    stop_loss_at: "LOWEST_20",
    take_profit_at: "CLOSE + 3*ATR_14",
  }),
  strategy("kama_efficient", "An adaptive average, used only where moves are efficient", {
    timeframe: "1h",
    entry: all("CLOSE crosses_above KAMA_20", "ER_10 > 0.4", none("CHOP_14 > 61.8")),
    exit: all("CLOSE crosses_below KAMA_20"),
    stop_loss_pct: 0.025,
    max_holding_time: "5d",
  }),
  strategy("short_below_all", "Sell rallies under falling averages", {
    timeframe: "4h",
    side: "SHORT",
    entry: all("EMA_20 < EMA_50", "EMA_50 < EMA_200", "RSI_14 > 55", "CLOSE < EMA_50"),
    exit: any("CLOSE > EMA_50", "RSI_14 < 30"),
    stop_loss_at: "HIGHEST_20 + 0.5*ATR_14",
    take_profit_pct: 0.12,
  }),
  strategy("btc_filter", "Buy strength in others only while the leading coin is above its average", {
    timeframe: "1h",
    entry: all("CLOSE > EMA_200 on BTCUSD", "ROC_24 > 3", "ROC_24 > ROC_24@1d"),
    exit: any("CLOSE < EMA_50 on BTCUSD for 2", "ROC_6 < -2"),
    stop_loss_pct: 0.05,
    trailing_stop: { distance_pct: 0.03, activation_pct: 0.04 },
  }),
];
