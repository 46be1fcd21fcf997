/** Remembers the last `n` values. */
export class Lag {
  private readonly ring: Float64Array;
  private at = 0;

  constructor(n: number) {
    this.ring = new Float64Array(n).fill(Number.NaN);
  }

  /** Takes the next value and gives the one `n` values before; NaN before there are as many. */
  push(value: number): number {
    const { ring, at } = this;
    if (ring.length === 0) {
      return value;
    }
    const before = ring[at] as number;
    ring[at] = value;
    this.at = at + 1 === ring.length ? 0 : at + 1;
    return before;
  }
}
