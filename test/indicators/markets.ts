import fc from "fast-check";
import type { Bar } from "../../src/domain/bar.ts";
import { CANDLE_PATTERNS } from "../../src/indicators/patterns/all.ts";

/** One of every name, with parameters short enough for short series, and some at their limits. */
export const SOME_OF_EACH = [
  ...["OPEN", "HIGH", "LOW", "CLOSE", "VOLUME", "VWAP", "SMA_1", "SMA_7", "EMA_1", "EMA_7", "WMA_2", "WMA_7"],
  ...["VOLUME_SMA_5", "BB_UPPER_5_2", "BB_MIDDLE_5_2", "BB_LOWER_5_2.5", "BB_PERCENT_2_0.5", "BB_PERCENT_5_2"],
  ...["BB_WIDTH_5_2", "STDDEV_2", "STDDEV_9", "HIGHEST_1", "HIGHEST_5", "LOWEST_5", "RSI_2", "RSI_5", "STOCH_K_1_1_1"],
  ...["STOCH_K_5_3_3", "STOCH_D_5_3_3", "MFI_2", "MFI_5", "WILLR_2", "WILLR_5", "CCI_2", "CCI_5", "MACD_3_6_4"],
  ...["MACD_SIGNAL_3_6_4", "MACD_HIST_2_3_1", "SMA_CROSS_2_5", "EMA_CROSS_1_5", "ROC_1", "ROC_4", "MOM_3"],
  ...["AVGPRICE", "MEDPRICE", "TYPPRICE", "WCLPRICE", "DEMA_1", "DEMA_4", "TEMA_3", "T3_2_0.7", "ZLEMA_1", "ZLEMA_5"],
  ...["RMA_1", "RMA_5", "TRIMA_1", "TRIMA_4", "TRIMA_5", "HMA_1", "HMA_6", "KAMA_2", "KAMA_5", "ER_1", "ER_5"],
  ...["MAX_1", "MAX_5", "MIN_5", "SUM_1", "SUM_5", "BARS_SINCE_MAX_5", "BARS_SINCE_MIN_5", "MIDPOINT_5", "MIDPRICE_5"],
  ...["LINEARREG_2", "LINEARREG_6", "LINEARREG_SLOPE_6", "LINEARREG_ANGLE_6", "LINEARREG_INTERCEPT_6", "TSF_6"],
  ...["MAMA_0.5_0.05", "FAMA_0.5_0.05", "HT_DCPERIOD", "HT_INPHASE", "HT_QUADRATURE", "HT_DCPHASE", "HT_SINE"],
  ...[
    "HT_LEADSINE",
    "HT_TRENDMODE",
    "HT_TRENDLINE",
    "PERCENTILE_5_50",
    "PERCENTILE_1_100",
    "PERCENTRANK_5",
    "CORREL_5",
  ],
  ...["ACCBANDS_UPPER_5", "ACCBANDS_MIDDLE_5", "ACCBANDS_LOWER_5", "SAR_0.02_0.2", "SAR_0.5_0.1", "FRACTAL_HIGH_2_2"],
  ...[
    "FRACTAL_LOW_1_3",
    "CMO_5",
    "CMOU_5",
    "IMI_5",
    "QSTICK_5",
    "ULTOSC_2_4_7",
    "ULTOSC_5_1_3",
    "TSI_5_3",
    "KDJ_K_5_3_3",
  ],
  ...[
    "KDJ_D_5_1_3",
    "KDJ_J_5_3_3",
    "SMI_5_2_3",
    "SMI_SIGNAL_5_2_3",
    "APO_3_6",
    "PPO_3_6",
    "PVO_3_6",
    "TRIX_1",
    "TRIX_4",
  ],
  ...[
    "COPPOCK_3_4_5",
    "AO_3_6",
    "AC_3_6_4",
    "ROCP_4",
    "ROCR_4",
    "ROCR100_4",
    "FOSC_2",
    "FOSC_5",
    "DPO_3",
    "DPO_6",
    "VHF_5",
  ],
  ...["BULL_POWER_5", "BEAR_POWER_5", "VORTEX_PLUS_5", "VORTEX_MINUS_5", "PLUS_DM_4", "MINUS_DM_4", "DX_4", "ADXR_4"],
  ...["ADR_5", "CVI_4_3", "MASSI_4_3", "RVI_4_3", "OBV_CHANGE_1", "OBV_CHANGE_5", "OBV_SLOPE_5", "AD_CHANGE_5"],
  ...[
    "AD_SLOPE_5",
    "PVT_CHANGE_5",
    "WAD_CHANGE_5",
    "NVI_ROC_5",
    "PVI_ROC_5",
    "ADOSC_3_6",
    "EFI_1",
    "EFI_5",
    "MARKETFI",
  ],
  ...["RVOL_5", "LN", "LOG10", "SQRT", "EXP", "FLOOR", "CEIL", "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "SINH"],
  ...["COSH", "TANH"],
  ...["VAR_2", "VAR_9", "AVGDEV_2", "AVGDEV_5", "TRANGE", "BOP"],
  ...["AROON_OSC_5", "AROON_UP_5", "AROON_DOWN_5", "ADX_4", "PLUS_DI_4", "MINUS_DI_4", "ATR_1", "ATR_4", "NATR_4"],
  ...["HA_OPEN", "HA_HIGH", "HA_LOW", "HA_CLOSE", "PIVOT", "PIVOT_R1", "PIVOT_R2", "PIVOT_R3", "PIVOT_S1", "PIVOT_S2"],
  ...[
    "PIVOT_S3",
    "VWAP_UPPER_1",
    "VWAP_LOWER_2.5",
    "VWMA_1",
    "VWMA_5",
    "CMF_5",
    "DONCHIAN_UPPER_1",
    "DONCHIAN_UPPER_5",
  ],
  ...["DONCHIAN_MIDDLE_5", "DONCHIAN_LOWER_5", "KELTNER_UPPER_3_2_5", "KELTNER_MIDDLE_6_2_2", "KELTNER_LOWER_6_2_2"],
  ...["SUPERTREND_4_3", "SUPERTREND_DIR_2_0.5", "ICHIMOKU_TENKAN_3", "ICHIMOKU_KIJUN_5", "ICHIMOKU_SENKOU_A_3_5_4"],
  ...["ICHIMOKU_SENKOU_B_5_1", "STOCHRSI_FASTK_3_4", "STOCHRSI_FASTD_3_4_2", "STOCHRSI_K_2_2_1", "STOCHRSI_D_3_4_2"],
  ...["RMI_4_3", "CTI_2", "CTI_6", "CHOP_2", "CHOP_6"],
  ...CANDLE_PATTERNS.map(({ base }) => base),
] as const;

/**
 * Valid bars of all sorts: walks and jumps, on a coarse grid (ties) or not, with stretches that
 * stand still and without volume, at tiny, usual and huge prices.
 */
export function markets(maxLength: number): fc.Arbitrary<readonly Bar[]> {
  const step = fc.record({
    move: fc.oneof(fc.constant(0), fc.integer({ min: -5, max: 5 }), fc.double({ min: -8, max: 8, noNaN: true })),
    up: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 })),
    down: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 })),
    volume: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1_000_000 })),
    repeat: fc.oneof(
      { weight: 9, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }) },
    ),
  });
  return fc
    .tuple(fc.constantFrom(1e-8, 1, 1e9), fc.array(step, { minLength: 1, maxLength: maxLength }))
    .map(([scale, steps]) => {
      const bars: Bar[] = [];
      let close = 100;
      for (const { move, up, down, volume, repeat } of steps) {
        const open = close;
        close = Math.max(1, close + move);
        const high = (Math.max(open, close) + up) * scale;
        const low = Math.max(0.5, Math.min(open, close) - down) * scale;
        for (let i = 0; i < repeat; i++) {
          const first = i === 0;
          const price = close * scale;
          const bar = first ? { open: open * scale, high, low, close: price, volume } : still(price);
          bars.push({ openTime: bars.length * 3_600_000, ...bar });
        }
      }
      return bars;
    });
}

function still(price: number): Omit<Bar, "openTime"> {
  return { open: price, high: price, low: price, close: price, volume: 0 };
}
