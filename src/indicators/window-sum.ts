/**
 * Sum of the last `n` values, exact to the last bit or so however long it runs.
 *
 * A running sum gathers rounding for ever: after a price has fallen from 60,000 to 1, it still carries the dust of 60,000.
 * So each addition's rounding is kept beside the sum (Knuth's two-sum), a window of zeros is 0 exactly, and every `n` values
 * the sum starts afresh from one that has only ever seen the values inside the window. All of that is O(1) a value.
 */
export class WindowSum {
  /** The sum rounded to a double; of what there is until `n` values came. */
  total = 0;
  /** What rounding took from `total`: `total + rest` is the sum to twice a double's digits. */
  rest = 0;

  private readonly ring: Float64Array;
  private at = 0;
  private nonZero = 0;
  private freshTotal = 0;
  private freshRest = 0;

  constructor(n: number) {
    this.ring = new Float64Array(n);
  }

  push(value: number): void {
    const { ring, at } = this;
    const old = ring[at] as number;
    ring[at] = value;
    this.nonZero += (value === 0 ? 0 : 1) - (old === 0 ? 0 : 1);
    const fresh = this.freshTotal + value;
    this.freshRest += lost(this.freshTotal, value, fresh);
    this.freshTotal = fresh;
    if (at + 1 === ring.length) {
      this.at = 0;
      this.take(fresh, this.freshRest);
      this.freshTotal = 0;
      this.freshRest = 0;
      return;
    }
    this.at = at + 1;
    if (this.nonZero === 0) {
      this.take(0, 0);
      return;
    }
    const added = this.total + value;
    const slid = added - old;
    this.take(slid, this.rest + lost(this.total, value, added) + lost(added, -old, slid));
  }

  private take(total: number, rest: number): void {
    const sum = total + rest;
    this.rest = lost(total, rest, sum);
    this.total = sum;
  }
}

/** What rounding took from `sum = a + b` (Knuth, The Art of Computer Programming, vol. 2, 4.2.2, theorem B). */
export function lost(a: number, b: number, sum: number): number {
  const part = sum - a;
  return a - (sum - part) + (b - part);
}
