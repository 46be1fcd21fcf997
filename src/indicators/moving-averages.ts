import type { Bar } from "../domain/bar.ts";
import { ABOVE_ZERO, type Definition, emaSettle, FROM_ZERO, type KernelKind, parameter, period } from "./definition.ts";
import { ExponentialAverage } from "./exponential-average.ts";
import type { Kernel } from "./indicator.ts";
import { productError, sumError } from "./rounding-error.ts";
import { SimpleAverage } from "./simple-average.ts";
import { WindowSum } from "./window-sum.ts";

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

/**
 * Each bar every weight falls by one, which takes the plain sum of the window off the weighted one.
 * As in WindowSum, rounding is kept beside the sum, which starts afresh every n bars.
 */
class WeightedAverage implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly n: number;
  private readonly weights: number;
  private readonly plain: WindowSum;
  private missing: number;
  private weighted = 0;
  private rest = 0;
  private fresh = 0;
  private freshRest = 0;
  private rank = 0;

  constructor(n: number) {
    this.n = n;
    this.weights = (n * (n + 1)) / 2;
    this.plain = new WindowSum(n);
    this.missing = n;
  }

  push(bar: Bar): void {
    const { close } = bar;
    const { n, plain } = this;
    const added = n * close;
    this.slide(added, productError(n, close, added) - plain.rest, plain.total);
    plain.push(close);
    this.rank++;
    const term = this.rank * close;
    const fresh = this.fresh + term;
    this.freshRest += sumError(this.fresh, term, fresh) + productError(this.rank, close, term);
    this.fresh = fresh;
    if (this.rank === n) {
      this.weighted = fresh;
      this.rest = this.freshRest;
      this.fresh = 0;
      this.freshRest = 0;
      this.rank = 0;
    }
    if (this.missing > 1) {
      this.missing--;
      return;
    }
    this.outputs[0] = (this.weighted + this.rest) / this.weights;
  }

  private slide(added: number, rest: number, removed: number): void {
    const up = this.weighted + added;
    const down = up - removed;
    this.rest += sumError(this.weighted, added, up) + sumError(up, -removed, down) + rest;
    this.weighted = down;
  }
}

const SMA: KernelKind = { name: "SMA", create: (p) => new Simple(parameter(p, 0)) };
const EMA: KernelKind = { name: "EMA", create: (p) => new Exponential(parameter(p, 0)) };
const WMA: KernelKind = { name: "WMA", create: (p) => new WeightedAverage(parameter(p, 0)) };
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
