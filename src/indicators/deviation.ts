import { withoutRounding } from "./rounding.ts";
import { productError, sumError } from "./rounding-error.ts";
import { WindowSum } from "./window-sum.ts";

/**
 * Population standard deviation of the last `n` values, O(1) a value.
 *
 * It comes from n·Σx² − (Σx)², two numbers that agree in all but their last digits where the market
 * is calm: doubles would lose a deviation of 1e-8 of the price. So squares and sums are kept to
 * twice a double's digits, which is right to 1e-15 of the price.
 */
export class Deviation {
  /** Defined once `full`; exactly 0 where it is within rounding of the last value (R9). */
  value: number = Number.NaN;
  mean: number = Number.NaN;
  /** The last value less the mean, right even where the two agree in nearly all their digits. */
  distance: number = Number.NaN;
  full = false;

  private readonly n: number;
  private readonly sum: WindowSum;
  private readonly squares: WindowSum;
  private readonly squareRests: WindowSum;
  private pushed = 0;

  constructor(n: number) {
    this.n = n;
    this.sum = new WindowSum(n);
    this.squares = new WindowSum(n);
    this.squareRests = new WindowSum(n);
  }

  push(value: number): void {
    const { n, sum, squares, squareRests } = this;
    const square = value * value;
    sum.push(value);
    squares.push(square);
    squareRests.push(productError(value, value, square));
    if (this.pushed < n) {
      this.pushed++;
    }
    this.full = this.pushed === n;
    this.mean = sum.value / n;
    const scaled = n * value;
    const above = scaled - sum.total;
    this.distance = (above + (sumError(scaled, -sum.total, above) + productError(n, value, scaled) - sum.rest)) / n;
    this.value = withoutRounding(Math.sqrt(Math.max(0, this.variance())), value);
  }

  private variance(): number {
    const { n, sum, squares, squareRests } = this;
    const scaled = n * squares.total;
    const scaledRest = productError(n, squares.total, scaled) + n * (squares.rest + squareRests.value);
    const squared = sum.total * sum.total;
    const squaredRest = productError(sum.total, sum.total, squared) + sum.rest * (2 * sum.total + sum.rest);
    const difference = scaled - squared;
    return (difference + (sumError(scaled, -squared, difference) + scaledRest - squaredRest)) / (n * n);
  }
}
