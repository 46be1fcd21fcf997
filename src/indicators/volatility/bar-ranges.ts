import type { Bar } from "../../domain/bar.ts";
import { type Definition, emaSettle, FROM_ZERO, type KernelKind, parameter, period } from "../definition.ts";
import { ExponentialAverage } from "../exponential-average.ts";
import type { Kernel } from "../indicator.ts";
import { Lag } from "../lag.ts";
import { SimpleAverage } from "../simple-average.ts";
import { WindowSum } from "../window-sum.ts";

class MeanRange implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly average: SimpleAverage;

  constructor(n: number) {
    this.average = new SimpleAverage(n);
  }

  push({ high, low }: Bar): void {
    this.average.push(high - low);
    // Rounding must not carry it below what a range can be.
    this.outputs[0] = Math.max(0, this.average.value);
  }
}

/** How the average range changed. */
class ChaikinVolatility implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly n: number;
  private readonly average: ExponentialAverage;
  private readonly before: Lag;
  /** How many bars in a row had high = low. */
  private flat = 0;

  constructor(n: number, m: number) {
    this.n = n;
    this.average = new ExponentialAverage(n);
    this.before = new Lag(m);
  }

  push({ high, low }: Bar): void {
    this.average.push(high - low);
    this.flat = high === low ? this.flat + 1 : 0;
    const { value } = this.average;
    if (Number.isNaN(value)) {
      return;
    }
    const before = this.before.push(value);
    this.outputs[0] = before === 0 || this.flat >= this.n ? Number.NaN : 100 * ((value - before) / before);
  }
}

/** Ranges against their own average: it swells before a trend turns. */
class MassIndex implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly n: number;
  private readonly m: number;
  private readonly first: ExponentialAverage;
  private readonly second: ExponentialAverage;
  private readonly ratios: WindowSum;
  private count = 0;
  private flat = 0;
  /** Ratios since the last one that divided by 0. */
  private clean = Number.POSITIVE_INFINITY;

  constructor(n: number, m: number) {
    this.n = n;
    this.m = m;
    this.first = new ExponentialAverage(n);
    this.second = new ExponentialAverage(n);
    this.ratios = new WindowSum(m);
  }

  push({ high, low }: Bar): void {
    const { first, second } = this;
    first.push(high - low);
    this.flat = high === low ? this.flat + 1 : 0;
    if (Number.isNaN(first.value)) {
      return;
    }
    second.push(first.value);
    if (Number.isNaN(second.value)) {
      return;
    }
    this.clean = second.value === 0 ? 0 : this.clean + 1;
    this.ratios.push(second.value === 0 ? 0 : first.value / second.value);
    this.count++;
    if (this.count >= this.m) {
      const isKnown = this.clean >= this.m && this.flat < this.n;
      this.outputs[0] = isKnown ? Math.max(0, this.ratios.value) : Number.NaN;
    }
  }
}

const ADR: KernelKind = { name: "ADR", create: (p) => new MeanRange(parameter(p, 0)) };
const CVI: KernelKind = { name: "CVI", create: (p) => new ChaikinVolatility(parameter(p, 0), parameter(p, 1)) };
const MASSI: KernelKind = { name: "MASSI", create: (p) => new MassIndex(parameter(p, 0), parameter(p, 1)) };

export const BAR_RANGES: readonly Definition[] = [
  {
    base: "ADR",
    parameters: [period("n", 14)],
    family: "other",
    unit: "price",
    range: FROM_ZERO,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: ADR,
    output: 0,
    formula: "SMA of high − low",
    source: "TA-Lib ADR",
  },
  {
    base: "CVI",
    parameters: [period("n", 10), period("m", 10)],
    family: "other",
    unit: "dimensionless",
    range: { low: -100, high: Number.POSITIVE_INFINITY, lowOpen: false },
    firstIndex: (p) => parameter(p, 0) + parameter(p, 1) - 1,
    settleBars: (p) => emaSettle(parameter(p, 0)),
    kernel: CVI,
    output: 0,
    formula: "change in percent over m bars of EMA(n) of high − low",
    undefinedWhere: "high = low on the last n bars, or that average was 0 m bars ago",
    source: "TA-Lib CVI",
  },
  {
    base: "MASSI",
    parameters: [period("n", 9), period("m", 25)],
    family: "other",
    unit: "dimensionless",
    range: FROM_ZERO,
    firstIndex: (p) => 2 * (parameter(p, 0) - 1) + parameter(p, 1) - 1,
    settleBars: (p) => 2 * emaSettle(parameter(p, 0)),
    kernel: MASSI,
    output: 0,
    formula: "sum over m bars of EMA(n)/EMA(n) of EMA(n), of high − low",
    undefinedWhere: "high = low on the last n bars, or a divisor of the last m is 0",
    source: "TA-Lib MASSI",
  },
];
