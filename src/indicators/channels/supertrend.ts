import type { Bar } from "../../domain/bar.ts";
import {
  ANY_VALUE,
  type Definition,
  factor,
  type KernelKind,
  parameter,
  period,
  wilderSettle,
  within,
} from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { trueRange } from "../true-range.ts";
import { WilderAverage } from "../wilder-average.ts";

/**
 * Two bands about the middle of each bar, of which each only moves towards the price until a close
 * gets past it. The line is the lower one after a close above the upper one, and the other way
 * round.
 */
class SuperTrend implements Kernel {
  readonly outputs: Float64Array = new Float64Array(2).fill(Number.NaN);
  private readonly k: number;
  private readonly range: WilderAverage;
  private closeBefore = Number.NaN;
  private upper = Number.POSITIVE_INFINITY;
  private lower = Number.NEGATIVE_INFINITY;
  private rises = true;

  constructor(n: number, k: number) {
    this.k = k;
    this.range = new WilderAverage(n);
  }

  push(bar: Bar): void {
    const { closeBefore } = this;
    this.closeBefore = bar.close;
    if (Number.isNaN(closeBefore)) {
      return;
    }
    this.range.push(trueRange(bar, closeBefore));
    const half = this.k * this.range.value;
    if (Number.isNaN(half)) {
      return;
    }
    const first = this.upper === Number.POSITIVE_INFINITY;
    const middle = (bar.high + bar.low) / 2;
    this.upper = closeBefore > this.upper ? middle + half : Math.min(this.upper, middle + half);
    this.lower = closeBefore < this.lower ? middle - half : Math.max(this.lower, middle - half);
    if (!first) {
      this.rises = this.rises ? bar.close >= this.lower : bar.close > this.upper;
    }
    this.outputs[0] = this.rises ? this.lower : this.upper;
    this.outputs[1] = this.rises ? 1 : -1;
  }
}

const SUPER_TREND: KernelKind = {
  name: "SUPERTREND",
  create: (p) => new SuperTrend(parameter(p, 0), parameter(p, 1)),
};

const SHARED = {
  parameters: [period("n", 10, 2), factor("k", 3)],
  firstIndex: (p: readonly number[]) => parameter(p, 0),
  // After the range's seed, as many bars again for the bands to meet those of a longer history.
  settleBars: (p: readonly number[]) => 2 * wilderSettle(parameter(p, 0)),
  kernel: SUPER_TREND,
} as const;

export const SUPERTREND: readonly Definition[] = [
  {
    ...SHARED,
    base: "SUPERTREND",
    family: "average",
    unit: "price",
    range: ANY_VALUE,
    output: 0,
    formula:
      "(high + low)/2 − k·ATR, not lower than before, until a close is below; then (high + low)/2 + k·ATR, not higher than before, until a close is above",
    source: "TA-Lib SUPERTREND",
  },
  {
    ...SHARED,
    base: "SUPERTREND_DIR",
    family: "trend",
    unit: "dimensionless",
    range: within(-1, 1),
    values: [-1, 1],
    output: 1,
    formula: "1 while SUPERTREND is the line below, −1 while it is the line above",
    source: "TA-Lib SUPERTREND",
  },
];
