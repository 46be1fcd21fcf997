import type { Bar } from "../../domain/bar.ts";
import { type Definition, type KernelKind, parameter, period, within } from "../definition.ts";
import { Deviation } from "../deviation.ts";
import type { Kernel } from "../indicator.ts";
import { Regression } from "./regression.ts";

/** Slope of the nearest line, in units of the deviations of time and price. */
class Correlation implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly regression: Regression;
  private readonly deviation: Deviation;
  private readonly ofTime: number;

  constructor(n: number) {
    this.regression = new Regression(n);
    this.deviation = new Deviation(n);
    this.ofTime = Math.sqrt((n * n - 1) / 12);
  }

  push(bar: Bar): void {
    this.regression.push(bar);
    this.deviation.push(bar.close);
    const slope = this.regression.outputs[1] as number;
    const { value } = this.deviation;
    // Rounding must not carry it out of what a correlation can be.
    this.outputs[0] = value > 0 ? Math.min(1, Math.max(-1, (slope * this.ofTime) / value)) : Number.NaN;
  }
}

const CTI: KernelKind = { name: "CTI", create: (p) => new Correlation(parameter(p, 0)) };

export const CORRELATION_TREND: readonly Definition[] = [
  {
    base: "CTI",
    parameters: [period("n", 12, 2)],
    family: "other",
    unit: "dimensionless",
    range: within(-1, 1),
    takesSource: true,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: CTI,
    output: 0,
    formula: "Pearson's correlation of the last n closes with a rising line",
    undefinedWhere: "STDDEV of n is 0",
    source: "J. F. Ehlers, Correlation as a Trend Indicator, TASC May 2020",
  },
];
