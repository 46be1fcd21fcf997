import { WindowMaximum } from "./window-extreme.ts";

/** The largest high and the smallest low of the last `n` bars, this one included. */
export class Channel {
  upper: number = Number.NaN;
  lower: number = Number.NaN;
  private readonly highs: WindowMaximum;
  private readonly lows: WindowMaximum;
  private missing: number;

  constructor(n: number) {
    this.highs = new WindowMaximum(n);
    this.lows = new WindowMaximum(n);
    this.missing = n - 1;
  }

  push(high: number, low: number): void {
    this.highs.push(high);
    this.lows.push(-low);
    if (this.missing > 0) {
      this.missing--;
      return;
    }
    this.upper = this.highs.value;
    this.lower = -this.lows.value;
  }

  /** NaN before there are `n` bars. */
  get middle(): number {
    return (this.upper + this.lower) / 2;
  }
}
