import type { Bar } from "../../domain/bar.ts";
import {
  ABOVE_ZERO,
  ANY_VALUE,
  type Definition,
  emaSettle,
  factor,
  type KernelKind,
  parameter,
  period,
  wilderSettle,
} from "../definition.ts";
import { ExponentialAverage } from "../exponential-average.ts";
import type { Kernel } from "../indicator.ts";
import { trueRange } from "../true-range.ts";
import { typicalPrice } from "../typical-price.ts";
import { WilderAverage } from "../wilder-average.ts";

/** The bar from which both averages have a value; each is seeded with the bars just before it. */
function firstOf(n: number, m: number): number {
  return Math.max(n - 1, m);
}

class Keltner implements Kernel {
  readonly outputs: Float64Array = new Float64Array(3).fill(Number.NaN);
  private readonly k: number;
  private readonly middle: ExponentialAverage;
  private readonly range: WilderAverage;
  private readonly middleFrom: number;
  private readonly rangeFrom: number;
  private closeBefore = Number.NaN;
  private index = 0;

  constructor(n: number, m: number, k: number) {
    this.k = k;
    this.middle = new ExponentialAverage(n);
    this.range = new WilderAverage(m);
    this.middleFrom = firstOf(n, m) - (n - 1);
    this.rangeFrom = firstOf(n, m) - (m - 1);
  }

  push(bar: Bar): void {
    const { middle, range, index, outputs } = this;
    this.index++;
    if (index >= this.middleFrom) {
      middle.push(typicalPrice(bar));
    }
    if (index >= this.rangeFrom) {
      range.push(trueRange(bar, this.closeBefore));
    }
    this.closeBefore = bar.close;
    const half = this.k * range.value;
    outputs[0] = middle.value + half;
    outputs[1] = Number.isNaN(half) ? Number.NaN : middle.value;
    outputs[2] = middle.value - half;
  }
}

const KELTNER_KERNEL: KernelKind = {
  name: "KELTNER",
  create: (p) => new Keltner(parameter(p, 0), parameter(p, 2), parameter(p, 1)),
};

const SHARED = {
  parameters: [period("n", 20, 2), factor("k", 2), period("m", 10)],
  family: "band",
  unit: "price",
  firstIndex: (p: readonly number[]) => firstOf(parameter(p, 0), parameter(p, 2)),
  settleBars: (p: readonly number[]) => Math.max(emaSettle(parameter(p, 0)), wilderSettle(parameter(p, 2))),
  kernel: KELTNER_KERNEL,
} as const;

const OTHERWISE = "TA-Lib KC; about an EMA of close it is `EMA_20 + 2*ATR_10`";

export const KELTNER: readonly Definition[] = [
  {
    ...SHARED,
    base: "KELTNER_UPPER",
    range: ABOVE_ZERO,
    output: 0,
    formula: "middle + k·ATR of m, both averages seeded to begin on the same bar",
    source: OTHERWISE,
  },
  {
    ...SHARED,
    base: "KELTNER_MIDDLE",
    range: ABOVE_ZERO,
    output: 1,
    formula: "EMA over n of (high + low + close)/3",
    source: "TA-Lib KC",
  },
  {
    ...SHARED,
    base: "KELTNER_LOWER",
    range: ANY_VALUE,
    output: 2,
    formula: "middle − k·ATR of m",
    source: OTHERWISE,
  },
];
