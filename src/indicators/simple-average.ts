import { WindowSum } from "./window-sum.ts";

/** Mean of the last `n` values; NaN before there are as many. */
export class SimpleAverage {
  value: number = Number.NaN;
  private readonly n: number;
  private readonly sum: WindowSum;
  private missing: number;

  constructor(n: number) {
    this.n = n;
    this.sum = new WindowSum(n);
    this.missing = n;
  }

  push(input: number): void {
    this.sum.push(input);
    if (this.missing > 1) {
      this.missing--;
      return;
    }
    this.value = this.sum.value / this.n;
  }
}
