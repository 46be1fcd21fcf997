import { describe, expect, it } from "vitest";
import type { Bar } from "../../src/domain/bar.ts";
import { computeIndicator } from "../../src/indicators/indicator-set.ts";
import { MATH_TRANSFORMS } from "../../src/indicators/statistics/transforms.ts";
import { flatBars, indicator, readBars, USUAL_NAMES } from "./series.ts";

function last(name: string, bars: readonly Bar[]): number {
  return computeIndicator(indicator(name), bars).at(-1) ?? Number.NaN;
}

/**
 * The page's table pins the values of the simplest dead markets; here is when an indicator falls
 * silent and when it speaks again.
 */
describe("an indicator that divides by nothing is undefined, from the very bar on (R9)", () => {
  const walk = Array.from({ length: 60 }, (_, i) => 100 + Math.sin(i) * 5);
  const before = walk.length;
  const bars = flatBars([...walk, ...Array.from({ length: 40 }, () => 101), 102, 103, 104, 105, 106, 107, 108, 109]);
  const silent = (name: string): readonly [number, number] => {
    const values = computeIndicator(indicator(name), bars).subarray(before);
    const from = values.findIndex(Number.isNaN);
    return [from, from + values.subarray(from).findIndex((value) => !Number.isNaN(value))];
  };

  // The market stands still from index 0 (counted from there) to 39; the first of these bars still
  // moved.
  it.each([
    ["RSI_14", 14, 40],
    ["MFI_14", 14, 40],
    ["WILLR_14", 13, 40],
    ["CCI_20", 19, 40],
    ["BB_PERCENT_20_2", 19, 40],
    ["PLUS_DI_14", 14, 40],
    ["MINUS_DI_14", 14, 40],
    ["ADX_14", 14, 40],
    ["STOCH_K_14_3_3", 13, 42],
    ["STOCH_D_14_3_3", 13, 44],
  ] as const)("%s is silent from bar %i to bar %i", (name, from, to) => {
    expect(silent(name)).toEqual([from, to]);
  });

  it("ADX is undefined while both directional indicators are 0", () => {
    const range = Array.from({ length: 80 }, (_, i) => ({
      openTime: i * 60_000,
      open: 100,
      high: 101,
      low: 99,
      close: 100,
      volume: 1,
    }));
    expect([last("PLUS_DI", range), last("MINUS_DI", range), last("ADX", range)]).toEqual([0, 0, Number.NaN]);
  });

  it("VWAP has no value until the series has held a bar that opens at 00:00, nor before anything is traded that day", () => {
    const day = flatBars([1, 2, 3, 4], 0).map((bar, i) => ({
      ...bar,
      openTime: bar.openTime + 22 * 3_600_000,
      volume: i,
    }));
    expect([...computeIndicator(indicator("VWAP"), day)]).toEqual([Number.NaN, Number.NaN, 3, (3 * 2 + 4 * 3) / 5]);
    const untraded = flatBars([1, 2, 3], 0);
    expect([...computeIndicator(indicator("VWAP"), untraded)].every(Number.isNaN)).toBe(true);
  });
});

