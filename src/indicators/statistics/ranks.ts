import { ABOVE_ZERO, type Definition, factor, parameter, period, within } from "../definition.ts";
import { type Computation, ofClose } from "../of-close.ts";

/** The last `n` values in their order of size. */
class Sorted {
  readonly values: Float64Array;
  private readonly ring: Float64Array;
  private at = 0;
  private count = 0;

  constructor(n: number) {
    this.values = new Float64Array(n);
    this.ring = new Float64Array(n);
  }

  get full(): boolean {
    return this.count === this.ring.length;
  }

  push(value: number): void {
    const { values, ring } = this;
    if (this.full) {
      const gone = this.rank(ring[this.at] as number);
      values.copyWithin(gone, gone + 1, this.count);
      this.count--;
    }
    const place = this.rank(value);
    values.copyWithin(place + 1, place, this.count);
    values[place] = value;
    ring[this.at] = value;
    this.at = this.at + 1 === ring.length ? 0 : this.at + 1;
    this.count++;
  }

  /** How many of the values are below this one. */
  rank(value: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.values[middle] as number) < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

class Percentile implements Computation {
  value: number = Number.NaN;
  private readonly sorted: Sorted;
  private readonly place: number;

  constructor(n: number, share: number) {
    this.sorted = new Sorted(n);
    // In thousandths, so that no fraction of a share rounds up to the next rank.
    this.place = Math.ceil((Math.round(share * 1_000) * n) / 100_000) - 1;
  }

  push(input: number): void {
    this.sorted.push(input);
    if (this.sorted.full) {
      this.value = this.sorted.values[Math.max(0, this.place)] as number;
    }
  }
}

class PercentRank implements Computation {
  value: number = Number.NaN;
  private readonly n: number;
  private readonly before: Sorted;

  constructor(n: number) {
    this.n = n;
    this.before = new Sorted(n);
  }

  push(input: number): void {
    if (this.before.full) {
      this.value = (100 * this.before.rank(input)) / this.n;
    }
    this.before.push(input);
  }
}

const PERCENTILE = ofClose("PERCENTILE", (p) => new Percentile(parameter(p, 0), parameter(p, 1)));
const PERCENTRANK = ofClose("PERCENTRANK", (p) => new PercentRank(parameter(p, 0)));

export const RANKS: readonly Definition[] = [
  {
    base: "PERCENTILE",
    parameters: [period("n", 20), factor("share", 50, 100)],
    family: "other",
    unit: "price",
    range: ABOVE_ZERO,
    takesSource: true,
    rangeWithSource: "source",
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: PERCENTILE,
    output: 0,
    formula:
      "the smallest of the last n closes that share % of them do not exceed (50: the median, the lower one of two)",
    source: "TA-Lib PERCENTILE",
  },
  {
    base: "PERCENTRANK",
    parameters: [period("n", 100)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(0, 100),
    takesSource: true,
    firstIndex: (p) => parameter(p, 0),
    kernel: PERCENTRANK,
    output: 0,
    formula: "how many percent of the n closes before are below this one",
    source: "TA-Lib PERCENTRANK",
  },
];
