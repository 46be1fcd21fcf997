import { ExponentialAverage } from "./exponential-average.ts";
import type { Computation } from "./of-close.ts";

/**
 * Exponential averages of one another: the first of the input, each further one of the values of
 * the one before, from its first value on. All have `n`.
 */
export class RepeatedExponential {
  private readonly averages: readonly ExponentialAverage[];

  constructor(n: number, times: number) {
    this.averages = Array.from({ length: times }, () => new ExponentialAverage(n));
  }

  push(input: number): void {
    let value = input;
    for (const average of this.averages) {
      average.push(value);
      value = average.value;
      if (Number.isNaN(value)) {
        return;
      }
    }
  }

  /** The value of the average after `times` averages, from 1 on; NaN while undefined. */
  at(times: number): number {
    return (this.averages[times - 1] as ExponentialAverage).value;
  }
}

/** A sum of repeated averages, each with a weight; the first weight is that of one average. */
export class WeightedRepetition implements Computation {
  value: number = Number.NaN;
  private readonly averages: RepeatedExponential;
  private readonly weights: readonly number[];

  constructor(n: number, weights: readonly number[]) {
    this.averages = new RepeatedExponential(n, weights.length);
    this.weights = weights;
  }

  push(input: number): void {
    const { averages, weights } = this;
    averages.push(input);
    let sum = 0;
    for (let i = 0; i < weights.length; i++) {
      sum += (weights[i] as number) * averages.at(i + 1);
    }
    this.value = sum;
  }
}
