import type { Bar } from "../domain/bar.ts";
import { ABOVE_ZERO, type Definition, emaSettle, FROM_ZERO, type KernelKind, parameter, period } from "./definition.ts";
import { ExponentialAverage } from "./exponential-average.ts";
import type { Kernel } from "./indicator.ts";
import { ofClose } from "./of-close.ts";
import { SimpleAverage } from "./simple-average.ts";
import { WeightedAverage } from "./weighted-average.ts";

class Simple implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly average: SimpleAverage;

  constructor(n: number) {
    this.average = new SimpleAverage(n);
  }

  push(bar: Bar): void {
    this.average.push(bar.close);
    this.outputs[0] = this.average.value;
  }
}

class SimpleOfVolume implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly average: SimpleAverage;

  constructor(n: number) {
    this.average = new SimpleAverage(n);
  }

  push(bar: Bar): void {
    this.average.push(bar.volume);
    // Rounding must not carry it below what a volume can be.
    this.outputs[0] = Math.max(0, this.average.value);
  }
}

class Exponential implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly average: ExponentialAverage;

  constructor(n: number) {
    this.average = new ExponentialAverage(n);
  }

  push(bar: Bar): void {
    this.average.push(bar.close);
    this.outputs[0] = this.average.value;
  }
}

const SMA: KernelKind = { name: "SMA", create: (p) => new Simple(parameter(p, 0)) };
const EMA: KernelKind = { name: "EMA", create: (p) => new Exponential(parameter(p, 0)) };
const WMA: KernelKind = ofClose("WMA", (p) => new WeightedAverage(parameter(p, 0)));
const VOLUME_SMA: KernelKind = { name: "VOLUME_SMA", create: (p) => new SimpleOfVolume(parameter(p, 0)) };

export const MOVING_AVERAGES: readonly Definition[] = [
  {
    base: "SMA",
    parameters: [period("n", 20)],
    family: "average",
    unit: "price",
    range: ABOVE_ZERO,
    takesSource: true,
    rangeWithSource: "source",
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: SMA,
    output: 0,
    formula: "mean of the last n closes",
    source: "TA-Lib SMA",
  },
  {
    base: "EMA",
    parameters: [period("n", 20)],
    family: "average",
    unit: "price",
    range: ABOVE_ZERO,
    takesSource: true,
    rangeWithSource: "source",
    firstIndex: (p) => parameter(p, 0) - 1,
    settleBars: (p) => emaSettle(parameter(p, 0)),
    kernel: EMA,
    output: 0,
    formula: "e + 2/(n + 1)·(close − e), seeded with the SMA of the first n closes",
    source: "TA-Lib EMA",
  },
  {
    base: "WMA",
    parameters: [period("n", 20, 2)],
    family: "average",
    unit: "price",
    range: ABOVE_ZERO,
    takesSource: true,
    rangeWithSource: "source",
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: WMA,
    output: 0,
    formula: "sum(i·close_i)/sum(i), i = 1 for the oldest of the last n closes, n for the newest",
    source: "TA-Lib WMA",
  },
  {
    base: "VOLUME_SMA",
    parameters: [period("n", 20)],
    family: "other",
    unit: "volume",
    range: FROM_ZERO,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: VOLUME_SMA,
    output: 0,
    formula: "mean of the last n volumes",
    source: "TA-Lib SMA of volume",
  },
];
