import type { Bar } from "./bar.ts";

/** Numbers a bar: open time, open, high, low, close, volume. */
const WIDTH = 6;

/**
 * Bars as rows of numbers. A year of minutes is half a million of them: as objects they would be
 * most of the heap, and what is kept of a series most of what is collected.
 */
export class BarTable {
  #rows: Float64Array;
  #length = 0;

  /** `capacity`: for how many bars there is room at first. */
  constructor(capacity = 64) {
    this.#rows = new Float64Array(Math.max(1, capacity) * WIDTH);
  }

  get length(): number {
    return this.#length;
  }

  addRow(openTime: number, open: number, high: number, low: number, close: number, volume: number): void {
    const at = this.#length * WIDTH;
    if (at === this.#rows.length) {
      const grown = new Float64Array(2 * at);
      grown.set(this.#rows);
      this.#rows = grown;
    }
    this.#write(at, openTime, open, high, low, close, volume);
    this.#length++;
  }

  add({ openTime, open, high, low, close, volume }: Bar): void {
    this.addRow(openTime, open, high, low, close, volume);
  }

  /** Puts another bar in the place of one that is there. */
  replace(index: number, { openTime, open, high, low, close, volume }: Bar): void {
    this.#write(index * WIDTH, openTime, open, high, low, close, volume);
  }

  dropFirst(count: number): void {
    this.#rows.copyWithin(0, count * WIDTH, this.#length * WIDTH);
    this.#length -= count;
  }

  #write(at: number, openTime: number, open: number, high: number, low: number, close: number, volume: number): void {
    const rows = this.#rows;
    rows[at] = openTime;
    rows[at + 1] = open;
    rows[at + 2] = high;
    rows[at + 3] = low;
    rows[at + 4] = close;
    rows[at + 5] = volume;
  }

  /** NaN where there is no such bar. */
  openTime(index: number): number {
    return index >= 0 && index < this.#length ? (this.#rows[index * WIDTH] as number) : Number.NaN;
  }

  close(index: number): number {
    return index >= 0 && index < this.#length ? (this.#rows[index * WIDTH + 4] as number) : Number.NaN;
  }

  bar(index: number): Bar | undefined {
    if (!(index >= 0 && index < this.#length && Number.isInteger(index))) {
      return undefined;
    }
    const rows = this.#rows;
    const at = index * WIDTH;
    return {
      openTime: rows[at] as number,
      open: rows[at + 1] as number,
      high: rows[at + 2] as number,
      low: rows[at + 3] as number,
      close: rows[at + 4] as number,
      volume: rows[at + 5] as number,
    };
  }

  /** Bars `from` to below `to`, of those that there are. */
  slice(from: number, to: number): Bar[] {
    const bars: Bar[] = [];
    for (let i = Math.max(0, from); i < Math.min(to, this.#length); i++) {
      bars.push(this.bar(i) as Bar);
    }
    return bars;
  }

  /** How many bars open at or before `openTime`; they are in order. */
  countUntil(openTime: number): number {
    const rows = this.#rows;
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((rows[middle * WIDTH] as number) <= openTime) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
