import type { Bar } from "../../domain/bar.ts";
import { type Definition, FROM_ZERO, type KernelKind, parameter, period, within } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { trueRange } from "../true-range.ts";
import { WindowSum } from "../window-sum.ts";

/** How much of the true range was buying, over three windows. */
class Ultimate implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly pressures: readonly WindowSum[];
  private readonly ranges: readonly WindowSum[];
  private closeBefore = Number.NaN;
  private missing: number;

  constructor(periods: readonly number[]) {
    // As in TA-Lib the shortest weighs most, in whatever order they are given.
    const shortestFirst = periods.toSorted((a, b) => a - b);
    this.pressures = shortestFirst.map((n) => new WindowSum(n));
    this.ranges = shortestFirst.map((n) => new WindowSum(n));
    this.missing = shortestFirst.at(-1) ?? 0;
  }

  push(bar: Bar): void {
    const range = trueRange(bar, this.closeBefore);
    const pressure = bar.close - Math.min(bar.low, this.closeBefore);
    this.closeBefore = bar.close;
    if (Number.isNaN(range)) {
      return;
    }
    let sum = 0;
    let weight = 4;
    for (let i = 0; i < this.ranges.length; i++) {
      const ranges = this.ranges[i] as WindowSum;
      const pressures = this.pressures[i] as WindowSum;
      ranges.push(range);
      pressures.push(pressure);
      // 0/0, undefined, where the window has no range.
      sum += weight * (pressures.value / ranges.value);
      weight /= 2;
    }
    this.missing = Math.max(0, this.missing - 1);
    if (this.missing === 0) {
      this.outputs[0] = Math.min(100, Math.max(0, (100 * sum) / 7));
    }
  }
}

class Vortex implements Kernel {
  readonly outputs: Float64Array = new Float64Array(2).fill(Number.NaN);
  private readonly ups: WindowSum;
  private readonly downs: WindowSum;
  private readonly ranges: WindowSum;
  private before: Bar | undefined;
  private missing: number;

  constructor(n: number) {
    this.ups = new WindowSum(n);
    this.downs = new WindowSum(n);
    this.ranges = new WindowSum(n);
    this.missing = n;
  }

  push(bar: Bar): void {
    const { before, outputs } = this;
    this.before = bar;
    if (before === undefined) {
      return;
    }
    this.ups.push(Math.abs(bar.high - before.low));
    this.downs.push(Math.abs(bar.low - before.high));
    this.ranges.push(trueRange(bar, before.close));
    this.missing = Math.max(0, this.missing - 1);
    if (this.missing === 0) {
      const range = this.ranges.value;
      outputs[0] = range === 0 ? Number.NaN : Math.max(0, this.ups.value) / range;
      outputs[1] = range === 0 ? Number.NaN : Math.max(0, this.downs.value) / range;
    }
  }
}

const ULTOSC: KernelKind = { name: "ULTOSC", create: (p) => new Ultimate(p) };
const VORTEX: KernelKind = { name: "VORTEX", create: (p) => new Vortex(parameter(p, 0)) };

export const RANGES: readonly Definition[] = [
  {
    base: "ULTOSC",
    parameters: [period("short", 7), period("middle", 14), period("long", 28)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => Math.max(...p),
    kernel: ULTOSC,
    output: 0,
    formula:
      "100·(4·short + 2·middle + long)/7, each the sum of close − the smaller of low and close before/sum of true range",
    undefinedWhere: "the true range of all bars of the shortest window is 0",
    source: "TA-Lib ULTOSC",
  },
  {
    base: "VORTEX_PLUS",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "dimensionless",
    range: FROM_ZERO,
    firstIndex: (p) => parameter(p, 0),
    kernel: VORTEX,
    output: 0,
    formula: "sum over n bars of |high − low of the bar before|/sum of true range",
    undefinedWhere: "the true range of the last n bars is 0",
    source: "TA-Lib VORTEX",
  },
  {
    base: "VORTEX_MINUS",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "dimensionless",
    range: FROM_ZERO,
    firstIndex: (p) => parameter(p, 0),
    kernel: VORTEX,
    output: 1,
    formula: "sum over n bars of |low − high of the bar before|/sum of true range",
    undefinedWhere: "the true range of the last n bars is 0",
    source: "TA-Lib VORTEX",
  },
];
