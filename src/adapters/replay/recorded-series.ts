import { type Bar, closeTime, mergeBars } from "../../domain/bar.ts";
import { lastClose, type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import type { BarSeries } from "../paced/paced-feed.ts";
import type { Recording, Recordings } from "./library.ts";

/**
 * The bars of a timeframe: the recording of it where there is one, else made from the shortest recording that divides it.
 * Undefined where neither is there.
 */
export function barsOf(recordings: Recordings, timeframe: Timeframe): readonly Bar[] | undefined {
  const own = recordings.find((recording) => recording.timeframe === timeframe);
  if (own !== undefined) {
    return own.bars;
  }
  const length = timeframeMs(timeframe);
  const divides = (recording: Recording) => {
    const part = timeframeMs(recording.timeframe);
    return part < length && length % part === 0;
  };
  const base = recordings.find(divides);
  return base && aggregate(base, timeframe);
}

/**
 * Merges bars into those of a longer timeframe. A bucket that the recording begins or ends in the middle of gives no bar: it was cut, and
 * what it held is not known. A bucket inside it that lacks some bars gives the bar of those there are: nothing was
 * traded in between as far as anyone knows, and this is the candle that an exchange shows after an outage. A bucket without any bar gives none.
 */
export function aggregate({ timeframe: from, bars }: Recording, timeframe: Timeframe): readonly Bar[] {
  const first = bars[0];
  const last = bars.at(-1);
  if (first === undefined || last === undefined) {
    return [];
  }
  const end = closeTime(last, from);
  const merged: Bar[] = [];
  let bucket: Bar[] = [];
  const flush = () => {
    const start = bucket[0] && lastClose(bucket[0].openTime, timeframe);
    if (start !== undefined && start >= first.openTime && start + timeframeMs(timeframe) <= end) {
      // The first bar of the bucket may be missing; the bar still opens where its bucket does.
      merged.push({ ...mergeBars(bucket), openTime: start });
    }
    bucket = [];
  };
  for (const bar of bars) {
    if (bucket[0] && lastClose(bucket[0].openTime, timeframe) !== lastClose(bar.openTime, timeframe)) {
      flush();
    }
    bucket.push(bar);
  }
  flush();
  return merged;
}

/**
 * A series to be played. Its closes are all those of its timeframe from the first bar's to the last bar's, missing bars included: market time
 * does not stop for an outage or a weekend, and the reader learns at once that no bar came. Nothing closes after `end`.
 */
export function recordedSeries(bars: readonly Bar[], timeframe: Timeframe, end: number): BarSeries {
  const length = timeframeMs(timeframe);
  const first = bars[0] && closeTime(bars[0], timeframe);
  const last = bars.at(-1);
  const lastEnd = last && Math.min(closeTime(last, timeframe), end);
  return {
    last(count, until) {
      const stop = countUntil(bars, until - length);
      return bars.slice(Math.max(0, stop - count), stop);
    },
    nextClose(time) {
      if (first === undefined || lastEnd === undefined) {
        return undefined;
      }
      const next = Math.max(first, lastClose(time, timeframe) + length);
      return next <= lastEnd ? next : undefined;
    },
  };
}

/** How many bars open at or before `openTime`. */
function countUntil(bars: readonly Bar[], openTime: number): number {
  let [low, high] = [0, bars.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bars[middle] as Bar).openTime <= openTime) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
