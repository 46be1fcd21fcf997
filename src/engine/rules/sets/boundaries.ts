/**
 * Where the symbols, in order of a feature, divide: those with a value below the threshold (or at
 * it, where `inclusive`) come before. Sorted by threshold, exclusive first.
 */
export class Boundaries {
  thresholds = new Float64Array(8);
  inclusive = new Uint8Array(8);
  /** Number of each boundary, by which conditions know it. */
  ids = new Int32Array(8);
  count = 0;

  insert(threshold: number, inclusive: 0 | 1, id: number): void {
    if (this.count === this.ids.length) {
      this.#grow();
    }
    const place = this.#place(threshold, inclusive);
    this.thresholds.copyWithin(place + 1, place, this.count);
    this.inclusive.copyWithin(place + 1, place, this.count);
    this.ids.copyWithin(place + 1, place, this.count);
    this.thresholds[place] = threshold;
    this.inclusive[place] = inclusive;
    this.ids[place] = id;
    this.count++;
  }

  /** As it is now, whatever is inserted later. */
  copy(): Boundaries {
    const copy = new Boundaries();
    const { thresholds, inclusive, ids, count } = this;
    return Object.assign(copy, {
      thresholds: thresholds.slice(),
      inclusive: inclusive.slice(),
      ids: ids.slice(),
      count,
    });
  }

  /** Place of the first boundary that a value comes before; `count` where it comes before none. */
  firstBehind(value: number): number {
    const { thresholds, inclusive } = this;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const threshold = thresholds[middle] ?? 0;
      if (value < threshold || (value === threshold && inclusive[middle] === 1)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  #place(threshold: number, inclusive: 0 | 1): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.thresholds[middle] ?? 0;
      if (at < threshold || (at === threshold && (this.inclusive[middle] ?? 0) < inclusive)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  #grow(): void {
    const size = this.ids.length * 2;
    const grown = { thresholds: new Float64Array(size), inclusive: new Uint8Array(size), ids: new Int32Array(size) };
    grown.thresholds.set(this.thresholds);
    grown.inclusive.set(this.inclusive);
    grown.ids.set(this.ids);
    Object.assign(this, grown);
  }
}
