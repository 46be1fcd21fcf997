import * as technical from "technicalindicators";
import * as signals from "trading-signals";
import { bars, closes, type IndicatorRival, NO_CLOSES, nextBar, nextClose, signalsOf, technicalOf } from "./rival.ts";

/**
 * TA-Lib's functions that few strategies read: one of each family, with whoever else has it.
 * trading-signals has SAR, CMO and DX by other rules, technicalindicators SAR.
 */
export const FURTHER_FAMILIES: Readonly<Record<string, readonly IndicatorRival[]>> = {
  DEMA_20: [signalsOf(() => closes(new signals.DEMA(20)))],
  "T3_5_0.7": [signalsOf(() => closes(new signals.T3(5, 0.7)))],
  TRIMA_20: [signalsOf(() => closes(new signals.TRIMA(20)))],
  HMA_20: [signalsOf(() => closes(new signals.HMA(20)))],
  KAMA_10: [signalsOf(() => closes(new signals.KAMA(10)))],
  "MAMA_0.5_0.05": [
    signalsOf(() => {
      const mesa = new signals.MAMA();
      return ({ close }) => mesa.add(close)?.mama;
    }),
  ],
  HT_TRENDLINE: [signalsOf(() => closes(new signals.HTTrendline()))],
  ACCBANDS_UPPER_20: [
    signalsOf(() => {
      const bands = new signals.AccelerationBands(20, 4);
      return (bar) => bands.add(bar)?.upper;
    }),
  ],
  "SAR_0.02_0.2": [],
  FRACTAL_HIGH_2_2: [],
  MAX_20: [technicalOf(() => nextClose(new technical.Highest({ period: 20, ...NO_CLOSES })))],
  SUM_20: [technicalOf(() => nextClose(new technical.Sum({ period: 20, ...NO_CLOSES })))],
  LINEARREG_SLOPE_14: [
    signalsOf(() => {
      const line = new signals.LinearRegression(14);
      return ({ close }) => line.add(close)?.slope;
    }),
  ],
  AVGDEV_14: [signalsOf(() => closes(new signals.MAD(14)))],
  PERCENTILE_20_50: [],
  CORREL_30: [],
  CMOU_14: [signalsOf(() => closes(new signals.CMO(14)))],
  IMI_14: [signalsOf(() => bars(new signals.IMI(14)))],
  ULTOSC_7_14_28: [signalsOf(() => bars(new signals.UltimateOscillator()))],
  TSI_25_13: [signalsOf(() => closes(new signals.TSI()))],
  KDJ_K_9_3_3: [],
  SMI_13_2_25: [signalsOf(() => bars(new signals.SMI({ interval: 13, smooth1: 25, smooth2: 2 })))],
  PPO_12_26: [signalsOf(() => closes(new signals.PPO()))],
  TRIX_15: [technicalOf(() => nextClose(new technical.TRIX({ period: 15, ...NO_CLOSES })))],
  COPPOCK_10_11_14: [signalsOf(() => closes(new signals.CoppockCurve()))],
  AO_5_34: [
    signalsOf(() => bars(new signals.AO(5, 34))),
    technicalOf(() => nextBar(new technical.AwesomeOscillator({ fastPeriod: 5, slowPeriod: 34, high: [], low: [] }))),
  ],
  BULL_POWER_13: [
    signalsOf(() => {
      const ray = new signals.ElderRay(13);
      return (bar) => ray.add(bar)?.bullPower;
    }),
  ],
  VHF_28: [signalsOf(() => closes(new signals.VHF(28)))],
  VORTEX_PLUS_14: [
    signalsOf(() => {
      const vortex = new signals.VortexIndicator(14);
      return (bar) => vortex.add(bar)?.plus;
    }),
  ],
  MASSI_9_25: [signalsOf(() => bars(new signals.MassIndex(25)))],
  RVI_14_10: [signalsOf(() => closes(new signals.RelativeVolatilityIndex({ interval: 14, stddevInterval: 10 })))],
  OBV_CHANGE_20: [],
  OBV_SLOPE_20: [],
  ADOSC_3_10: [signalsOf(() => bars(new signals.ADOSC()))],
  EFI_13: [
    signalsOf(() => bars(new signals.ForceIndex(13))),
    technicalOf(() => nextBar(new technical.ForceIndex({ period: 13, close: [], volume: [] }))),
  ],
  TANH: [],
};
