import { withoutRounding } from "./rounding.ts";
import { lost, WindowSum } from "./window-sum.ts";

/** Splits a double into two halves of 26 bits (Veltkamp), so that their products are exact. */
const SPLITTER = 2 ** 27 + 1;

/**
 * Population standard deviation of the last `n` values, O(1) a value.
 *
 * It comes from n·Σx² − (Σx)², two numbers that agree in all but their last digits where the market is calm: doubles would lose
 * a deviation of 1e-8 of the price. So squares and sums are kept to twice a double's digits, which is right to 1e-15 of the price.
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
    squareRests.push(productRest(value, value, square));
    if (this.pushed < n) {
      this.pushed++;
    }
    this.full = this.pushed === n;
    this.mean = sum.value / n;
    const scaled = n * value;
    const above = scaled - sum.total;
    this.distance = (above + (lost(scaled, -sum.total, above) + productRest(n, value, scaled) - sum.rest)) / n;
    this.value = withoutRounding(Math.sqrt(Math.max(0, this.variance())), value);
  }

  private variance(): number {
    const { n, sum, squares, squareRests } = this;
    const scaled = n * squares.total;
    const scaledRest = productRest(n, squares.total, scaled) + n * (squares.rest + squareRests.value);
    const squared = sum.total * sum.total;
    const squaredRest = productRest(sum.total, sum.total, squared) + sum.rest * (2 * sum.total + sum.rest);
    const difference = scaled - squared;
    return (difference + (lost(scaled, -squared, difference) + scaledRest - squaredRest)) / (n * n);
  }
}

/** What rounding took from `product = a·b` (Dekker). */
function productRest(a: number, b: number, product: number): number {
  const spreadA = SPLITTER * a;
  const highA = spreadA - (spreadA - a);
  const lowA = a - highA;
  const spreadB = SPLITTER * b;
  const highB = spreadB - (spreadB - b);
  const lowB = b - highB;
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}
