import { CANDLE_SPELLINGS } from "./candles.ts";
import { FURTHER } from "./further.ts";
import { type Order, row, type Spellings } from "./spellings.ts";
import { STRATEGY_SPELLINGS } from "./strategies.ts";

/** pandas-ta from 0.4 on, and TA-Lib's nbdevup and nbdevdn: k for each side. */
const BANDS: Order = ["n", "k", "k"];
/** pandas-ta: k, d, smooth_k. */
const K_D_S: Order = ["k", "d", "s"];
/** The fast stochastic: %K is not smoothed. */
const FAST = { order: ["k", "d"], implied: { s: 1 } } as const;

const BEFORE = "It reads the n bars before the current one";

/**
 * The way other tables write what is offered here. Names that differ in separators, order, case or
 * typos need no entry.
 */
export const TABLE: readonly Spellings[] = [
  row("OPEN", "OPEN PRICE, OPENING PRICE"),
  row("HIGH", "HIGH PRICE"),
  row("LOW", "LOW PRICE"),
  row("CLOSE", "CLOSE PRICE, CLOSING PRICE, PRICE, ADJ CLOSE"),
  row("VOLUME", "BASE VOLUME, TRADED VOLUME"),
  row("SMA", "MA, SIMPLE MA, SIMPLE AVERAGE, ARITHMETIC MA, SMA MA"),
  row("EMA", "EXPONENTIAL MA, EXPONENTIALLY WEIGHTED MA, EWMA, EWM, EMA MA"),
  row("WMA", "WEIGHTED MA, LINEAR WEIGHTED MA, LINEARLY WEIGHTED MA, LWMA"),
  row("VWAP", "VWAP D, VOLUME WEIGHTED AVERAGE PRICE, SESSION VWAP, INTRADAY VWAP, VOLUME VWAP"),
  row("VOLUME_SMA", "VOLUME MA, MA VOLUME, AVERAGE VOLUME, SIMPLE MA VOLUME"),

  row({ base: "BB_WIDTH", order: BANDS }, "BBB", "It is a fraction, where pandas-ta gives percent"),
  row({ base: "BB_UPPER", order: BANDS }, "BB UPPER, BBU, BBH, BB BBH, BB HIGH, UPPER, BB UP, UBB"),
  row({ base: "BB_MIDDLE", order: BANDS }, "BB MIDDLE, BBM, BB BBM, BB MA, BB SMA, BB AVERAGE, MIDDLE, MBB"),
  row({ base: "BB_LOWER", order: BANDS }, "BB LOWER, BBL, BB BBL, BB LOW, LOWER, BB DOWN, LBB"),
  row(
    { base: "BB_PERCENT", order: BANDS },
    "BB PERCENT, BBP, BB BBP, %B, PERCENT B, BB B, BB %B, BB PERCENT B, PERCENTB, BB PERCENTB, BB POSITION, PCTB, BB PCTB",
  ),
  row({ base: "BB_WIDTH", order: BANDS }, "BB WIDTH, BBW, BB BBW, BANDWIDTH, BB BANDWIDTH, WIDTH BB"),
  row({ base: "STDDEV", order: ["n", 1] }, "STDDEV, STDDEV CLOSE, STDDEV PRICE, ROLLING STDDEV"),

  row(
    { base: "HIGHEST", order: ["n", "n"] },
    "HIGHEST HIGH, MAX HIGH, HIGH MAX, DCHH, ROLLING HIGH, ROLLING MAX HIGH, " +
      "HHV, HH, LOOKBACK HIGH, HIGHEST PRICE",
    BEFORE,
  ),
  row(
    { base: "LOWEST", order: ["n", "n"] },
    "LOWEST LOW, MIN LOW, LOW MIN, ROLLING LOW, ROLLING MIN LOW, LLV, LL, " + "LOOKBACK LOW, LOWEST PRICE",
    BEFORE,
  ),

  row("RSI", "RELATIVE STRENGTH INDEX, RELATIVE STRENGTH, WILDER RSI, WILDERS RSI"),
  row({ base: "STOCH_K", order: K_D_S }, "STOCHK"),
  row({ base: "STOCH_D", order: K_D_S }, "STOCHD"),
  row(
    "STOCH_K",
    "%K, PERCENT K, STOCH %K, STOCH PERCENT K, SLOWK, SLOW K, STOCH SLOWK, STOCH SLOW K, K, SLOW %K, SO %K",
  ),
  row(
    "STOCH_D",
    "%D, PERCENT D, STOCH %D, STOCH PERCENT D, SLOWD, SLOW D, STOCH SLOWD, STOCH SLOW D, D, SLOW %D, STOCH SIGNAL, SO %D",
  ),
  row({ base: "STOCH_K", order: ["k"], implied: { s: 1 } }, "STOCH CLOSE HIGH LOW"),
  row(
    { base: "STOCH_K", ...FAST },
    "STOCHFK, FASTK, FAST K, STOCH FASTK, STOCH FAST K, STOCHF FASTK, STOCHF K, FAST %K",
  ),
  row(
    { base: "STOCH_D", ...FAST },
    "STOCHFD, FASTD, FAST D, STOCH FASTD, STOCH FAST D, STOCHF FASTD, STOCHF D, FAST %D",
  ),
  row("MFI", "MONEY FLOW INDEX, MONEY FLOW, VOLUME MFI"),
  row(
    "WILLR",
    "WILLIAMS R, WILLIAMS %R, WILLIAMS PERCENT R, WILLIAMSR, WPR, W %R, %R, PERCENT R, WR, WILLIAMS, WILL R",
  ),
  row({ base: "CCI", order: ["n", 0.015] }, "CCI, COMMODITY CHANNEL INDEX"),

  row("MACD", "MACD MACD, MACD FAST SLOW"),
  row("MACD_SIGNAL", "MACDS, SIGNAL, MACD MACDS, MACD AVERAGE"),
  row("MACD_HIST", "MACDH, HIST, MACD MACDH, MACD DIFF, MACDDIFF, MACD OSC, MACD DIFFERENCE"),
  row({ base: "MACD", order: ["signal"], implied: { fast: 12, slow: 26 } }, "MACDFIX, MACD FIX"),

  row("SMA_CROSS", "SIMPLE MA CROSS, CROSS SMA SMA"),
  row({ base: "SMA_CROSS", implied: { fast: 50, slow: 200 } }, "GOLDEN CROSS"),
  row({ base: "SMA_CROSS", implied: { fast: 50, slow: 200 } }, "DEATH CROSS", "It crosses below 0 there"),
  row("EMA_CROSS", "EXPONENTIAL MA CROSS"),

  row("ROC", "RATE CHANGE, RATE PRICE CHANGE, ROC PERCENT"),
  row("ROC", "ROCP", "It is in percent: 2 is 2 %"),
  row(
    { base: "ROC", implied: { n: 1 } },
    "PERCENT CHANGE, PRICE CHANGE PERCENT, CHANGE PERCENT, RETURN PERCENT",
    "It is in percent: 2 is 2 %",
  ),
  row("MOM", "MOMENTUM, MTM, PRICE MOMENTUM"),
  row({ base: "MOM", implied: { n: 1 } }, "CHANGE, CLOSE CHANGE"),

  row("AROON_UP", "AROONU, AROON U, AROON AROONU, AROON AROONUP"),
  row("AROON_DOWN", "AROOND, AROON D, AROON AROOND, AROON AROONDOWN"),
  row("AROON_OSC", "AROONOSC, AROON IND, AROON AROONOSC"),

  row(
    { base: "ADX", order: ["n", "n"] },
    "ADX, AVERAGE DIRECTIONAL INDEX, AVERAGE DIRECTIONAL MOVEMENT INDEX, AVERAGE DIRECTIONAL MOVEMENT, DMI ADX",
  ),
  row(
    { base: "PLUS_DI", order: ["n", "n"] },
    "PLUS DI, DMP, DIP, ADX PLUS, ADX DMP, DMI PLUS, PDI, DI P, PLUS DIRECTIONAL INDICATOR, ADX PLUS DI",
  ),
  row(
    { base: "MINUS_DI", order: ["n", "n"] },
    "MINUS DI, DMN, DIM, ADX MINUS, ADX DMN, DMI MINUS, MDI, NDI, DI M, DI N, MINUS DIRECTIONAL INDICATOR, ADX MINUS DI",
  ),

  row("ATR", "ATRR, AVERAGE TRANGE, AVERAGE TRUERANGE, WILDER ATR"),
  row("TRANGE", "TRUERANGE, TR"),
  row("NATR", "ATR PERCENT, ATRP, NORMALIZED ATR, NORMALISED ATR, NORMALIZED AVERAGE TRANGE, RELATIVE ATR, ATR RATIO"),

  row("BB_UPPER BB_MIDDLE BB_LOWER", "BB"),
  row("STOCH_K STOCH_D", "STOCH, SLOW STOCH, STOCH OSC"),
  row("AROON_UP AROON_DOWN AROON_OSC", "AROON"),
  row("PLUS_DI MINUS_DI", "DI, DIRECTIONAL INDICATOR"),
  row("ADX PLUS_DI MINUS_DI", "DMI, DIRECTIONAL MOVEMENT INDEX, DIRECTIONAL MOVEMENT"),
  row("SMA_CROSS EMA_CROSS", "CROSS, MA CROSS, CROSS SIGNAL"),
  row("ROC MOM", "PRICE CHANGE"),

  ...STRATEGY_SPELLINGS,
  ...CANDLE_SPELLINGS,
  ...FURTHER,
];
