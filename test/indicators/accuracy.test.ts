import { describe, expect, it } from "vitest";
import type { Bar } from "../../src/domain/bar.ts";
import { Deviation } from "../../src/indicators/deviation.ts";
import { computeIndicator } from "../../src/indicators/indicator-set.ts";
import { WindowMaximum } from "../../src/indicators/window-extreme.ts";
import { WindowSum } from "../../src/indicators/window-sum.ts";
import { indicator } from "./series.ts";

/** A walk of closes by a linear congruential generator, so that it is the same everywhere. */
function walk(count: number, start: number, step: number): readonly number[] {
  let seed = 1;
  let price = start;
  return Array.from({ length: count }, () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    price *= 1 + step * (seed / 2 ** 31 - 0.5);
    return price;
  });
}

function bars(closes: readonly number[]): readonly Bar[] {
  return closes.map((close, i) => ({
    openTime: i * 60_000,
    open: close,
    high: close * 1.001,
    low: close * 0.999,
    close,
    volume: Math.abs(Math.sin(i)) * 1e6,
  }));
}

/** Sum without rounding to speak of: small before large, by pairs. */
function sum(values: readonly number[]): number {
  if (values.length <= 2) {
    return (values[0] ?? 0) + (values[1] ?? 0);
  }
  const half = values.length >> 1;
  return sum(values.slice(0, half)) + sum(values.slice(half));
}

describe("after 300,000 bars, values equal a computation over the last bars alone", () => {
  const all = bars(walk(300_000, 100, 0.01));

  it.each([
    ["SMA_20", 20],
    ["SMA_500", 500],
    ["WMA_30", 30],
    ["VOLUME_SMA_50", 50],
    ["BB_UPPER_20_2", 20],
    ["BB_PERCENT_20_2", 20],
    ["STDDEV_200", 200],
    ["HIGHEST_20", 21],
    ["STOCH_D_14_3_3", 18],
    ["MFI_14", 15],
    ["CCI_20", 20],
    ["AROON_OSC_14", 15],
    ["SMA_CROSS_20_50", 50],
  ] as const)("%s", (name, window) => {
    const whole = computeIndicator(indicator(name), all);
    for (const end of [150_001, 222_222, 299_999, 300_000]) {
      const alone = computeIndicator(indicator(name), all.slice(end - window, end)).at(-1) ?? Number.NaN;
      expect(Math.abs((whole[end - 1] ?? Number.NaN) - alone)).toBeLessThanOrEqual(1e-13 * Math.abs(alone));
    }
  });
});

describe("WindowSum", () => {
  it("is right to the last digits after values a hundred billion times larger have left", () => {
    const window = new WindowSum(7);
    const values = [...walk(1_000, 1e11, 0.5), ...walk(1_000, 1, 0.5)];
    for (const [at, value] of values.entries()) {
      window.push(value);
      const exact = sum(values.slice(Math.max(0, at - 6), at + 1));
      expect(Math.abs(window.value - exact)).toBeLessThanOrEqual(1e-15 * exact);
    }
  });

  it("is exactly 0 over a window of zeros", () => {
    for (const n of [2, 3, 5, 8]) {
      const window = new WindowSum(n);
      for (const [at, value] of walk(1_000, 1, 1.9).entries()) {
        const zeros = at % 17 >= 17 - n;
        window.push(zeros ? 0 : value * 10 ** ((at * 7) % 31));
        if (at % 17 === 16) {
          expect(window.value, `n ${n}, value ${at}`).toBe(0);
        }
      }
    }
  });
});

describe("moving averages", () => {
  const closes = [...walk(1_000, 1e11, 0.5), ...walk(1_000, 1, 0.5)];
  const series = bars(closes);

  it("WMA is right to the last digits after a crash by a hundred billion", () => {
    const n = 30;
    for (const [at, value] of computeIndicator(indicator(`WMA_${n}`), series).entries()) {
      if (at >= n - 1) {
        const exact = sum(closes.slice(at - n + 1, at + 1).map((close, i) => (i + 1) * close)) / ((n * (n + 1)) / 2);
        expect(Math.abs(value - exact), `bar ${at}`).toBeLessThanOrEqual(2e-15 * exact);
      }
    }
  });

  it.each(["EMA_1", "SMA_1"])("%s is the close itself", (name) => {
    expect([...computeIndicator(indicator(name), series)]).toEqual(closes);
  });
});

describe("functions of one value", () => {
  it.each([
    ["ASIN", 0.5, Math.PI / 6],
    ["ACOS", 0.5, Math.PI / 3],
    ["ATAN", 1, Math.PI / 4],
    ["LN", Math.E, 1],
    ["LOG10", 1_000, 3],
    ["SQRT", 9, 3],
    ["EXP", 1, Math.E],
    ["FLOOR", 2.7, 2],
    ["CEIL", 2.3, 3],
  ] as const)("%s of %d is %d", (name, close, expected) => {
    expect(computeIndicator(indicator(name), bars([close]))[0]).toBeCloseTo(expected, 14);
  });

  it.each([
    ["ACOS", 1.01],
    ["ASIN", 2],
    ["EXP", 710],
    ["COSH", 711],
  ] as const)("%s of %d is undefined", (name, close) => {
    expect(computeIndicator(indicator(name), bars([close]))[0]).toBeNaN();
  });
});

describe("Deviation", () => {
  it.each([1, 1e-3, 1e-6, 1e-9, 1e-11])("is right where closes differ by %d of the price", (step) => {
    const n = 50;
    const closes = walk(2_000, 64_000, step);
    const deviation = new Deviation(n);
    for (const [at, close] of closes.entries()) {
      deviation.push(close);
      if (at < n - 1) {
        continue;
      }
      // Differences of neighbours are exact, so the two-pass formula on them is.
      const apart = closes.slice(at - n + 1, at + 1).map((value) => value - close);
      const mean = sum(apart) / n;
      const exact = Math.sqrt(sum(apart.map((d) => (d - mean) ** 2)) / n);
      expect(Math.abs(deviation.value - exact)).toBeLessThanOrEqual(1e-9 * exact + 1e-12 * close);
      expect(Math.abs(deviation.distance + mean)).toBeLessThanOrEqual(1e-15 * (close + Math.abs(mean)));
    }
  });
});

describe("WindowMaximum", () => {
  it.each([1, 2, 5, 20])("of %i values equals a search, with the newest of equals", (n) => {
    const values = walk(2_000, 100, 0.5).map((value) => Math.round(value) % 7);
    const window = new WindowMaximum(n);
    for (const [at, value] of values.entries()) {
      window.push(value);
      const recent = values.slice(Math.max(0, at - n + 1), at + 1);
      const largest = Math.max(...recent);
      expect([window.value, window.age]).toEqual([largest, recent.length - 1 - recent.lastIndexOf(largest)]);
    }
  });
});
