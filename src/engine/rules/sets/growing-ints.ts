const LEAST_CAPACITY = 64;

/**
 * A typed array that grows at its end: lists of numbers by the hundred thousand, without an object
 * each.
 */
export class GrowingInts {
  data = new Int32Array(0);
  length = 0;

  /** Empties it; its memory stays. */
  clear(): void {
    this.length = 0;
  }

  push(value: number): void {
    if (this.length === this.data.length) {
      const grown = new Int32Array(Math.max(LEAST_CAPACITY, 2 * this.data.length));
      grown.set(this.data);
      this.data = grown;
    }
    this.data[this.length++] = value;
  }
}
