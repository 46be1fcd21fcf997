import { all, any, c, none, type PublicStrategy, strategy } from "./notation.ts";

/** Breakouts, squeezes and volume. */
export const BREAKOUT: readonly PublicStrategy[] = [
  strategy("squeeze", "Bands inside the Keltner channel for six bars, then a close above it", {
    timeframe: "1h",
    entry: all("BB_UPPER - KELTNER_UPPER < 0 within 6", "CLOSE > KELTNER_UPPER", "MOM_12 > 0"),
    exit: all("MOM_12 < MOM_12[1] for 2"),
    stop_loss_at: "KELTNER_MIDDLE",
  }),
  strategy("donchian_inside", "Close at the top of the channel that includes the bar", {
    timeframe: "4h",
    entry: all("CLOSE >= MAX_20(HIGH)", "VOLUME > SMA_20(VOLUME)"),
    exit: all("CLOSE <= MIN_10(LOW)"),
    stop_loss_at: "MIN_10(LOW) - 0.1*ATR_14",
  }),
  strategy("narrow_range", "The narrowest range of seven days, then a break of its high", {
    timeframe: "1d",
    entry: all("HIGH[1] - LOW[1] <= MIN_7(HIGH - LOW)[1]", "CLOSE > HIGH[1]"),
    exit: any("POSITION_BARS >= 5", "CLOSE < LOW[1]"),
    stop_loss_at: "LOW[1]",
  }),
  strategy("volatility_break", "Yesterday's close plus half of its range", {
    timeframe: "1h",
    entry: all("CLOSE > OPEN + 0.5*(HIGH[1]@1d - LOW[1]@1d)"),
    stop_loss_pct: 0.02,
    take_profit_pct: 0.04,
    max_holding_time: "24h",
  }),
  strategy("volume_burst", "Volume four times its average on a bar that closes near its high", {
    timeframe: "15m",
    entry: all("VOLUME > 4*VOLUME_SMA_20", "(CLOSE - LOW)/(HIGH - LOW) > 0.8", "CLOSE > OPEN"),
    exit: any("VOLUME < VOLUME_SMA_20 for 4", "CLOSE < EMA_9"),
    stop_loss_at: "LOW",
  }),
  strategy("flag", "A rise of ten per cent, then three quiet bars, then on", {
    timeframe: "1h",
    entry: all("ROC_24[4] > 10", "NATR_14 < NATR_14[8]", "CLOSE > MAX_3(HIGH)[1]"),
    exit: all("CLOSE < MIN_3(LOW)[1]"),
    stop_loss_at: "MIN_4(LOW)",
  }),
  strategy("obv_leads", "Volume rises before the price does", {
    timeframe: "4h",
    entry: all("OBV_CHANGE_20 > 0", "CMF_20 > 0.1", "CLOSE > HIGHEST_20"),
    exit: any("CMF_20 < -0.05", "CLOSE < EMA_20"),
    stop_loss_pct: 0.05,
  }),
  strategy("fractal_break", "Close above the last fractal high, over the teeth of the averages", {
    timeframe: "4h",
    entry: all("CLOSE crosses_above FRACTAL_HIGH", "CLOSE > SMA_8(MEDPRICE)[5]"),
    exit: all("CLOSE < SMA_13(MEDPRICE)[8]"),
    stop_loss_at: "FRACTAL_LOW",
  }),
  strategy("pivot_break", "Above the first resistance of the day, with the trend", {
    timeframe: "15m",
    entry: all("CLOSE crosses_above PIVOT_R1", "EMA_20 > EMA_50", none("CLOSE > PIVOT_R2")),
    exit: any("CLOSE > PIVOT_R3", "CLOSE < PIVOT"),
    stop_loss_at: "PIVOT",
    max_holding_time: "8h",
  }),
  strategy("force_index", "The force index turns up over zero in a rising market", {
    timeframe: "1d",
    entry: all("EFI_13 crosses_above 0", "EMA_22 > EMA_22[3]"),
    exit: all("EFI_13 < 0 for 3"),
    stop_loss_pct: 0.08,
  }),
  strategy("low_volatility_shift", "Volatility at its low of a hundred bars, then twice it", {
    timeframe: "1h",
    entry: all("NATR_14[3] <= 1.1*MIN_100(NATR_14)[3]", "NATR_14 > 1.5*NATR_14[3]", "CLOSE > CLOSE[3]"),
    exit: any("POSITION_PNL > 0.05", "POSITION_DRAWDOWN > 0.02"),
    stop_loss_pct: 0.04,
  }),
  strategy("short_breakdown", "A close under the low of twenty bars while the leader falls as well", {
    timeframe: "1h",
    side: "SHORT",
    entry_indicators: [c("CLOSE < LOWEST_20"), c("ROC_12 < 0 on BTCUSD"), c("ADX_14 > 20")],
    exit: all("CLOSE > HIGHEST_10"),
    stop_loss_at: "CLOSE + 2*ATR_14",
    trailing_stop: { distance_pct: 0.02, activation_pct: 0.03 },
  }),
];
