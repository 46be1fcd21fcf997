/** A well-known indicator that is not offered. */
export interface NotOffered {
  /** Words in any order, as in the table of spellings. */
  readonly names: readonly [string];
  /** Why, and what comes near. Follows "is not offered: ". */
  readonly why: string;
}

function row(why: string, names: string): readonly NotOffered[] {
  return names.split(", ").map((name) => ({ names: [name], why }));
}

const BARS_ONLY = "conditions read bars only (open, high, low, close, volume); a custom evaluator can bring it in";
const CUMULATIVE =
  "its level depends on where history starts, so no threshold on it has a meaning; what comes near is MFI, or VOLUME against VOLUME_SMA";
const AVERAGES = "what comes near is KAMA, T3, HMA, EMA, WMA or SMA";
const OSCILLATORS = "what comes near is RSI, STOCH_K, CCI, WILLR, ROC or MACD";
const CANDLES = "what comes near is a pattern such as CDL_HIKKAKE; OPEN, HIGH, LOW and CLOSE can be compared, too";
const PATTERNS = "each candle pattern has a name of its own, such as CDL_ENGULFING: docs/indicators.md lists them";
const LEVELS = "what comes near is HIGHEST and LOWEST, the extremes of the n bars before";
const VOLATILITY = "what comes near is ATR, NATR (percent), STDDEV or BB_WIDTH";
const VOLUMES = "what comes near is MFI, or VOLUME against VOLUME_SMA";
const TRENDS = "what comes near is SUPERTREND, or ADX with PLUS_DI and MINUS_DI";

