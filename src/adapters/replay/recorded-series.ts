import { type Bar, mergeBars } from "../../domain/bar.ts";
import { BarTable } from "../../domain/bar-table.ts";
import { lastClose, type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import type { BarSeries } from "../paced/paced-feed.ts";
import type { Recording, Recordings } from "./library.ts";

/**
 * The bars of a timeframe: the recording of it where there is one, else made from the shortest
 * recording that divides it. Undefined where neither is there.
 */
export function barsOf(recordings: Recordings, timeframe: Timeframe): BarTable | undefined {
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
 * Merges bars into those of a longer timeframe. A bucket that the recording begins or ends in the
 * middle of gives no bar: it was cut, and what it held is not known. A bucket inside it that lacks
 * some bars gives the bar of those there are: nothing was traded in between as far as anyone knows,
 * and this is the candle that an exchange shows after an outage. A bucket without any bar gives
 * none.
 */
export function aggregate({ timeframe: from, bars }: Recording, timeframe: Timeframe): BarTable {
  const start = bars.openTime(0);
  const end = bars.openTime(bars.length - 1) + timeframeMs(from);
  const merged = new BarTable();
  let bucket: Bar[] = [];
  let opened = Number.NaN;
  const flush = () => {
    if (bucket.length > 0 && opened >= start && opened + timeframeMs(timeframe) <= end) {
      const { open, high, low, close, volume } = mergeBars(bucket);
      // The first bar of the bucket may be missing; the bar still opens where its bucket does.
      merged.addRow(opened, open, high, low, close, volume);
    }
    bucket = [];
  };
  for (let i = 0; i < bars.length; i++) {
    const bar = bars.bar(i) as Bar;
    const opens = lastClose(bar.openTime, timeframe);
    if (opens !== opened) {
      flush();
      opened = opens;
    }
    bucket.push(bar);
  }
  flush();
  return merged;
}

/**
 * A series to be played. Its closes are all those of its timeframe from the first bar's to the last
 * bar's, missing bars included: market time does not stop for an outage or a weekend, and the
 * reader learns at once that no bar came. Nothing closes after `end`.
 */
export function recordedSeries(bars: BarTable, timeframe: Timeframe, end: number): BarSeries {
  const length = timeframeMs(timeframe);
  const first = bars.openTime(0) + length;
  const lastEnd = Math.min(bars.openTime(bars.length - 1) + length, end);
  /** Where the next bar asked for will most likely be. */
  let next = 0;
  return {
    last(count, until) {
      const stop = bars.countUntil(until - length);
      return bars.slice(stop - count, stop);
    },
    closedAt(time) {
      const openTime = time - length;
      if (bars.openTime(next) !== openTime) {
        next = bars.countUntil(openTime) - 1;
        if (bars.openTime(next) !== openTime) {
          return undefined;
        }
      }
      return bars.bar(next++);
    },
    nextClose(time) {
      const close = Math.max(first, lastClose(time, timeframe) + length);
      return close <= lastEnd ? close : undefined;
    },
  };
}
