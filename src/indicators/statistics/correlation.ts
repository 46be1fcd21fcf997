import type { Bar } from "../../domain/bar.ts";
import { type Definition, type KernelKind, parameter, period, within } from "../definition.ts";
import type { Kernel } from "../indicator.ts";

/** Deviations this small a part of the mean are rounding (R9). */
const ROUNDING = 1e-12;

/**
 * Both means move with every bar and with them all distances, so the window is added up anew, as in
 * CCI.
 */
class Correlation implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly highs: Float64Array;
  private readonly lows: Float64Array;
  private at = 0;
  private missing: number;

  constructor(n: number) {
    this.highs = new Float64Array(n);
    this.lows = new Float64Array(n);
    this.missing = n;
  }

  push({ high, low }: Bar): void {
    const { highs, lows } = this;
    highs[this.at] = high;
    lows[this.at] = low;
    this.at = this.at + 1 === highs.length ? 0 : this.at + 1;
    this.missing = Math.max(0, this.missing - 1);
    if (this.missing === 0) {
      this.outputs[0] = correlation(highs, lows);
    }
  }
}

function correlation(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  const meanA = mean(a);
  const meanB = mean(b);
  let both = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < n; i++) {
    const x = (a[i] as number) - meanA;
    const y = (b[i] as number) - meanB;
    both += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  const isStill = Math.sqrt(squaresA / n) <= ROUNDING * meanA || Math.sqrt(squaresB / n) <= ROUNDING * meanB;
  return isStill ? Number.NaN : Math.min(1, Math.max(-1, both / (Math.sqrt(squaresA) * Math.sqrt(squaresB))));
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i] as number;
  }
  return sum / values.length;
}

const CORREL: KernelKind = { name: "CORREL", create: (p) => new Correlation(parameter(p, 0)) };

export const CORRELATION: readonly Definition[] = [
  {
    base: "CORREL",
    parameters: [period("n", 30, 2)],
    family: "other",
    unit: "dimensionless",
    range: within(-1, 1),
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: CORREL,
    output: 0,
    formula: "correlation of the highs and the lows of the last n bars",
    undefinedWhere: "the highs or the lows are all equal, within 1e-12 of their mean",
    source: "TA-Lib CORREL of high and low",
  },
];
