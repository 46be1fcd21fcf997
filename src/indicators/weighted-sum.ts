import { productError, sumError } from "./rounding-error.ts";
import { WindowSum } from "./window-sum.ts";

/**
 * Sum of i·x over the last `n` values, i = 1 for the oldest and n for the newest.
 *
 * Each value every weight falls by one, which takes the plain sum of the window off the weighted
 * one. As in WindowSum, rounding is kept beside the sum, which starts afresh every n values.
 */
export class WeightedSum {
  /** The sum as it was rounded; `total + rest` is the sum to nearly twice a double's digits. */
  total = 0;
  rest = 0;
  full = false;
  /** Of the same values without weights. */
  readonly plain: WindowSum;

  private readonly n: number;
  private missing: number;
  private fresh = 0;
  private freshRest = 0;
  private rank = 0;

  constructor(n: number) {
    this.n = n;
    this.plain = new WindowSum(n);
    this.missing = n;
  }

  push(value: number): void {
    const { n, plain } = this;
    const added = n * value;
    this.slide(added, productError(n, value, added) - plain.rest, plain.total);
    plain.push(value);
    this.rank++;
    const term = this.rank * value;
    const fresh = this.fresh + term;
    this.freshRest += sumError(this.fresh, term, fresh) + productError(this.rank, value, term);
    this.fresh = fresh;
    if (this.rank === n) {
      this.total = fresh;
      this.rest = this.freshRest;
      this.fresh = 0;
      this.freshRest = 0;
      this.rank = 0;
    }
    this.missing = Math.max(0, this.missing - 1);
    this.full = this.missing === 0;
  }

  private slide(added: number, rest: number, removed: number): void {
    const up = this.total + added;
    const down = up - removed;
    this.rest += sumError(this.total, added, up) + sumError(up, -removed, down) + rest;
    this.total = down;
  }
}
