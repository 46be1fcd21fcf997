import { row, type Spellings } from "./spellings.ts";

const INCLUDED = "It includes the current bar; HIGHEST and LOWEST leave it out";
/** The range's length is the average's there, and both are EMAs. */
const PANDAS_KELTNER = "It adds Wilder's ATR to an EMA of (high + low + close)/3";
const EITHER_SIDE = "It is the line of either side; SUPERTREND_DIR says which";
/** pandas-ta: length, rsi_length, k, d. */
const PANDAS_STOCHRSI = ["k", "n", "s", "s"] as const;

/** Other names of what public strategies read. */
export const STRATEGY_SPELLINGS: readonly Spellings[] = [
  row("SUPERTREND", "SUPERT, SUPER TREND, SUPERTREND LINE"),
  row("SUPERTREND", "SUPERTL, SUPERTS", EITHER_SIDE),
  row("SUPERTREND_DIR", "SUPERTD, SUPERTREND DIRECTION, SUPERTREND SIGNAL"),

  row({ base: "DONCHIAN_UPPER", order: ["n", "n"] }, "DCU, DONCHIAN DCU, DONCHIAN HIGH", INCLUDED),
  row({ base: "DONCHIAN_MIDDLE", order: ["n", "n"] }, "DCM, DONCHIAN DCM", INCLUDED),
  row({ base: "DONCHIAN_LOWER", order: ["n", "n"] }, "DCL, DONCHIAN DCL, DONCHIAN LOW", INCLUDED),
  row("DONCHIAN_UPPER DONCHIAN_MIDDLE DONCHIAN_LOWER", "DONCHIAN", INCLUDED),

  row("KELTNER_UPPER", "KC UPPER, KCU, KELTNER HIGH"),
  row("KELTNER_MIDDLE", "KC MIDDLE, KCM"),
  row("KELTNER_LOWER", "KC LOWER, KCL, KELTNER LOW"),
  row({ base: "KELTNER_UPPER", order: ["n", "k"] }, "KCUE", PANDAS_KELTNER),
  row({ base: "KELTNER_MIDDLE", order: ["n", "k"] }, "KCBE", PANDAS_KELTNER),
  row({ base: "KELTNER_LOWER", order: ["n", "k"] }, "KCLE", PANDAS_KELTNER),
  row("KELTNER_UPPER KELTNER_MIDDLE KELTNER_LOWER", "KELTNER, KC"),

  row("ICHIMOKU_TENKAN", "TENKAN, TENKAN SEN, ICHIMOKU TENKAN SEN, ICHIMOKU CONVERSION, ITS"),
  row("ICHIMOKU_KIJUN", "KIJUN, KIJUN SEN, ICHIMOKU KIJUN SEN, ICHIMOKU BASE, IKS"),
  row("ICHIMOKU_SENKOU_A", "SENKOU A, SENKOU SPAN A, ICHIMOKU SPAN A, ICHIMOKU A, ISA"),
  row("ICHIMOKU_SENKOU_B", "SENKOU B, SENKOU SPAN B, ICHIMOKU SPAN B, ICHIMOKU B"),
  row({ base: "ICHIMOKU_SENKOU_B", order: [26] }, "ISB"),

  row("HA_OPEN", "HEIKIN ASHI OPEN, HEIKINASHI OPEN"),
  row("HA_HIGH", "HEIKIN ASHI HIGH, HEIKINASHI HIGH"),
  row("HA_LOW", "HEIKIN ASHI LOW, HEIKINASHI LOW"),
  row("HA_CLOSE", "HEIKIN ASHI CLOSE, HEIKINASHI CLOSE"),
  row("HA_OPEN HA_CLOSE", "HEIKIN ASHI, HEIKINASHI"),

  row("STOCHRSI_FASTK", "STOCHRSI FAST K, STOCH RSI FASTK"),
  row("STOCHRSI_FASTD", "STOCHRSI FAST D, STOCH RSI FASTD"),
  row({ base: "STOCHRSI_K", order: PANDAS_STOCHRSI }, "STOCHRSIK"),
  row({ base: "STOCHRSI_D", order: PANDAS_STOCHRSI }, "STOCHRSID"),
  row("STOCHRSI_K", "STOCH RSI K, SRSI K"),
  row("STOCHRSI_D", "STOCH RSI D, SRSI D"),
  row("STOCHRSI_K STOCHRSI_D", "STOCHRSI, STOCH RSI, SRSI, STOCHASTIC RSI"),
  row("RMI", "RELATIVE MOMENTUM INDEX"),
  row({ base: "CHOP", order: ["n", 1, 100] }, "CHOP, CHOPPINESS, CHOPPINESS INDEX"),

  row("VWMA", "VOLUME WEIGHTED MA, VOLUME VWMA"),
  row("CMF", "CHAIKIN MONEY FLOW, VOLUME CMF"),
  row("VWAP_UPPER", "VWAP BAND UPPER, VWAP HIGH"),
  row("VWAP_LOWER", "VWAP BAND LOWER, VWAP LOW"),
  row("PIVOT", "PIVOT POINT, PIVOT POINTS, PIVOT P"),
];
