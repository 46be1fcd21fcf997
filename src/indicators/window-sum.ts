import { sumError } from "./rounding-error.ts";

/**
 * Sum of the last `n` values, exact to the last bit or so however long it runs.
 *
 * A running sum gathers rounding for ever: after a price has fallen from 60,000 to 1, it still
 * carries the dust of 60,000. So each addition's rounding is kept beside the sum (Knuth's two-sum),
 * a window of zeros is 0 exactly, and every `n` values the sum starts afresh from one that has only
 * ever seen the values inside the window. All of that is O(1) a value.
 */
export class WindowSum {
  /** The sum as it was rounded; `total + rest` is the sum to nearly twice a double's digits. */
  total = 0;
  /** What rounding took from `total`. */
  rest = 0;

  private readonly ring: Float64Array;
  private at = 0;
  private zeros = 0;
  private freshTotal = 0;
  private freshRest = 0;

  constructor(n: number) {
    this.ring = new Float64Array(n);
  }

  /** The sum as one double; of what there is until `n` values came. */
  get value(): number {
    return this.total + this.rest;
  }

  push(value: number): void {
    const { ring, at } = this;
    const change = value - (ring[at] as number);
    const slid = this.total + change;
    this.rest += sumError(value, -(ring[at] as number), change) + sumError(this.total, change, slid);
    this.total = slid;
    ring[at] = value;
    const fresh = this.freshTotal + value;
    this.freshRest += sumError(this.freshTotal, value, fresh);
    this.freshTotal = fresh;
    this.zeros = value === 0 ? this.zeros + 1 : 0;
    this.at = at + 1;
    if (this.at === ring.length) {
      this.restart();
    } else if (this.zeros >= ring.length) {
      this.total = 0;
      this.rest = 0;
    }
  }

  /** The fresh sum now holds exactly the window. */
  private restart(): void {
    this.at = 0;
    this.total = this.freshTotal;
    this.rest = this.freshRest;
    this.freshTotal = 0;
    this.freshRest = 0;
  }
}
