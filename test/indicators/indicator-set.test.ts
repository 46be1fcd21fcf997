import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { barFault } from "../../src/domain/bar.ts";
import { deepened } from "../../src/indicators/deepened.ts";
import { computeIndicator, IndicatorSet } from "../../src/indicators/indicator-set.ts";
import { INDICATOR_NAMES, kernelSource } from "../../src/indicators/registry.ts";
import { markets, SOME_OF_EACH } from "./markets.ts";
import { flatBars, indicator, readBars, USUAL_NAMES } from "./series.ts";

const indicators = SOME_OF_EACH.map(indicator);

describe("an indicator set", () => {
  it("is tried with every indicator there is", () => {
    expect(new Set(indicators.map(({ base }) => base))).toEqual(new Set(INDICATOR_NAMES));
  });

  it("holds, bar by bar and to the bit, the values of each indicator by itself", () => {
    fc.assert(
      fc.property(markets(80), (bars) => {
        const alone = indicators.map((one) => computeIndicator(one, bars));
        const set = new IndicatorSet(indicators);
        const differ: string[] = [];
        for (const [at, bar] of bars.entries()) {
          set.push(bar);
          for (const [slot, values] of alone.entries()) {
            if (!Object.is(set.value(slot), values[at])) {
              differ.push(`${SOME_OF_EACH[slot]} at ${at}`);
            }
          }
        }
        expect(differ).toEqual([]);
      }),
    );
  });

  it("gives a prefix of a series the values that the whole series has there", () => {
    fc.assert(
      fc.property(markets(60), fc.nat(), (bars, cut) => {
        const prefix = bars.slice(0, cut % bars.length);
        for (const one of indicators) {
          expect(computeIndicator(one, prefix)).toEqual(computeIndicator(one, bars).slice(0, prefix.length));
        }
      }),
    );
  });

  it("keeps every value within the indicator's range", () => {
    fc.assert(
      fc.property(markets(120), (bars) => {
        expect(bars.map(barFault).find((fault) => fault !== undefined)).toBeUndefined();
        for (const one of indicators) {
          const { low, high, lowOpen } = one.range;
          const wrong = computeIndicator(one, bars).find((v) => v < low || v > high || (lowOpen && v === low));
          expect(wrong, one.name).toBeUndefined();
        }
      }),
    );
  });

  it("has no value before an indicator's first index, and no infinite one ever", () => {
    fc.assert(
      fc.property(markets(80), (bars) => {
        for (const one of indicators) {
          const values = computeIndicator(one, bars);
          expect(values.subarray(0, one.firstIndex).every(Number.isNaN), one.name).toBe(true);
          expect(
            values.some((value) => Math.abs(value) === Number.POSITIVE_INFINITY),
            one.name,
          ).toBe(false);
        }
      }),
    );
  });

  it("reads values up to seven bars back", () => {
    const set = new IndicatorSet([indicator("CLOSE"), indicator("MOM_1")]);
    for (const [at, bar] of flatBars(Array.from({ length: 20 }, (_, i) => 100 + i * i)).entries()) {
      set.push(bar);
      for (let back = 0; back < IndicatorSet.DEPTH; back++) {
        const then = at - back;
        expect(set.value(0, back)).toBe(then < 0 ? Number.NaN : 100 + then * then);
        expect(set.value(1, back)).toBe(then < 1 ? Number.NaN : 2 * then - 1);
      }
    }
    expect(set.bars).toBe(20);
  });

  it("keeps the values of each indicator as long as is wanted of it, and no longer", () => {
    const set = new IndicatorSet([
      deepened(indicator("CLOSE"), 20),
      indicator("MOM_1"),
      deepened(indicator("OPEN"), 60),
    ]);
    for (const bar of flatBars(Array.from({ length: 200 }, (_, i) => 100 + i))) {
      set.push(bar);
    }
    const kept = [0, 1, 2].map((slot) =>
      Array.from({ length: 200 }, (_, back) => set.value(slot, back)).findIndex(Number.isNaN),
    );
    expect(kept).toEqual([32, 8, 128]);
    expect(Array.from({ length: 32 }, (_, back) => set.value(0, back))).toEqual(
      Array.from({ length: 32 }, (_, back) => 299 - back),
    );
  });

  it("refuses to read ahead, or a slot that it has not", () => {
    const set = new IndicatorSet([indicator("CLOSE")]);
    expect(set.value(0, 8)).toBeNaN();
    expect(() => set.value(0, -1)).toThrow(RangeError);
    expect(() => set.value(1)).toThrow(RangeError);
    expect(() => set.value(set.slot("RSI_14"))).toThrow(RangeError);
  });

  it("finds slots by canonical name", () => {
    const set = new IndicatorSet([indicator("RSI"), indicator("MACD"), indicator("RSI")]);
    expect([set.slot("RSI_14"), set.slot("MACD_12_26_9"), set.slot("RSI")]).toEqual([0, 1, -1]);
  });

  it("builds one kernel for the outputs of one computation, and another for other parameters", () => {
    const key = (name: string): string => kernelSource(indicator(name)).key;
    for (const same of [
      ["MACD", "MACD_SIGNAL", "MACD_HIST"],
      ["STOCH_K", "STOCH_D"],
      ["BB_UPPER", "BB_MIDDLE", "BB_LOWER", "BB_PERCENT", "BB_WIDTH"],
      ["AROON_OSC", "AROON_UP", "AROON_DOWN"],
      ["ADX", "PLUS_DI", "MINUS_DI", "DX", "ADXR", "PLUS_DM", "MINUS_DM"],
      ["ROC", "MOM", "ROCP", "ROCR", "ROCR100"],
      ["HT_DCPERIOD", "HT_INPHASE", "HT_QUADRATURE"],
      ["HT_DCPHASE", "HT_SINE", "HT_LEADSINE", "HT_TRENDMODE", "HT_TRENDLINE"],
      ["ATR", "NATR"],
      ["HIGHEST", "LOWEST"],
      ["OPEN", "HIGH", "LOW", "CLOSE", "VOLUME"],
      ["SUPERTREND", "SUPERTREND_DIR"],
      ["KELTNER_UPPER", "KELTNER_MIDDLE", "KELTNER_LOWER"],
      ["DONCHIAN_UPPER", "DONCHIAN_MIDDLE", "DONCHIAN_LOWER"],
      ["HA_OPEN", "HA_HIGH", "HA_LOW", "HA_CLOSE"],
      ["PIVOT", "PIVOT_R1", "PIVOT_S3"],
      ["VWAP_UPPER", "VWAP_LOWER"],
      ["STOCHRSI_FASTD_14_14_3", "STOCHRSI_K", "STOCHRSI_D"],
      ["AVGPRICE", "MEDPRICE", "TYPPRICE", "WCLPRICE"],
      ["LINEARREG", "LINEARREG_SLOPE", "LINEARREG_ANGLE", "LINEARREG_INTERCEPT", "TSF"],
    ]) {
      expect(new Set(same.map(key)).size, same.join()).toBe(1);
    }
    expect(key("MACD_12_26_8")).not.toBe(key("MACD"));
    const single = USUAL_NAMES.filter((name) => !name.startsWith("CDL_"));
    expect(new Set(single.map(key)).size).toBe(120);
  });

  it("agrees with a series that begins later, once settled, to within 1e-9 (R41)", () => {
    const bars = readBars("BTCUSD-30m", 4_000);
    const later = bars.slice(1_008); // from a 00:00 bar on, for VWAP
    const differ: string[] = [];
    for (const name of [...USUAL_NAMES, "EMA_50", "MACD_5_35_5"]) {
      const one = indicator(name);
      const all = computeIndicator(one, bars).slice(1_008);
      const part = computeIndicator(one, later);
      // Pivots are of the first whole day, of 48 bars.
      const settled = one.wholeDays === undefined ? one.firstIndex + one.settleBars : 48;
      const scale = one.unit === "dimensionless" ? 100 : 6_000;
      for (let i = settled; i < part.length; i++) {
        const [a = 0, b = 0] = [part[i], all[i]];
        // Undefined is so wherever a series begins: what is within rounding of it, is not tried here.
        const apart = Number.isNaN(a) && Number.isNaN(b) ? 0 : Math.abs(a - b);
        if (!(apart <= 1e-9 * Math.max(scale, Math.abs(b) || 0))) {
          differ.push(`${name} at ${i}: ${a} and ${b}`);
        }
      }
    }
    expect(differ).toEqual([]);
  });
});
