import { describe, expect, it } from "vitest";
import { computeIndicator } from "../../src/indicators/indicator-set.ts";
import { indicatorsPage } from "../../src/indicators/page.ts";
import { canBe, valuesText } from "../../src/indicators/range.ts";
import { conditionsOf, draftOf, violationsOf } from "../engine/validation/drafts.ts";
import { flatBars, indicator, readBars, USUAL_NAMES } from "./series.ts";

/** Real, falling by half, jumping between 1 and 9, and moving within rounding. */
const MARKETS = [
  readBars("BTCUSD-30m", 900),
  flatBars(Array.from({ length: 400 }, (_, i) => 100 / 2 ** (i / 40))),
  flatBars(Array.from({ length: 400 }, (_, i) => ((i * 7) % 13 < 6 ? 1 : 9))),
  flatBars(Array.from({ length: 400 }, (_, i) => 64_123.37 * (1 + (i % 3) * 1e-13))),
];

function valuesOf(name: string): readonly number[] {
  const one = indicator(name);
  return MARKETS.flatMap((bars) => [...computeIndicator(one, bars)].filter((value) => !Number.isNaN(value)));
}

describe("the range that R9's table states", () => {
  it.each(USUAL_NAMES)("holds all values of %s", (name) => {
    const one = indicator(name);
    expect(valuesOf(name).filter((value) => !canBe(one, value))).toEqual([]);
  });

  it.each(["SMA_CROSS", "EMA_CROSS"])("is −1, 0 and 1 for %s, which takes all three and none between", (name) => {
    expect(new Set(valuesOf(`${name}_3_9`))).toEqual(new Set([-1, 0, 1]));
    expect(valuesText(indicator(name))).toBe(`${name}_20_50 is -1, 0 or 1`);
    expect(indicatorsPage()).toMatch(new RegExp(`\\| ${name} \\| [^|]*\\| trend \\| dimensionless \\| -1, 0, 1 \\|`));
    expect(refusals(`${name} == 0.5`)).toEqual([expect.stringContaining("is -1, 0 or 1")]);
    expect(refusals(`${name} == 0`)).toEqual([]);
  });

  it("is above 0 for BB_MIDDLE, and has no end for the bands", () => {
    expect(Math.min(...valuesOf("BB_MIDDLE"))).toBeGreaterThan(0);
    expect(Math.min(...valuesOf("BB_LOWER"))).toBeLessThan(0);
    expect(refusals("BB_MIDDLE <= 0")).toEqual([expect.stringContaining("BB_MIDDLE_20_2 is above 0")]);
    expect(refusals("BB_LOWER < 0")).toEqual([]);
    expect(refusals("BB_UPPER < 0")).toEqual([]);
  });
});

function refusals(text: string): readonly string[] {
  return violationsOf(draftOf({ side: "LONG", entryIndicators: conditionsOf(text) }));
}

/** Doubles are whole multiples of 2^-1074; of these here, of 2^-200. */
function scaled(value: number): bigint {
  let exponent = 200;
  let whole = value;
  while (!Number.isInteger(whole)) {
    whole *= 2;
    exponent--;
  }
  return BigInt(whole) << BigInt(exponent);
}

/** 0.5 + (close − mean)/(2·k·deviation) in whole numbers, but for the root. */
function exactPercent(closes: readonly number[], k: number): number {
  const n = BigInt(closes.length);
  const values = closes.map(scaled);
  const sum = values.reduce((a, b) => a + b, 0n);
  const variance = n * values.reduce((a, b) => a + b * b, 0n) - sum * sum;
  const distance = n * (values.at(-1) ?? 0n) - sum;
  const ratio = Math.sqrt(Number(((distance * distance) << 120n) / variance) / 2 ** 120);
  return 0.5 + (distance < 0n ? -ratio : ratio) / (2 * k);
}

describe("BB_PERCENT where the bands are close (R9)", () => {
  const price = 64_123.37;
  const walk = (size: number) => Array.from({ length: 200 }, (_, i) => price * (1 + size * Math.sin(i * i)));

  it.each([
    [3e-12, 1e-7],
    [1e-11, 1e-7],
    [1e-10, 1e-9],
    [1e-8, 1e-12],
    [1e-3, 1e-12],
  ])("is that of the exact sums where closes differ by %d of the price, to within %d", (size, within) => {
    const closes = walk(size);
    const values = computeIndicator(indicator("BB_PERCENT_20_2"), flatBars(closes));
    for (let i = 19; i < closes.length; i++) {
      const exact = exactPercent(closes.slice(i - 19, i + 1), 2);
      expect(Math.abs((values[i] ?? Number.NaN) - exact)).toBeLessThanOrEqual(within * Math.max(1, Math.abs(exact)));
    }
  });

  it("is not what the bands of doubles give there, which have lost the digits", () => {
    const closes = walk(3e-12);
    const [percent, upper, lower] = ["BB_PERCENT_20_2", "BB_UPPER_20_2", "BB_LOWER_20_2"].map(
      (name) => computeIndicator(indicator(name), flatBars(closes)).at(-1) ?? Number.NaN,
    );
    const ofBands = ((closes.at(-1) ?? 0) - (lower ?? 0)) / ((upper ?? 0) - (lower ?? 0));
    expect(Math.abs(ofBands - (percent ?? 0))).toBeGreaterThan(1e-6);
  });

  it("is undefined where upper = lower: the deviation is rounding", () => {
    expect(
      computeIndicator(indicator("BB_PERCENT_20_2"), flatBars(walk(5e-13)))
        .slice(19)
        .every(Number.isNaN),
    ).toBe(true);
  });
});
