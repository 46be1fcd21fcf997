import { all, any, c, none, type PublicStrategy, strategy, tagged } from "./notation.ts";

/** Mean reversion, dips and channels. */
export const REVERSION: readonly PublicStrategy[] = [
  strategy("rsi_two", "The RSI of two days is very low in a rising market; out above the five-day average", {
    timeframe: "1d",
    entry_indicators: [c("RSI_2 < 10"), c("CLOSE > SMA_200")],
    exit: all("CLOSE > SMA_5"),
    stop_loss_pct: 0.1,
  }),
  strategy("rsi_cumulative", "The sum of two RSI of two days is below 35", {
    timeframe: "1d",
    entry: all("RSI_2 + RSI_2[1] < 35", "CLOSE > SMA_200"),
    exit: all("RSI_2 > 65"),
    stop_loss_pct: 0.1,
  }),
  strategy("bands_pierced", "Close below the lower band, then back inside", {
    timeframe: "1h",
    entry: all("CLOSE[1] < BB_LOWER[1]", "CLOSE > BB_LOWER", "BB_WIDTH > 0.03"),
    exit: any("CLOSE > BB_MIDDLE", "POSITION_BARS >= 24"),
    stop_loss_at: "MIN(LOW, LOW[1]) - 0.25*ATR_14",
  }),
  strategy("bands_on_typical", "Bands of the typical price at 2 and 3 deviations, with low RSI", {
    timeframe: "5m",
    entry: all("CLOSE < BB_LOWER_20_2(TYPPRICE)", "CLOSE > BB_LOWER_20_3(TYPPRICE)", "RSI_14 < 30"),
    exit: all("CLOSE > BB_MIDDLE_20_2(TYPPRICE)"),
    stop_loss_pct: 0.03,
    target_steps: [
      { after: "0s", take_profit_pct: 0.03 },
      { after: "30m", take_profit_pct: 0.015 },
      { after: "2h", take_profit_pct: 0.002 },
    ],
  }),
  strategy("drop_from_average", "So far below its average that it has seldom been, with volume", {
    timeframe: "15m",
    entry: all("(EMA_50 - CLOSE)/CLOSE > 0.03", "VOLUME > 1.5*VOLUME_SMA_20", "RSI_14 < 35"),
    exit: any("CLOSE >= EMA_50", "POSITION_PNL < -0.04"),
    stop_loss_pct: 0.08,
    max_holding_time: "12h",
  }),
  strategy("many_ways_in", "Five ways in, each with a tag; out by gain or time", {
    timeframe: "5m",
    entry: any(
      tagged("dip", all("CLOSE < 0.97*EMA_20", "RSI_14 < 32")),
      tagged("bands", all("CLOSE < 0.985*BB_LOWER", "VOLUME < 20*VOLUME_SMA_20")),
      tagged("ewo_high", all("(EMA_5 - EMA_35)/CLOSE > 0.02", "RSI_14 < 50", "CLOSE < 0.98*EMA_14")),
      tagged("ewo_low", all("(EMA_5 - EMA_35)/CLOSE < -0.08", "CLOSE < 0.96*EMA_14")),
      tagged("stoch", all("STOCHRSI_K < 20", "STOCHRSI_K crosses_above STOCHRSI_D", "CTI_20 < -0.7")),
    ),
    exit: any("CLOSE > 1.012*EMA_20", all("POSITION_BARS > 60", "POSITION_PNL > 0")),
    stop_loss_pct: 0.12,
    trailing_stop: { distance_pct: 0.005, activation_pct: 0.015 },
  }),
  strategy("williams_back", "Williams %R returns from the depth it reached within five bars", {
    timeframe: "30m",
    entry: all("WILLR_14 < -90 within 5", "WILLR_14 crosses_above -80"),
    exit: all("WILLR_14 > -20"),
    stop_loss_pct: 0.03,
  }),
  strategy("cci_extreme", "CCI under -200 and turning, but not in a crash", {
    timeframe: "1h",
    entry: all("CCI_20 > CCI_20[1]", "CCI_20[1] < -200", none("ROC_24 < -15")),
    exit: any("CCI_20 > 100", "POSITION_BARS >= 48"),
    stop_loss_pct: 0.05,
  }),
  strategy("keltner_return", "Low under the Keltner channel, close inside again", {
    timeframe: "4h",
    entry: all("LOW < KELTNER_LOWER", "CLOSE > KELTNER_LOWER", "ADX_14 < 25"),
    exit: all("HIGH > KELTNER_MIDDLE"),
    stop_loss_at: "LOW - ATR_14",
  }),
  strategy("vwap_pull", "Under the session's VWAP band in a market above its day's pivot", {
    timeframe: "5m",
    entry: all("CLOSE < VWAP_LOWER_2", "CLOSE > PIVOT_S1", "MFI_14 < 25"),
    exit: all("CLOSE > VWAP"),
    stop_loss_at: "PIVOT_S2",
  }),
  strategy("zscore", "Two and a half deviations below the mean of a hundred bars", {
    timeframe: "1h",
    entry: all("(CLOSE - SMA_100)/STDDEV_100 < -2.5"),
    trigger: "EDGE",
    exit: all("(CLOSE - SMA_100)/STDDEV_100 > -0.25"),
    stop_loss_pct: 0.08,
  }),
  strategy("short_overbought", "Sell what is far above its bands while the higher timeframe falls", {
    timeframe: "1h",
    side: "SHORT",
    entry: all("CLOSE > BB_UPPER_20_2.5", "RSI_14 > 75", "EMA_50 < EMA_50[5] @4h"),
    exit: any("CLOSE < BB_MIDDLE", "POSITION_PNL < -0.03"),
    stop_loss_at: "HIGH + ATR_14",
    take_profit_at: "BB_LOWER",
  }),
];
