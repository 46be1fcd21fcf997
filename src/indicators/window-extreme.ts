/**
 * Largest of the last `n` values, by a queue of those that can still become it: falling values,
 * each younger than the one before. Every value enters and leaves once, so a push is O(1) on
 * average. For the smallest, push negated values and negate `value`.
 */
export class WindowMaximum {
  private readonly values: Float64Array;
  private readonly times: Float64Array;
  private readonly n: number;
  private head = 0;
  private size = 0;
  private now = -1;

  constructor(n: number) {
    this.n = n;
    this.values = new Float64Array(n);
    this.times = new Float64Array(n);
  }

  push(value: number): void {
    const { values, times, n } = this;
    const now = this.now + 1;
    let { head, size } = this;
    if (size > 0 && (times[head] as number) <= now - n) {
      head = head + 1 === n ? 0 : head + 1;
      size--;
    }
    let tail = head + size;
    if (tail >= n) {
      tail -= n;
    }
    while (size > 0) {
      const last = tail === 0 ? n - 1 : tail - 1;
      if ((values[last] as number) > value) {
        break;
      }
      tail = last;
      size--;
    }
    values[tail] = value;
    times[tail] = now;
    this.head = head;
    this.size = size + 1;
    this.now = now;
  }

  /** The largest of the last `n` values; NaN before the first. */
  get value(): number {
    return this.size === 0 ? Number.NaN : (this.values[this.head] as number);
  }

  /** How many values ago the largest came; among equals the newest. */
  get age(): number {
    return this.now - (this.times[this.head] as number);
  }
}
