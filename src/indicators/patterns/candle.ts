import type { Bar } from "../../domain/bar.ts";

/** How many candles TA-Lib averages bodies, shadows and ranges over, and nearness (its defaults). */
const USUAL = 10;
const NEARNESS = 5;

/**
 * A bar as a candle pattern reads it: its body and shadows, and how they compare with those of the
 * candles before. What "long", "short", "near" and so on mean are TA-Lib's default candle settings.
 *
 * Averages are summed afresh over the candles before, so they depend on nothing but those candles:
 * a series that begins later has the same patterns.
 */
export class Candle {
  open: number = Number.NaN;
  high: number = Number.NaN;
  low: number = Number.NaN;
  close: number = Number.NaN;
  /** White where the close is at or above the open; black otherwise. */
  white = false;
  /** The upper and lower end of the body. */
  top: number = Number.NaN;
  bottom: number = Number.NaN;
  body: number = Number.NaN;
  upper: number = Number.NaN;
  lower: number = Number.NaN;
  range: number = Number.NaN;
  /** The candle one bar earlier. */
  before: Candle = this;
  /** The same candle upside down: white is black, and the high is the low, all with minus signs. */
  mirror: Candle = this;

  set(open: number, high: number, low: number, close: number, white: boolean): void {
    this.open = open;
    this.high = high;
    this.low = low;
    this.close = close;
    this.white = white;
    this.top = Math.max(open, close);
    this.bottom = Math.min(open, close);
    this.body = this.top - this.bottom;
    this.upper = high - this.top;
    this.lower = this.bottom - low;
    this.range = high - low;
  }

  get black(): boolean {
    return !this.white;
  }

  get long(): boolean {
    return this.body > this.usualBody;
  }

  get short(): boolean {
    return this.body < this.usualBody;
  }

  get doji(): boolean {
    return this.body <= this.tiny;
  }

  /** At most this much of the usual range is as good as nothing. */
  get tiny(): number {
    return 0.1 * this.usualRange(USUAL);
  }

  /** An upper shadow that is very short, or not: both are false where it is exactly `tiny`. */
  get bareTop(): boolean {
    return this.upper < this.tiny;
  }

  get hasUpper(): boolean {
    return this.upper > this.tiny;
  }

  get bareBottom(): boolean {
    return this.lower < this.tiny;
  }

  get hasLower(): boolean {
    return this.lower > this.tiny;
  }

  get longUpper(): boolean {
    return this.upper > this.body;
  }

  get longLower(): boolean {
    return this.lower > this.body;
  }

  get marubozu(): boolean {
    return this.long && this.bareTop && this.bareBottom;
  }

  get shortShadows(): boolean {
    const { usualShadow } = this;
    return this.upper < usualShadow && this.lower < usualShadow;
  }

  get near(): number {
    return 0.2 * this.usualRange(NEARNESS);
  }

  get far(): number {
    return 0.6 * this.usualRange(NEARNESS);
  }

  get equal(): number {
    return 0.05 * this.usualRange(NEARNESS);
  }

  private get usualBody(): number {
    let sum = 0;
    for (let i = 0, candle = this.before; i < USUAL; i++, candle = candle.before) {
      sum += candle.body;
    }
    return sum / USUAL;
  }

  /** One of the two shadows of the candles before, on average. */
  get usualShadow(): number {
    let sum = 0;
    for (let i = 0, candle = this.before; i < USUAL; i++, candle = candle.before) {
      sum += candle.upper + candle.lower;
    }
    return sum / USUAL / 2;
  }

  private usualRange(n: number): number {
    let sum = 0;
    for (let i = 0, candle = this.before; i < n; i++, candle = candle.before) {
      sum += candle.range;
    }
    return sum / n;
  }

  /** The body lies wholly above another's. */
  gapsAbove(other: Candle): boolean {
    return this.bottom > other.top;
  }

  gapsBelow(other: Candle): boolean {
    return this.top < other.bottom;
  }

  /** The price is inside of the body, not at an end. */
  holds(price: number): boolean {
    return price > this.bottom && price < this.top;
  }

  /** The body reaches beyond both ends of another's. */
  engulfs(other: Candle): boolean {
    return this.top > other.top && this.bottom < other.bottom;
  }
}

/** The last candles of a series, each the right way up and upside down, in places used again. */
export class Candles {
  /** Five candles of a pattern, and those before the oldest that it is compared with. */
  private static readonly DEPTH = 16;

  last: Candle;

  private readonly ring: readonly Candle[];
  private at = 0;

  constructor() {
    this.ring = Array.from({ length: Candles.DEPTH }, () => new Candle());
    for (const [index, candle] of this.ring.entries()) {
      candle.mirror = new Candle();
      candle.mirror.mirror = candle;
      candle.before = this.ring[index - 1] ?? candle;
      candle.mirror.before = candle.before.mirror;
    }
    this.last = this.ring.at(-1) as Candle;
    const first = this.ring[0] as Candle;
    first.before = this.last;
    first.mirror.before = this.last.mirror;
  }

  push({ open, high, low, close }: Bar): void {
    const candle = this.ring[this.at] as Candle;
    this.at = (this.at + 1) % Candles.DEPTH;
    const white = close >= open;
    candle.set(open, high, low, close, white);
    candle.mirror.set(-open, -low, -high, -close, !white);
    this.last = candle;
  }
}

/** Whether two prices are no further apart than that. */
export function isWithin(price: number, other: number, apart: number): boolean {
  return price <= other + apart && price >= other - apart;
}
