import { withoutRounding } from "./rounding.ts";
import { productError, sumError } from "./rounding-error.ts";
import { WeightedSum } from "./weighted-sum.ts";

/** The line nearest to the last `n` values, by least squares; NaN before there are as many. */
export class Line {
  /** Rise from one value to the next. */
  slope: number = Number.NaN;
  /** The line's value at the first of the n, at the last one and at the one after. */
  first: number = Number.NaN;
  last: number = Number.NaN;
  next: number = Number.NaN;
  private readonly n: number;
  private readonly sum: WeightedSum;
  private readonly spread: number;

  constructor(n: number) {
    this.n = n;
    this.sum = new WeightedSum(n);
    this.spread = (n * (n * n - 1)) / 12;
  }

  push(value: number): void {
    const { n, sum } = this;
    sum.push(value);
    if (!sum.full) {
      return;
    }
    const mean = sum.plain.value / n;
    this.slope = withoutRounding(this.moment() / this.spread, value);
    const half = (this.slope * (n - 1)) / 2;
    this.first = mean - half;
    this.last = mean + half;
    this.next = mean + (this.slope * (n + 1)) / 2;
  }

  /**
   * Sum of (i − (n + 1)/2)·x: two sums that agree in all but their last digits where the values
   * hardly move, so their rounding is subtracted, too.
   */
  private moment(): number {
    const { n, sum } = this;
    const { plain } = sum;
    const middle = (n + 1) / 2;
    const product = middle * plain.total;
    const difference = sum.total - product;
    const rest = sum.rest - productError(middle, plain.total, product) - middle * plain.rest;
    return difference + (sumError(sum.total, -product, difference) + rest);
  }
}