describe("what is only rounding is exactly 0 (R9)", () => {
  const price = 64_123.37;
  const wobble = (relative: number): readonly Bar[] =>
    flatBars(Array.from({ length: 300 }, (_, i) => price * (1 + (i % 2) * relative)));

  it.each(["MACD", "MACD_SIGNAL", "MACD_HIST", "MOM_1", "STDDEV_20", "ROC_1", "SMA_CROSS", "EMA_CROSS"])(
    "%s of a market that moves by less than 1e-12",
    (name) => {
      expect(Object.is(last(name, wobble(9e-13)), 0)).toBe(true);
    },
  );

  it.each(["MOM_1", "STDDEV_20", "ROC_1"])("but not %s of one that moves by more", (name) => {
    expect(last(name, wobble(3e-12))).not.toBe(0);
  });

  it("BB_PERCENT is undefined where the deviation is only rounding, and right to its digits beyond", () => {
    expect(last("BB_PERCENT_20_2", wobble(9e-13))).toBeNaN();
    expect(last("BB_PERCENT_20_2", wobble(4e-12))).toBeCloseTo(0.75, 8);
  });

  it("takes typical prices that differ only in how they round for equal in MFI, and for no distance in CCI", () => {
    const bars = [0, 1, 2, 3, 4, 5].map((i) => {
      const [high, low] = i % 2 === 0 ? [1.21, 0.99] : [1.38, 0.82];
      return { openTime: i * 60_000, open: 1.1, high, low, close: 1.1, volume: 10 };
    });
    const [even = 0, odd = 0] = bars.map(({ high, low, close }) => (high + low + close) / 3);
    expect(even).not.toBe(odd);
    expect([last("MFI_3", bars), last("CCI_3", bars)]).toEqual([Number.NaN, 0]);
  });
});

describe("where the market stands still after a crash from 60,000 to 1, values in units of price are right to 1e-13 (R9)", () => {
  const crash = [
    ...Array.from({ length: 997 }, (_, i) => 60_000 + 300 * Math.sin(i)),
    ...Array.from({ length: 60 }, () => 1.00007),
  ];
  const bars = flatBars(crash, 3);

  it.each(["SMA_50", "WMA_50", "BB_UPPER_50_2", "BB_MIDDLE_50_2", "BB_LOWER_50_2", "HIGHEST_50", "LOWEST_50"])(
    "%s",
    (name) => {
      expect(Math.abs(last(name, bars) - 1.00007)).toBeLessThanOrEqual(1e-13);
    },
  );

  it.each(["STDDEV_50", "BB_WIDTH_50_2", "SMA_CROSS_20_50", "MOM_50", "ROC_50"])("%s is 0", (name) => {
    expect(last(name, bars)).toBe(0);
  });
});

describe("NATR_1", () => {
  it("is the true range itself, as in TA-Lib", () => {
    const bars = readBars("BTCUSD-30m", 50);
    expect(last("NATR_1", bars)).toBe(last("ATR_1", bars));
    expect(last("NATR_2", bars)).toBeLessThan(last("ATR_2", bars) / 10);
  });
});

describe("scale", () => {
  const real = readBars("ETHUSD-30m", 900);
  const scaled = (factor: number): readonly Bar[] =>
    real.map((bar) => ({
      ...bar,
      open: bar.open * factor,
      high: bar.high * factor,
      low: bar.low * factor,
      close: bar.close * factor,
    }));

  /** Of products of prices and volumes: how often the price is a factor. */
  const POWERS: Readonly<Record<string, number>> = { VAR: 2, EFI: 1, MARKETFI: 1 };
  /** What is no multiple of anything: an angle of prices in degrees, and functions of numbers. */
  const ABSOLUTE = new Set(["LINEARREG_ANGLE", ...MATH_TRANSFORMS.map(({ base }) => base)]);
  const scalable = USUAL_NAMES.filter((name) => !ABSOLUTE.has(indicator(name).base));

  it.each(scalable)("%s means the same at prices of 1e-8 and of 1e9", (name) => {
    const one = indicator(name);
    const usual = computeIndicator(one, real);
    for (const factor of [2 ** -35, 2 ** 22]) {
      const power = one.unit === "mixed" ? (POWERS[one.base] ?? Number.NaN) : one.unit === "price" ? 1 : 0;
      const expected = usual.map((value) => value * factor ** power);
      expect(computeIndicator(one, scaled(factor))).toEqual(expected);
    }
  });

  /** Of prices these are never defined. */
  const without = new Set(["ASIN", "ACOS"]);

  it.each(USUAL_NAMES.filter((name) => !without.has(name)))(
    "%s of one bar has a value only if its first index is 0",
    (name) => {
      const one = indicator(name);
      const [value] = computeIndicator(one, real.slice(0, 1));
      expect(Number.isNaN(value)).toBe(one.firstIndex > 0);
    },
  );
});
