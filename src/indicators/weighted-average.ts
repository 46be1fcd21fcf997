import type { Computation } from "./of-close.ts";
import { WeightedSum } from "./weighted-sum.ts";

/** Mean of the last `n` values, weighted 1 for the oldest to n for the newest; NaN before. */
export class WeightedAverage implements Computation {
  value: number = Number.NaN;
  private readonly weights: number;
  private readonly sum: WeightedSum;

  constructor(n: number) {
    this.weights = (n * (n + 1)) / 2;
    this.sum = new WeightedSum(n);
  }

  push(input: number): void {
    const { sum } = this;
    sum.push(input);
    if (sum.full) {
      this.value = (sum.total + sum.rest) / this.weights;
    }
  }
}
