import { ABOVE_ZERO, ANY_VALUE, type Definition, parameter, period } from "../definition.ts";
import { type Computation, ofClose } from "../of-close.ts";
import { SimpleAverage } from "../simple-average.ts";
import { WeightedAverage } from "../weighted-average.ts";

/** An SMA of an SMA: weights rise to the middle of the window and fall behind it. */
class Triangular implements Computation {
  value: number = Number.NaN;
  private readonly first: SimpleAverage;
  private readonly second: SimpleAverage;

  constructor(n: number) {
    const half = Math.ceil(n / 2);
    this.first = new SimpleAverage(half);
    this.second = new SimpleAverage(n + 1 - half);
  }

  push(input: number): void {
    this.first.push(input);
    if (!Number.isNaN(this.first.value)) {
      this.second.push(this.first.value);
      this.value = this.second.value;
    }
  }
}

class Hull implements Computation {
  value: number = Number.NaN;
  private readonly half: WeightedAverage;
  private readonly whole: WeightedAverage;
  private readonly last: WeightedAverage;

  constructor(n: number) {
    this.half = new WeightedAverage(Math.max(1, Math.floor(n / 2)));
    this.whole = new WeightedAverage(n);
    this.last = new WeightedAverage(rootOf(n));
  }

  push(input: number): void {
    this.half.push(input);
    this.whole.push(input);
    if (!Number.isNaN(this.whole.value)) {
      this.last.push(2 * this.half.value - this.whole.value);
      this.value = this.last.value;
    }
  }
}

function rootOf(n: number): number {
  return Math.floor(Math.sqrt(n));
}

const TRIMA = ofClose("TRIMA", (p) => new Triangular(parameter(p, 0)));
const HMA = ofClose("HMA", (p) => new Hull(parameter(p, 0)));

export const WEIGHTED_AVERAGES: readonly Definition[] = [
  {
    base: "TRIMA",
    parameters: [period("n", 20)],
    family: "average",
    unit: "price",
    range: ABOVE_ZERO,
    takesSource: true,
    rangeWithSource: "source",
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: TRIMA,
    output: 0,
    formula: "mean of the last n closes, weighted most in the middle: an SMA of an SMA of half the length",
    source: "TA-Lib TRIMA",
  },
  {
    base: "HMA",
    parameters: [period("n", 20)],
    family: "average",
    unit: "price",
    range: ANY_VALUE,
    takesSource: true,
    firstIndex: (p) => parameter(p, 0) + rootOf(parameter(p, 0)) - 2,
    kernel: HMA,
    output: 0,
    formula: "WMA over √n of 2·WMA over n/2 − WMA over n, both cut to whole bars",
    source: "TA-Lib HMA",
  },
];
