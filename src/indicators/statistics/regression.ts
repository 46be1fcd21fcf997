import type { Bar } from "../../domain/bar.ts";
import { ANY_VALUE, type Definition, type KernelKind, parameter, period, within } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { withoutRounding } from "../rounding.ts";
import { productError, sumError } from "../rounding-error.ts";
import { WeightedSum } from "../weighted-sum.ts";

const DEGREES = 180 / Math.PI;

/** The line nearest to the last `n` closes, by least squares. */
export class Regression implements Kernel {
  readonly outputs: Float64Array = new Float64Array(5).fill(Number.NaN);
  private readonly n: number;
  private readonly sum: WeightedSum;
  private readonly spread: number;

  constructor(n: number) {
    this.n = n;
    this.sum = new WeightedSum(n);
    this.spread = (n * (n * n - 1)) / 12;
  }

  push(bar: Bar): void {
    const { n, sum, outputs } = this;
    sum.push(bar.close);
    if (!sum.full) {
      return;
    }
    const mean = sum.plain.value / n;
    const slope = withoutRounding(this.moment() / this.spread, bar.close);
    outputs[0] = mean + (slope * (n - 1)) / 2;
    outputs[1] = slope;
    outputs[2] = DEGREES * Math.atan(slope);
    outputs[3] = mean - (slope * (n - 1)) / 2;
    outputs[4] = mean + (slope * (n + 1)) / 2;
  }

  /**
   * Sum of (i − (n + 1)/2)·x: two sums that agree in all but their last digits where the market is
   * calm, so their rounding is subtracted, too.
   */
  private moment(): number {
    const { n, sum } = this;
    const { plain } = sum;
    const middle = (n + 1) / 2;
    const product = middle * plain.total;
    const difference = sum.total - product;
    const rest = sum.rest - productError(middle, plain.total, product) - middle * plain.rest;
    return difference + (sumError(sum.total, -product, difference) + rest);
  }
}

const REGRESSION: KernelKind = { name: "LINEARREG", create: (p) => new Regression(parameter(p, 0)) };

const SHARED = {
  parameters: [period("n", 14, 2)],
  takesSource: true,
  firstIndex: (p: readonly number[]) => parameter(p, 0) - 1,
  kernel: REGRESSION,
} as const;

/** The line's value on the current bar, on the first of the n and on the next one, and its slope. */
export const REGRESSIONS: readonly Definition[] = [
  {
    ...SHARED,
    base: "LINEARREG",
    family: "average",
    unit: "price",
    range: ANY_VALUE,
    output: 0,
    formula: "value on the current bar of the line nearest to the last n closes, by least squares",
    source: "TA-Lib LINEARREG",
  },
  {
    ...SHARED,
    base: "LINEARREG_SLOPE",
    family: "trend",
    unit: "price",
    range: ANY_VALUE,
    output: 1,
    formula: "rise of that line a bar",
    zeroWhere: "within 1e-12 of close",
    source: "TA-Lib LINEARREG_SLOPE",
  },
  {
    ...SHARED,
    base: "LINEARREG_ANGLE",
    family: "trend",
    unit: "dimensionless",
    range: within(-90, 90),
    output: 2,
    formula: "arc tangent of LINEARREG_SLOPE, in degrees; depends on the price's size",
    zeroWhere: "LINEARREG_SLOPE is 0",
    source: "TA-Lib LINEARREG_ANGLE",
  },
  {
    ...SHARED,
    base: "LINEARREG_INTERCEPT",
    family: "other",
    unit: "price",
    range: ANY_VALUE,
    output: 3,
    formula: "value of that line on the first of the n bars",
    source: "TA-Lib LINEARREG_INTERCEPT",
  },
  {
    ...SHARED,
    base: "TSF",
    family: "average",
    unit: "price",
    range: ANY_VALUE,
    output: 4,
    formula: "value of that line on the next bar",
    source: "TA-Lib TSF",
  },
];
