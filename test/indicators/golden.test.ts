import { describe, expect, it } from "vitest";
import { computeIndicator } from "../../src/indicators/indicator-set.ts";
import { GOLDEN_SERIES, indicator, readBars, readGolden, readSettle } from "./series.ts";

/** R9: 1e-9 relative, or 1e-9 of the largest input (of 100 for dimensionless indicators). */
const TOLERANCE = 1e-9;

function worst(actual: Float64Array, expected: readonly number[], scale: number): { error: number; at: number } {
  let found = { error: 0, at: -1 };
  for (const [at, value] of expected.entries()) {
    const got = actual[at] ?? Number.NaN;
    const apart = Math.abs(got - value) / Math.max(Math.abs(value), scale);
    const error = Number.isNaN(got) && Number.isNaN(value) ? 0 : Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
    if (error > found.error) {
      found = { error, at };
    }
  }
  return found;
}

describe.each(GOLDEN_SERIES)("TA-Lib's values over %s", (series) => {
  const golden = readGolden(series);
  const bars = readBars(series, 1_500);
  const largest = Math.max(...bars.map((bar) => bar.high));
  const volume = Math.max(...bars.map((bar) => bar.volume));

  it.each([...golden.keys()])("%s agrees on every row", (name) => {
    const wanted = indicator(name);
    const scale = { price: largest, volume, dimensionless: 100 }[wanted.unit];
    const expected = golden.get(name) ?? [];
    expect(expected).toHaveLength(1_500);
    const { error, at } = worst(computeIndicator(wanted, bars), expected, scale);
    expect(error, `row ${at}`).toBeLessThanOrEqual(TOLERANCE);
  });

  it.each([...golden.keys()].filter((name) => name !== "VWAP"))("%s is first defined where it says", (name) => {
    const wanted = indicator(name);
    const values = computeIndicator(wanted, bars);
    expect(values.findIndex((value) => !Number.isNaN(value))).toBe(wanted.firstIndex);
  });
});

describe("first index and settle length (R10)", () => {
  it.each([...readSettle()])("%s", (name, expected) => {
    const { firstIndex, settleBars } = indicator(name);
    expect({ firstIndex, settleBars }).toEqual(expected);
  });
});
