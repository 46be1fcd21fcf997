import type { Computation } from "./of-close.ts";

/** Wilder's average, α = 1/n, seeded with the mean of its first `n` values; NaN before. */
export class WilderAverage implements Computation {
  value: number = Number.NaN;
  private readonly n: number;
  private count = 0;
  private seed = 0;

  constructor(n: number) {
    this.n = n;
  }

  push(input: number): void {
    const { n } = this;
    if (this.count === n) {
      this.value = n === 1 ? input : (this.value * (n - 1) + input) / n;
      return;
    }
    this.seed += input;
    this.count++;
    if (this.count === n) {
      this.value = this.seed / n;
    }
  }
}
