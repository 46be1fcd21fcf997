import * as technical from "technicalindicators";
import * as signals from "trading-signals";
import { FURTHER_FAMILIES } from "./further-indicators.ts";
import {
  bars,
  closes,
  type IndicatorRival,
  NO_BARS,
  NO_CLOSES,
  nextBar,
  nextClose,
  signalsOf,
  TWO_DECIMALS,
  technicalOf,
} from "./rival.ts";

/**
 * One indicator a family of ours, with whoever else has it. trading-signals has no STDDEV,
 * technicalindicators no MOM and no Aroon.
 */
export const FAMILIES: Readonly<Record<string, readonly IndicatorRival[]>> = {
  SMA_20: [
    signalsOf(() => closes(new signals.SMA(20))),
    technicalOf(() => nextClose(new technical.SMA({ period: 20, ...NO_CLOSES }))),
  ],
  EMA_20: [
    signalsOf(() => closes(new signals.EMA(20))),
    technicalOf(() => nextClose(new technical.EMA({ period: 20, ...NO_CLOSES }))),
  ],
  WMA_20: [
    signalsOf(() => closes(new signals.WMA(20))),
    technicalOf(() => nextClose(new technical.WMA({ period: 20, ...NO_CLOSES }))),
  ],
  VWAP: [],
  BB_UPPER_20_2: [
    signalsOf(() => {
      const bands = new signals.BollingerBands(20, 2);
      return ({ close }) => bands.add(close)?.upper;
    }),
    technicalOf(() => {
      const bands = new technical.BollingerBands({ period: 20, stdDev: 2, ...NO_CLOSES });
      return ({ close }) => bands.nextValue(close)?.upper;
    }),
  ],
  HIGHEST_20: [],
  RSI_14: [
    signalsOf(() => closes(new signals.RSI(14))),
    technicalOf(() => nextClose(new technical.RSI({ period: 14, ...NO_CLOSES })), TWO_DECIMALS),
  ],
  STOCH_K_14_3_3: [
    signalsOf(() => {
      const stochastic = new signals.StochasticOscillator({ kPeriod: 14, kSlowingPeriod: 3, dPeriod: 3 });
      return (bar) => stochastic.add(bar)?.stochK;
    }),
    technicalOf(() => {
      const stochastic = new technical.Stochastic({ period: 14, signalPeriod: 3, ...NO_BARS });
      // Its d is the raw value smoothed once, which is our K.
      return (bar) => stochastic.nextValue(bar as never)?.d;
    }),
  ],
  MFI_14: [
    signalsOf(() => bars(new signals.MFI(14))),
    technicalOf(() => nextBar(new technical.MFI({ period: 14, volume: [], ...NO_BARS })), TWO_DECIMALS),
  ],
  WILLR_14: [
    signalsOf(() => bars(new signals.WilliamsR(14))),
    technicalOf(() => nextBar(new technical.WilliamsR({ period: 14, ...NO_BARS }))),
  ],
  CCI_20: [
    signalsOf(() => bars(new signals.CCI(20))),
    technicalOf(() => nextBar(new technical.CCI({ period: 20, ...NO_BARS }))),
  ],
  MACD_12_26_9: [
    signalsOf(() => {
      const macd = new signals.MACD(new signals.EMA(12), new signals.EMA(26), new signals.EMA(9));
      return ({ close }) => macd.add(close)?.macd;
    }),
    technicalOf(() => {
      const periods = { fastPeriod: 12, slowPeriod: 26, signalPeriod: 9 };
      const macd = new technical.MACD({ ...periods, SimpleMAOscillator: false, SimpleMASignal: false, ...NO_CLOSES });
      return ({ close }) => macd.nextValue(close)?.MACD;
    }),
  ],
  EMA_CROSS_20_50: [],
  ROC_10: [
    signalsOf(() => {
      const roc = new signals.ROC(10);
      return ({ close }) => percent(roc.add(close));
    }),
    technicalOf(() => nextClose(new technical.ROC({ period: 10, ...NO_CLOSES }))),
  ],
  MOM_10: [signalsOf(() => closes(new signals.MOM(10)))],
  AROON_UP_14: [
    signalsOf(() => {
      const aroon = new signals.Aroon(14);
      return (bar) => aroon.add(bar)?.aroonUp;
    }),
  ],
  ADX_14: [
    signalsOf(() => bars(new signals.ADX(14))),
    technicalOf(() => {
      const adx = new technical.ADX({ period: 14, ...NO_BARS });
      return (bar) => adx.nextValue(bar as never)?.adx;
    }),
  ],
  ATR_14: [
    signalsOf(() => bars(new signals.ATR(14))),
    technicalOf(() => nextBar(new technical.ATR({ period: 14, ...NO_BARS }))),
  ],
  STDDEV_20: [technicalOf(() => nextClose(new technical.SD({ period: 20, ...NO_CLOSES })))],
  SUPERTREND_10_3: [
    signalsOf(() => {
      const trend = new signals.SuperTrend({ interval: 10, multiplier: 3 });
      return (bar) => trend.add(bar)?.supertrend;
    }),
  ],
  // Theirs are about another average, or of another range.
  KELTNER_UPPER_20_2_10: [],
  CHOP_14: [],
  DONCHIAN_UPPER_20: [
    signalsOf(() => {
      const channels = new signals.DonchianChannels(20);
      return (bar) => channels.add(bar)?.upper;
    }),
  ],
  ICHIMOKU_KIJUN_26: [
    signalsOf(() => {
      const cloud = new signals.IchimokuCloud({ conversionInterval: 9, baseInterval: 26, spanBInterval: 52 });
      return (bar) => cloud.add(bar)?.base;
    }),
  ],
  VWMA_20: [signalsOf(() => bars(new signals.VWMA(20)))],
  CMF_20: [signalsOf(() => bars(new signals.CMF(20)))],
  RMI_20_5: [signalsOf(() => closes(new signals.RMI({ interval: 20, momentum: 5 })))],
  STOCHRSI_FASTK_14_14: [
    signalsOf(() => {
      const stochastic = new signals.StochasticRSI(14, signals.WSMA);
      return ({ close }) => percent(stochastic.add(close));
    }),
  ],
  CTI_12: [],
  HA_OPEN: [],
  PIVOT_R1: [],
  // Candle patterns of one, two and five candles; technicalindicators means others by these names.
  CDL_DOJI: [],
  CDL_ENGULFING: [],
  CDL_RISEFALL3METHODS: [],
  ...FURTHER_FAMILIES,
};

function percent(fraction: number | null): number | null {
  return fraction === null ? null : 100 * fraction;
}
