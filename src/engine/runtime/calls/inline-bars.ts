import { type Bar, barFault, closeTime, mergeBars } from "../../../domain/bar.ts";
import type { Violation } from "../../../domain/errors.ts";
import { lastClose, type Timeframe, timeframeMs } from "../../../domain/timeframe.ts";
import type { LongWork } from "../../concurrency/long-work.ts";
import { Series } from "../../market/series.ts";
import { formatTime } from "../../rules/conditions/format.ts";
import type { MarketReading } from "../../rules/conditions/market-reading.ts";
import type { SeriesRequirement } from "../../rules/conditions/required-series.ts";

const MOST_BARS = 20_000;
/** Faults of bars reported at once: a feed that is wrong throughout is understood after these. */
const MOST_FAULTS = 20;

/**
 * R47: what is wrong with the bars of a request, by index; without a timeframe, what is wrong with
 * each by itself.
 */
export function inlineBarFaults(bars: readonly Bar[], timeframe: Timeframe | undefined): Violation[] {
  if (bars.length > MOST_BARS) {
    return [{ field: "bars", description: `${bars.length} given, at most ${MOST_BARS} are taken` }];
  }
  const faults: Violation[] = [];
  let previous: Bar | undefined;
  for (const [i, bar] of bars.entries()) {
    const description = barFault(bar) ?? (timeframe && orderFault(bar, previous, timeframe));
    if (description !== undefined && faults.push({ field: `bars[${i}]`, description }) === MOST_FAULTS) {
      return faults;
    }
    previous = bar;
  }
  return faults;
}

function orderFault(bar: Bar, previous: Bar | undefined, timeframe: Timeframe): string | undefined {
  const length = timeframeMs(timeframe);
  if (Number.isNaN(bar.openTime)) {
    // The carrier has said already what is wrong with the time.
    return undefined;
  }
  if (bar.openTime % length !== 0) {
    return `open_time ${formatTime(bar.openTime)} is not aligned to ${timeframe}`;
  }
  const expected =
    previous === undefined || Number.isNaN(previous.openTime) ? bar.openTime : previous.openTime + length;
  if (bar.openTime === expected) {
    return undefined;
  }
  const what = bar.openTime < expected ? "is out of order or repeated" : "leaves a gap";
  return `open_time ${formatTime(bar.openTime)} ${what}, expected ${formatTime(expected)}`;
}

/** The last bar that closed by `at`, or the last one. */
export function judgedBar(bars: readonly Bar[], timeframe: Timeframe, at: number | undefined): number {
  return at === undefined ? bars.length - 1 : bars.findLastIndex((bar) => closeTime(bar, timeframe) <= at);
}

/**
 * R47: series made from the bars given alone, up to the one judged. Longer timeframes are made from
 * them, complete and aligned only; a timeframe that they do not reach has no series, and what reads
 * it is not ready.
 */
export async function inlineReading(
  bars: readonly Bar[],
  timeframe: Timeframe,
  required: ReadonlyMap<Timeframe, SeriesRequirement>,
  work: LongWork,
): Promise<Pick<MarketReading, "seriesAt">> {
  await work.begin();
  const last = bars.at(-1);
  const all = new Map<Timeframe, Series>();
  for (const [longer, { indicators }] of required) {
    const merged = longer === timeframe ? bars : aggregated(bars, timeframe, longer);
    const options = { capacity: merged.length, settled: false };
    const series = new Series({ symbol: "", timeframe: longer }, indicators, options);
    await series.fill(merged, work);
    const reaches = last !== undefined && series.lastClose === lastClose(closeTime(last, timeframe), longer);
    if (reaches) {
      all.set(longer, series);
    }
  }
  return { seriesAt: (longer, close) => all.get(longer)?.at(close) };
}

/** Complete, aligned bars of a longer timeframe; none where the shorter does not divide it. */
function aggregated(bars: readonly Bar[], shorter: Timeframe, longer: Timeframe): Bar[] {
  const size = timeframeMs(longer) / timeframeMs(shorter);
  if (!Number.isInteger(size)) {
    return [];
  }
  const first = bars.findIndex((bar) => bar.openTime % timeframeMs(longer) === 0);
  const merged: Bar[] = [];
  for (let i = first; first >= 0 && i + size <= bars.length; i += size) {
    merged.push(mergeBars(bars.slice(i, i + size)));
  }
  return merged;
}
