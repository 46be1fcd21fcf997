import { normal } from "./random.ts";

/**
 * A bar in whole ticks and whole lots, without its time: what the simulation reckons in, since
 * whole numbers add up exactly.
 */
export interface Candle {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** How far a random walk of one step ranges beyond its two ends, on each side, in step sizes. */
const WICK = 0.4;
/** The range of a random walk of n steps is about this times sqrt(n) steps. */
const RANGE_OF_WALK = 1.6;

/**
 * Splits a candle into consecutive ones that make it up exactly: each opens where the one before
 * closed, the first opens and the last closes with the whole, none leaves its range, one touches
 * its high and one its low, and the volumes add up.
 *
 * A random walk is drawn from open to close with wicks on every step, and then bent so that its
 * extremes fall on those of the whole. Bending and rounding never reverse an order, so every part
 * stays a valid candle.
 */
export function split(
  whole: Candle,
  parts: number,
  random: () => number,
  character: { readonly trendiness: number; readonly activity: (part: number) => number },
): readonly Candle[] {
  const { ends, highs, lows, weights } = walk(whole, parts, random, character);
  const bend = bender(whole, Math.max(...highs), Math.min(...lows));
  const candles: Candle[] = [];
  const totalWeight = weights.reduce((sum, weight) => sum + weight, 0);
  let [open, weightSoFar, traded] = [whole.open, 0, 0];
  for (let i = 0; i < parts; i++) {
    const close = i === parts - 1 ? whole.close : bend(ends[i] as number);
    weightSoFar += weights[i] as number;
    // Cutting the running total, not each share, makes the shares add up to the whole.
    const tradedNow = i === parts - 1 ? whole.volume : Math.floor((whole.volume * weightSoFar) / totalWeight);
    candles.push({
      open,
      high: bend(highs[i] as number),
      low: bend(lows[i] as number),
      close,
      volume: tradedNow - traded,
    });
    open = close;
    traded = tradedNow;
  }
  return candles;
}

interface Walk {
  /** Where each part closes; the last is the whole's close. */
  readonly ends: readonly number[];
  readonly highs: readonly number[];
  readonly lows: readonly number[];
  /** Shares of the volume, not normalised. */
  readonly weights: readonly number[];
}

function walk(
  whole: Candle,
  parts: number,
  random: () => number,
  { trendiness, activity }: { readonly trendiness: number; readonly activity: (part: number) => number },
): Walk {
  const step = (whole.high - whole.low) / (RANGE_OF_WALK * Math.sqrt(parts));
  const fresh = Math.sqrt(1 - trendiness ** 2);
  const sizes: number[] = [];
  const path: number[] = [];
  let [heat, drift, price] = [normal(random) * 0.35, normal(random), whole.open];
  for (let i = 0; i < parts; i++) {
    // Quiet and busy spells last: the logarithm of activity forgets a fifth with each part.
    heat = 0.8 * heat + 0.22 * normal(random);
    drift = trendiness * drift + fresh * normal(random);
    const size = step * Math.exp(heat) * activity(i);
    price += size * drift;
    sizes.push(size);
    path.push(price);
  }
  const miss = whole.close - price;
  const [ends, highs, lows, weights]: [number[], number[], number[], number[]] = [[], [], [], []];
  let open = whole.open;
  for (let i = 0; i < parts; i++) {
    const close = i === parts - 1 ? whole.close : (path[i] as number) + (miss * (i + 1)) / parts;
    const size = sizes[i] as number;
    const high = Math.max(open, close) - WICK * size * Math.log(1 - random());
    const low = Math.min(open, close) + WICK * size * Math.log(1 - random());
    ends.push(close);
    highs.push(high);
    lows.push(low);
    // Volume follows movement, as it does on exchanges, and never quite dries up.
    weights.push((size + high - low + step * 0.1 + 1e-9) * (0.3 + random()));
    open = close;
  }
  return { ends, highs, lows, weights };
}

/**
 * Maps the walk's prices to ticks: unchanged between the whole's open and close, stretched or
 * squeezed beyond them to meet its high and low.
 */
function bender(whole: Candle, highest: number, lowest: number): (price: number) => number {
  const top = Math.max(whole.open, whole.close);
  const bottom = Math.min(whole.open, whole.close);
  const up = highest > top ? (whole.high - top) / (highest - top) : 0;
  const down = lowest < bottom ? (bottom - whole.low) / (bottom - lowest) : 0;
  return (price) => {
    // The extremes are named, lest rounding or a walk without excess miss them.
    if (price >= highest) {
      return whole.high;
    }
    if (price <= lowest) {
      return whole.low;
    }
    if (price > top) {
      return Math.min(whole.high, Math.round(top + (price - top) * up));
    }
    if (price < bottom) {
      return Math.max(whole.low, Math.round(bottom - (bottom - price) * down));
    }
    return Math.round(price);
  };
}
