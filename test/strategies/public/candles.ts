import { all, any, c, none, type PublicStrategy, strategy, tagged } from "./notation.ts";

/** Candle patterns, heikin-ashi, cycles, time, and those that cannot be written whole. */
export const CANDLES: readonly PublicStrategy[] = [
  strategy("hammer_at_band", "A hammer under the lower band", {
    timeframe: "4h",
    entry: all("CDL_HAMMER > 0", "LOW < BB_LOWER"),
    exit: any("CLOSE > BB_MIDDLE", "CLOSE < LOWEST_3"),
    stop_loss_at: "LOW - 0.1*ATR_14",
  }),
  strategy("engulfing_trend", "A rising bar swallows the one before, with the trend", {
    timeframe: "1h",
    entry: all("CDL_ENGULFING > 0", "CLOSE > EMA_100", "RSI_14 < 60"),
    exit: any("CDL_ENGULFING < 0", "POSITION_BARS >= 20"),
    stop_loss_at: "MIN(LOW, LOW[1])",
    take_profit_at: "CLOSE + 2*(CLOSE - MIN(LOW, LOW[1]))",
  }),
  strategy("morning_star", "A morning star after a fall, or its doji form", {
    timeframe: "1d",
    entry: all(any(tagged("star", "CDL_MORNINGSTAR > 0"), tagged("doji", "CDL_MORNINGDOJISTAR > 0")), "ROC_10 < -5"),
    exit: any("CDL_EVENINGSTAR < 0", "RSI_14 > 70"),
    stop_loss_at: "MIN_3(LOW)",
  }),
  strategy("three_soldiers", "Three rising soldiers out of a narrow market", {
    timeframe: "4h",
    entry: all("CDL_3WHITESOLDIERS > 0", "CHOP_14[3] > 55"),
    exit: all("CLOSE < EMA_10"),
    stop_loss_at: "LOW[2]",
  }),
  strategy("heikin_turn", "Heikin-ashi turns green without a lower wick", {
    timeframe: "1h",
    entry: all("HA_CLOSE > HA_OPEN", "HA_CLOSE[1] < HA_OPEN[1]", "HA_LOW >= HA_OPEN", "EMA_50 > EMA_50[5]"),
    exit: all("HA_CLOSE < HA_OPEN for 2"),
    stop_loss_pct: 0.03,
  }),
  strategy("sine_wave", "The lead sine crosses the sine in a cycle, not in a trend", {
    timeframe: "1h",
    entry: all("HT_LEADSINE crosses_above HT_SINE", "HT_TRENDMODE == 0"),
    exit: any("HT_LEADSINE < HT_SINE", "HT_TRENDMODE == 1 for 5"),
    stop_loss_pct: 0.03,
  }),
  strategy("regression_channel", "Under the regression line by two deviations, while the line rises", {
    timeframe: "1h",
    entry: all("CLOSE < LINEARREG_50 - 2*STDDEV_50", "LINEARREG_SLOPE_50 > 0"),
    exit: all("CLOSE > LINEARREG_50"),
    stop_loss_at: "CLOSE - 2*ATR_14",
  }),
  strategy("short_shooting_star", "A shooting star at a new high on falling momentum", {
    timeframe: "4h",
    side: "SHORT",
    entry: all("CDL_SHOOTINGSTAR < 0", "HIGH > HIGHEST_20", "RSI_14 < RSI_14[5]"),
    exit: any("CLOSE < EMA_20", "POSITION_BARS >= 12"),
    stop_loss_at: "HIGH + 0.1*ATR_14",
  }),
  strategy("scalp_quick", "A small gain soon, less and less with time, and a loss cut late", {
    timeframe: "1m",
    entry: all("EMA_9 < EMA_20", "CLOSE < 0.995*EMA_9", "RSI_14 < 30", none("VOLUME < 0.2*VOLUME_SMA_20")),
    stop_loss_pct: 0.1,
    target_steps: [
      { after: "0s", take_profit_pct: 0.01 },
      { after: "10m", take_profit_pct: 0.005 },
      { after: "60m", take_profit_pct: 0.001 },
      { after: "180m", take_profit_pct: -0.02 },
    ],
    exit: any(all("POSITION_PNL < -0.03", "EMA_9 < EMA_20 for 10"), "RSI_14 > 78"),
  }),
  strategy("cluster_dip", "Down against a day ago by an amount that depends on volatility", {
    timeframe: "5m",
    entry: all("CLOSE/CLOSE[288] < 1 - 1.5*NATR_14/100", "RSI_14 < 30", "CLOSE > OPEN"),
    exit: any("POSITION_PNL > 0.02", all("POSITION_BARS > 144", "CLOSE > EMA_20")),
    stop_loss_pct: 0.15,
  }),
  strategy("two_markets", "The ratio of two symbols far from its mean", {
    timeframe: "1h",
    entry: all("ROC_24 - ROC_24@4h < -3", "ROC_24 > -1 on BTCUSD"),
    exit: all("ROC_24 > 0"),
    stop_loss_pct: 0.05,
  }),
  strategy("safety_orders", "A first order, then up to three more, each lower: only the first is ours", {
    timeframe: "15m",
    entry_indicators: [c("RSI_7 < 30"), c("CLOSE < BB_LOWER")],
    cooldown: "2h",
    max_positions: 4,
    exit: all("POSITION_PNL > 0.015"),
    stop_loss_pct: 0.2,
  }),
];