export const NOT_OFFERED: readonly NotOffered[] = [
  ...row(CUMULATIVE, "OBV, ON BALANCE VOLUME, PVT, VPT, NVI, PVI, CVD"),
  ...row(CUMULATIVE, "ACCUMULATION DISTRIBUTION, AD, ADL, ACCDIST, AD LINE"),

  ...row(BARS_ONLY, "FUNDING RATE, FUNDING, FUNDINGRATE"),
  ...row(BARS_ONLY, "OPEN INTEREST, OI, OPENINTEREST"),
  ...row(
    BARS_ONLY,
    "ORDER BOOK, ORDERBOOK, ORDER BOOK IMBALANCE, ORDERBOOK IMBALANCE, BOOK IMBALANCE, IMBALANCE, BOOK DEPTH, DEPTH",
  ),
  ...row(
    BARS_ONLY,
    "BID, ASK, SPREAD, BID ASK SPREAD, LONG SHORT RATIO, LIQUIDATIONS, LIQUIDATION, TAKER BUY VOLUME, BUY VOLUME",
  ),
  ...row(BARS_ONLY, "SELL VOLUME, DELTA VOLUME, DELTA, ORDER FLOW, TRADES, NUMBER TRADES, QUOTE VOLUME, VOLUME DELTA"),
  ...row(BARS_ONLY, "SENTIMENT, SENTIMENT SCORE, NEWS SENTIMENT, SOCIAL SENTIMENT, SOCIAL VOLUME, NEWS"),
  ...row(BARS_ONLY, "FEAR GREED, FEAR AND GREED, FEAR GREED INDEX, FEAR AND GREED INDEX, FEARGREED"),
  ...row(
    BARS_ONLY,
    "ON CHAIN, ONCHAIN, MVRV, NUPL, DOMINANCE, BTC DOMINANCE, MARKET CAP, WHALE, WHALES, VIX, DXY, BETA, CORRELATION",
  ),
  ...row("regimes come from the policy: list them in allowed_regimes", "REGIME, MARKET REGIME, VOLATILITY REGIME"),
  ...row("conditions read no clock; a custom evaluator can", "TIME, WEEKDAY, SESSION, TIME OF DAY"),

  ...row(TRENDS, "PARABOLIC SAR, SAR, PSAR, SAREXT, PSARL, PSARS, PARABOLIC, PARABOLICSAR"),
  ...row(
    "write its lines: ICHIMOKU_TENKAN_9, ICHIMOKU_KIJUN_26, ICHIMOKU_SENKOU_A_9_26_26 and ICHIMOKU_SENKOU_B_52_26",
    "ICHIMOKU, ICHIMOKU CLOUD, KUMO, CLOUD, SENKOU",
  ),
  ...row("the lagging span is the close: compare CLOSE with CLOSE[26]", "CHIKOU, CHIKOU SPAN, ICS"),
  ...row("it is (KELTNER_UPPER - KELTNER_LOWER)/KELTNER_MIDDLE", "KCW"),
  ...row(
    "what comes near is BB_UPPER and BB_LOWER",
    "ACCBANDS, ENVELOPE, ENVELOPES, MA ENVELOPE, SQZ, SQUEEZE, TTM SQUEEZE, SQZPRO",
  ),
  ...row(LEVELS, "PIVOTHIGH, PIVOTLOW, FIBONACCI, FIB, SUPPORT, RESISTANCE, SWING HIGH, SWING LOW"),
  ...row(LEVELS, "ATH, ATL, ALL TIME HIGH, ALL TIME LOW, ADR, OPENING RANGE"),
  ...row(
    "it is of an account, which conditions do not read",
    "ROI, ROE, PNL, BALANCE, EQUITY, DRAWDOWN, MAE, MFE, ENTRY PRICE",
  ),
  ...row(
    LEVELS,
    "VOLUME PROFILE, POC, VAH, VAL, ZIGZAG, FRACTAL, FRACTALS, PREVIOUS HIGH, PREVIOUS LOW, PREVIOUS CLOSE",
  ),

  ...row(OSCILLATORS, "KDJ, KDJ J, J, STOCHH, STOCH J"),
  ...row(
    OSCILLATORS,
    "TRIX, PPO, PPOH, PPOS, APO, TSI, UO, ULTOSC, CMO, DPO, KST, STC, QQE, FISHER, RVI, RVGI, COPPOCK",
  ),
  ...row(OSCILLATORS, "ULTIMATE OSCILLATOR"),
  ...row(OSCILLATORS, "AWESOME OSCILLATOR, AO, AWESOME"),
  ...row(OSCILLATORS, "CHANDE MOMENTUM OSCILLATOR, CHANDE"),
  ...row(OSCILLATORS, "CONNORS RSI, CRSI, CONNORSRSI"),
  ...row(
    OSCILLATORS,
    "ELDER RAY, BULL POWER, BEAR POWER, BIAS, SMI, WAVETREND, WT, ROCR, DIVERGENCE, RSI DIVERGENCE, MACD DIVERGENCE",
  ),
  ...row(VOLUMES, "ADOSC, CHAIKIN OSCILLATOR, CHAIKIN"),
  ...row(
    VOLUMES,
    "EFI, FORCE INDEX, EOM, EASE OF MOVEMENT, KVO, KLINGER, PVO, VOLUME OSCILLATOR, PVOL, VOLUME EMA, EMA VOLUME",
  ),
  ...row(
    "compare VOLUME with VOLUME_SMA",
    "RVOL, RELATIVE VOLUME, REL VOLUME, VOLUME RATIO, VOLUME SURGE, VOLUME SPIKE, VOLUME CHANGE, VOLUME RATE CHANGE",
  ),

  ...row(AVERAGES, "ALMA, VIDYA, JMA, FRAMA, MAMA, FAMA, SWMA, AMA, DMA"),
  ...row("VWAP begins at 00:00 UTC of each day", "ANCHORED VWAP, AVWAP, VWAP W, VWAP M, WEEKLY VWAP, MONTHLY VWAP"),
  ...row(AVERAGES, "EMA SLOPE, SMA SLOPE"),
  ...row(AVERAGES, "HT TRENDLINE, HT DCPERIOD, HT SINE, HT TRENDMODE, MEDIAN"),
  ...row("what comes near is ADX, PLUS_DI and MINUS_DI", "DX, ADXR, PLUS DM, MINUS DM, DIRECTIONAL MOVEMENT RATING"),
  ...row(TRENDS, "VORTEX, VTX, VTXP, VTXM, VHF, ALLIGATOR, MASS INDEX, MASSI, TREND STRENGTH"),
  ...row(
    VOLATILITY,
    "VOLATILITY, HV, HISTORICAL VOLATILITY, REALIZED VOLATILITY, IMPLIED VOLATILITY, IV, UI, ULCER INDEX",
  ),
  ...row(VOLATILITY, "ZSCORE, ZS, Z SCORE, BB ZSCORE, PERCENTRANK, PERCENTILE"),
  ...row(VOLATILITY, "SKEW, KURTOSIS, ENTROPY, HURST, RANGE, BAR RANGE, CANDLE RANGE"),

  ...row(PATTERNS, "CANDLESTICK PATTERN, PATTERN, CDL, CANDLE PATTERN, CDL PATTERN"),
  ...row(CANDLES, "RENKO, INSIDE BAR, GAP, GAP UP, GAP DOWN, BODY, CANDLE BODY, WICK"),
];
