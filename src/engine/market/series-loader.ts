import { type Bar, barFault, closeTime } from "../../domain/bar.ts";
import { errorText, RuntimeError } from "../../domain/errors.ts";
import { timeframeMs } from "../../domain/timeframe.ts";
import type { MarketData } from "../../ports/market-data.ts";
import { formatTime } from "../judging/explain.ts";
import { joinBars, type Series, type SeriesFault } from "./series.ts";

/** How much of a series to load, and how much of it must be there after a gap too long to fill. */
export interface LoadSize {
  readonly count: number;
  readonly requiredBars: number;
}

/** Loads a series' history afresh. Sets the series' fault where it cannot be used. */
export async function loadSeries(market: MarketData, series: Series, size: LoadSize): Promise<void> {
  const bars = await askHistory(market, series, size.count);
  if (bars === undefined) {
    return;
  }
  if (bars.length === 0) {
    series.fault = { text: `the history of ${nameOf(series)} is empty`, waits: false };
    return;
  }
  const joined = joinBars(undefined, bars, series.timeframe);
  if (joined.fault !== undefined) {
    series.fault = { text: `the history of ${nameOf(series)} holds an invalid bar: ${joined.fault}`, waits: false };
    return;
  }
  series.replace(joined.bars);
  series.fault = brokenFault(series, joined.brokenAt, size.requiredBars);
}

/**
 * Fills the gap between a series' last bar and a bar that came from the history, and from flat bars where the history itself lacks them (R5).
 * A gap too long begins the series anew, and makes it unavailable until it is long enough again. Where the bar that came is invalid,
 * a valid one must take its place (R3).
 */
export async function repairSeries(market: MarketData, series: Series, came: Bar, size: LoadSize): Promise<void> {
  const last = series.lastBar;
  const until = closeTime(came, series.timeframe);
  const missing =
    last === undefined ? Infinity : Math.round((came.openTime - last.openTime) / timeframeMs(series.timeframe));
  if (last === undefined || missing > size.count) {
    return loadSeries(market, series, size);
  }
  const found = await askHistory(market, series, missing, until);
  if (found === undefined) {
    return;
  }
  const between = found.filter((bar) => bar.openTime > last.openTime && bar.openTime < came.openTime);
  const itself = barFault(came) === undefined ? came : found.find((bar) => bar.openTime === came.openTime);
  const joined = joinBars(last, itself === undefined ? between : [...between, itself], series.timeframe);
  if (joined.brokenAt === undefined) {
    series.append(joined.bars);
  } else {
    series.replace(joined.bars);
  }
  if (joined.fault !== undefined || itself === undefined) {
    series.fault = { text: `${nameOf(series)} lacks a valid bar: ${joined.fault ?? barFault(came)}`, waits: false };
  } else {
    series.fault = brokenFault(series, joined.brokenAt, size.requiredBars);
  }
}

function nameOf(series: Series): string {
  return `${series.symbol} ${series.timeframe}`;
}

/** Undefined where the feed could not be asked; the series' fault then says so. */
async function askHistory(
  market: MarketData,
  series: Series,
  count: number,
  until?: number,
): Promise<readonly Bar[] | undefined> {
  try {
    return await market.history(series.symbol, series.timeframe, count, until);
  } catch (error) {
    const text = `the history of ${nameOf(series)} could not be asked: ${errorText(error)}`;
    series.fault = { text, waits: false, isUnknown: isUnknown(error) };
    return undefined;
  }
}

/** Whether the venue says that it does not have the symbol, or not in bars of the timeframe. */
export function isUnknown(error: unknown): boolean {
  return error instanceof RuntimeError && error.code === "not_found";
}

/** R5: why a series that began anew behind a long gap cannot be used yet. It heals by itself as bars come. */
function brokenFault(series: Series, brokenAt: number | undefined, requiredBars: number): SeriesFault | undefined {
  if (brokenAt === undefined || series.bars >= requiredBars) {
    return undefined;
  }
  return { text: `${nameOf(series)} has a gap too long to fill before ${formatTime(brokenAt)}`, waits: true };
}

/** R3: what to say of a bar that was refused. */
export function refusedBar(series: Series, bar: Bar): string {
  return `the feed sent an invalid bar for ${nameOf(series)} at ${formatTime(bar.openTime)}: ${barFault(bar)}`;
}
