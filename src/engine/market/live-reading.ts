import { lastClose, type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import { expired } from "../rules/conditions/expiry.ts";
import { formatTime } from "../rules/conditions/format.ts";
import { NOT_LOADED, type SeriesLookup } from "./series.ts";

/**
 * R7: why the strategies that read these timeframes (their own among them) cannot be judged on the
 * symbol's bar that closed at `close`; undefined where they can. Names the last bar and the one
 * expected.
 */
export function unavailableBars(
  market: SeriesLookup,
  symbol: string,
  reads: readonly Timeframe[],
  close: number,
  now: number,
  own: Timeframe = shortest(reads),
): string | undefined {
  for (const timeframe of reads) {
    const expected = lastClose(close, timeframe);
    const series = market.series(symbol, timeframe);
    if (series?.fault !== undefined) {
      return series.fault.text;
    }
    if (series === undefined || series.at(expected) === undefined) {
      return missingBar(symbol, timeframe, expected, series?.lastClose) + becauseLate(market, symbol, timeframe);
    }
  }
  const late = expired(close, own, now);
  return late && late + becauseLate(market, symbol, own);
}

function becauseLate(market: SeriesLookup, symbol: string, timeframe: Timeframe): string {
  const why = market.delayOf?.(symbol, timeframe);
  return why === undefined ? "" : `; ${why}`;
}

/**
 * R7: whether the symbol's bars for a close are there, or it is known already that waiting brings
 * nothing.
 */
export function isDue(market: SeriesLookup, symbol: string, reads: readonly Timeframe[], close: number): boolean {
  let haveAllCome = true;
  for (const timeframe of reads) {
    const series = market.series(symbol, timeframe);
    if (series?.fault?.isUnknown) {
      return true;
    }
    const hasCome = series?.at(lastClose(close, timeframe)) !== undefined;
    haveAllCome &&= hasCome && series?.fault === undefined;
  }
  return haveAllCome;
}

/**
 * Whether a series that the strategies read has not even the bar before the one that it lacks:
 * nothing says that one will come. A series whose first load is under way has missed nothing.
 */
export function isSilent(market: SeriesLookup, symbol: string, reads: readonly Timeframe[], close: number): boolean {
  return reads.some((timeframe) => {
    const series = market.series(symbol, timeframe);
    if (series?.fault === NOT_LOADED) {
      return false;
    }
    const last = series?.lastClose;
    return last === undefined || last < lastClose(close, timeframe) - timeframeMs(timeframe);
  });
}

/** A condition's timeframe is never shorter than the strategy's own. */
function shortest(timeframes: readonly Timeframe[]): Timeframe {
  return timeframes.reduce((a, b) => (timeframeMs(a) <= timeframeMs(b) ? a : b));
}

export function missingBar(symbol: string, timeframe: Timeframe, expected: number, last: number | undefined): string {
  const found = last === undefined ? "none has come" : `the last one closed at ${formatTime(last)}`;
  return `${symbol} has no ${timeframe} bar that closed at ${formatTime(expected)}; ${found}`;
}
