import type { Bar } from "../domain/bar.ts";
import { type Definition, FROM_ZERO, type KernelKind, parameter, period, wilderSettle } from "./definition.ts";
import type { Kernel } from "./indicator.ts";

/** The largest of high − low and the distances of both from the close before. */
export function trueRange(bar: Bar, closeBefore: number): number {
  return Math.max(bar.high - bar.low, Math.abs(bar.high - closeBefore), Math.abs(bar.low - closeBefore));
}

class AverageTrueRange implements Kernel {
  readonly outputs: Float64Array = new Float64Array(2).fill(Number.NaN);
  private readonly n: number;
  private closeBefore = Number.NaN;
  private ranges = 0;
  private average = 0;

  constructor(n: number) {
    this.n = n;
  }

  push(bar: Bar): void {
    const { n, outputs } = this;
    const range = trueRange(bar, this.closeBefore);
    this.closeBefore = bar.close;
    if (Number.isNaN(range)) {
      return;
    }
    if (this.ranges < n) {
      this.ranges++;
      this.average += range;
      if (this.ranges < n) {
        return;
      }
      this.average /= n;
    } else {
      this.average = (this.average * (n - 1) + range) / n;
    }
    outputs[0] = this.average;
    // TA-Lib leaves NATR_1 in units of price, and R9 takes TA-Lib's values.
    outputs[1] = n === 1 ? this.average : (this.average / bar.close) * 100;
  }
}

class TrueRange implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private closeBefore = Number.NaN;

  push(bar: Bar): void {
    this.outputs[0] = trueRange(bar, this.closeBefore);
    this.closeBefore = bar.close;
  }
}

const RANGE: KernelKind = { name: "RANGE", create: (p) => new AverageTrueRange(parameter(p, 0)) };

const TRANGE: KernelKind = { name: "TRANGE", create: () => new TrueRange() };

export const TRUE_RANGE: readonly Definition[] = [
  {
    base: "TRANGE",
    parameters: [],
    family: "other",
    unit: "price",
    range: FROM_ZERO,
    firstIndex: () => 1,
    kernel: TRANGE,
    output: 0,
    formula: "largest of high − low and of the distances of both from the close before",
    source: "TA-Lib TRANGE",
  },
  {
    base: "ATR",
    parameters: [period("n", 14)],
    family: "other",
    unit: "price",
    range: FROM_ZERO,
    firstIndex: (p) => parameter(p, 0),
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: RANGE,
    output: 0,
    formula: "Wilder's average of the true range, seeded with the mean of its first n values",
    source: "TA-Lib ATR",
  },
  {
    base: "NATR",
    parameters: [period("n", 14)],
    family: "other",
    unit: "dimensionless",
    range: FROM_ZERO,
    firstIndex: (p) => parameter(p, 0),
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: RANGE,
    output: 1,
    formula: "100·ATR/close",
    source: "TA-Lib NATR",
  },
];
