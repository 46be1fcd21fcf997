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
const CUMULATIVE = "its level depends on where history starts, so no threshold on it has a meaning";
const EXPRESSION = "write it as an expression";
const AVERAGES = "what comes near is KAMA, T3, HMA, EMA, WMA or SMA";
const OSCILLATORS = "what comes near is RSI, STOCH_K, CCI, WILLR, ROC or MACD";
const CANDLES = "what comes near is a pattern such as CDL_HIKKAKE; OPEN, HIGH, LOW and CLOSE can be compared, too";
const PATTERNS = "each candle pattern has a name of its own, such as CDL_ENGULFING: docs/indicators.md lists them";
const LEVELS = "what comes near is HIGHEST and LOWEST, the extremes of the n bars before";
const VOLATILITY = "what comes near is ATR, NATR (percent), STDDEV or BB_WIDTH";
const VOLUMES = "what comes near is MFI, or VOLUME against VOLUME_SMA";
const TRENDS = "what comes near is SUPERTREND, or ADX with PLUS_DI and MINUS_DI";

export const NOT_OFFERED: readonly NotOffered[] = [
  ...row(`${CUMULATIVE}; write OBV_CHANGE_20, what 20 bars added, or OBV_SLOPE_20`, "OBV, ON BALANCE VOLUME, CVD"),
  ...row(
    `${CUMULATIVE}; write AD_CHANGE_20, what 20 bars added, or AD_SLOPE_20, or ADOSC`,
    "ACCUMULATION DISTRIBUTION, AD, ADL, ACCDIST, AD LINE",
  ),
  ...row(`${CUMULATIVE}; write PVT_CHANGE_20, what 20 bars added`, "PVT, VPT, PRICE VOLUME TREND"),
  ...row(`${CUMULATIVE}; write WAD_CHANGE_20, what 20 bars added`, "WAD, WILLIAMS AD"),
  ...row(`${CUMULATIVE}; write NVI_ROC_20, its change in percent`, "NVI, NEGATIVE VOLUME INDEX"),
  ...row(`${CUMULATIVE}; write PVI_ROC_20, its change in percent`, "PVI, POSITIVE VOLUME INDEX"),
  ...row(`${CUMULATIVE}; write SUM_20`, "CUMSUM, CUMULATIVE SUM"),
  ...row(`${EXPRESSION}, such as (HIGH + LOW)/2`, "ADD, SUB, MULT, DIV"),
  ...row(`${EXPRESSION}, such as SMA_12 - EMA_26, and its signal as SMA_9(SMA_12 - EMA_26)`, "MACDEXT"),
  ...row("its period is another series; conditions read indicators of fixed periods", "MAVP, VARIABLE PERIOD MA"),

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

  ...row("SAR is the stop; two steps apart and a start of its own are none", "SAREXT, PSARL, PSARS"),
  ...row(
    "write its lines: ICHIMOKU_TENKAN_9, ICHIMOKU_KIJUN_26, ICHIMOKU_SENKOU_A_9_26_26 and ICHIMOKU_SENKOU_B_52_26",
    "ICHIMOKU, ICHIMOKU CLOUD, KUMO, CLOUD, SENKOU",
  ),
  ...row("the lagging span is the close: compare CLOSE with CLOSE[26]", "CHIKOU, CHIKOU SPAN, ICS"),
  ...row("it is (KELTNER_UPPER - KELTNER_LOWER)/KELTNER_MIDDLE", "KCW"),
  ...row(
    "what comes near is BB_UPPER and BB_LOWER",
    "ENVELOPE, ENVELOPES, MA ENVELOPE, SQZ, SQUEEZE, TTM SQUEEZE, SQZPRO",
  ),
  ...row(LEVELS, "PIVOTHIGH, PIVOTLOW, FIBONACCI, FIB, SUPPORT, RESISTANCE"),
  ...row(LEVELS, "ATH, ATL, ALL TIME HIGH, ALL TIME LOW, OPENING RANGE"),
  ...row(
    "it is of an account, which conditions do not read",
    "ROI, ROE, PNL, BALANCE, EQUITY, DRAWDOWN, MAE, MFE, ENTRY PRICE",
  ),
  ...row(LEVELS, "VOLUME PROFILE, POC, VAH, VAL, ZIGZAG"),
  ...row("write HIGH[1], LOW[1] or CLOSE[1]", "PREVIOUS HIGH, PREVIOUS LOW, PREVIOUS CLOSE"),

  ...row(OSCILLATORS, "STOCHH"),
  ...row(OSCILLATORS, "KST, STC, QQE, FISHER, RVGI"),
  ...row(`${EXPRESSION}: EMA_9(PPO_12_26), and PPO_12_26 - EMA_9(PPO_12_26)`, "PPOH, PPOS"),
  ...row(OSCILLATORS, "CONNORS RSI, CRSI, CONNORSRSI"),
  ...row(`${EXPRESSION}: CLOSE/SMA_20 - 1`, "BIAS"),
  ...row(OSCILLATORS, "WAVETREND, WT, DIVERGENCE, RSI DIVERGENCE, MACD DIVERGENCE"),
  ...row(VOLUMES, "EOM, EASE OF MOVEMENT, KVO, KLINGER, PVOL"),
  ...row("write EMA_20(VOLUME)", "VOLUME EMA, EMA VOLUME"),
  ...row("compare VOLUME with 2*VOLUME_SMA_20, or read RVOL", "VOLUME SURGE, VOLUME SPIKE"),
  ...row("write ROC_1(VOLUME), in percent", "VOLUME CHANGE, VOLUME RATE CHANGE"),

  ...row(AVERAGES, "ALMA, VIDYA, JMA, FRAMA, SWMA, AMA, DMA"),
  ...row("VWAP begins at 00:00 UTC of each day", "ANCHORED VWAP, AVWAP, VWAP W, VWAP M, WEEKLY VWAP, MONTHLY VWAP"),
  ...row(`${EXPRESSION}: EMA_20 - EMA_20[1]`, "EMA SLOPE, SMA SLOPE"),
  ...row(TRENDS, "ALLIGATOR, TREND STRENGTH"),
  ...row(
    VOLATILITY,
    "VOLATILITY, HV, HISTORICAL VOLATILITY, REALIZED VOLATILITY, IMPLIED VOLATILITY, IV, UI, ULCER INDEX",
  ),
  ...row(`${EXPRESSION}: (CLOSE - SMA_20)/STDDEV_20`, "ZSCORE, ZS, Z SCORE, BB ZSCORE"),
  ...row(VOLATILITY, "SKEW, KURTOSIS, ENTROPY, HURST"),
  ...row(`${EXPRESSION}: HIGH - LOW`, "RANGE, BAR RANGE, CANDLE RANGE"),

  ...row(PATTERNS, "CANDLESTICK PATTERN, PATTERN, CDL, CANDLE PATTERN, CDL PATTERN"),
  ...row(CANDLES, "RENKO, INSIDE BAR, WICK"),
  ...row("compare OPEN with HIGH[1], or with LOW[1]", "GAP, GAP UP, GAP DOWN"),
  ...row(`${EXPRESSION}: ABS(CLOSE - OPEN)`, "BODY, CANDLE BODY"),
];
