import { type Bar, barFault, closeTime } from "../../domain/bar.ts";
import { errorText, RuntimeError } from "../../domain/errors.ts";
import { timeframeMs } from "../../domain/timeframe.ts";
import type { LongWork } from "../concurrency/long-work.ts";
import { formatTime } from "../rules/conditions/format.ts";
import type { BarHistory } from "./bar-history.ts";
import { type Joined, joinBars } from "./join-bars.ts";
import type { Series, SeriesFault } from "./series.ts";

/**
 * Loads the newest `count` bars of a series' history. Sets the series' fault where it cannot be
 * used.
 */
export async function loadSeries(market: BarHistory, series: Series, count: number): Promise<void> {
  const bars = await askHistory(market, series, count);
  if (bars === undefined) {
    return;
  }
  if (bars.length === 0) {
    series.fault = { text: emptyHistory(series) };
    return;
  }
  takeHistory(series, bars, count);
}

/**
 * Puts a history in the place of what the series holds. Bars that came since the history was asked
 * stay behind it. Behind a gap too long to fill, or an invalid bar, the series begins anew, as with
 * a new listing (R5).
 */
export function takeHistory(series: Series, history: readonly Bar[], count: number): void {
  const newest = history.at(-1)?.openTime ?? Number.NEGATIVE_INFINITY;
  const joined = joinBars(undefined, [...history, ...series.barsAfter(newest)], series.timeframe);
  series.replace(joined.bars);
  noteHistory(series, joined, count);
}

/** Fills a series that nobody else uses with a history, in slices. */
export async function fillWithHistory(
  series: Series,
  history: readonly Bar[],
  count: number,
  work: LongWork,
): Promise<void> {
  const joined = joinBars(undefined, history, series.timeframe);
  await series.fill(joined.bars, work);
  noteHistory(series, joined, count);
}

function noteHistory(series: Series, joined: Joined, count: number): void {
  series.reach = count;
  series.cut = joined.cut;
  series.fault = endFault(series, joined);
}

/** Takes of the newest bars of the history those that the series lacks. */
export function takeNewest(series: Series, history: readonly Bar[]): void {
  const last = series.lastBar;
  const newer = history.filter((bar) => last === undefined || bar.openTime > last.openTime);
  const joined = joinBars(last, newer, series.timeframe);
  follow(series, joined);
  series.fault = endFault(series, joined);
}

/**
 * Fills the gap between a series' last bar and a bar that came from the history, and from flat bars
 * where the history itself lacks them (R5). Where the bar that came is invalid, a valid one must
 * take its place (R3). `count`: how many bars to load where all are to be.
 */
export async function repairSeries(market: BarHistory, series: Series, came: Bar, count: number): Promise<void> {
  const last = series.lastBar;
  const until = closeTime(came, series.timeframe);
  const missing =
    last === undefined ? Infinity : Math.round((came.openTime - last.openTime) / timeframeMs(series.timeframe));
  if (last === undefined || missing > count) {
    return loadSeries(market, series, count);
  }
  const found = await askHistory(market, series, missing, until);
  if (found === undefined) {
    return;
  }
  const between = found.filter((bar) => bar.openTime > last.openTime && bar.openTime < came.openTime);
  const itself = [came, ...found].find((bar) => bar.openTime === came.openTime && barFault(bar) === undefined);
  const joined = joinBars(last, itself === undefined ? between : [...between, itself], series.timeframe);
  follow(series, joined);
  const lacking = { text: `${nameOf(series)} lacks a valid bar at ${formatTime(came.openTime)}: ${barFault(came)}` };
  series.fault = itself === undefined ? { ...lacking, awaits: came.openTime } : undefined;
}

/** Adds bars that were joined to the last one, or begins anew with them. */
function follow(series: Series, { bars, cut }: Joined): void {
  if (cut === undefined) {
    series.append(bars);
  } else {
    series.replace(bars);
    series.cut = cut;
  }
}

/** R3: where the newest bar is invalid, a valid one must take its place. */
function endFault(series: Series, { end }: Joined): SeriesFault | undefined {
  return end && { text: `${nameOf(series)} ${end.why}`, awaits: end.time };
}

export function nameOf(series: Series): string {
  return `${series.symbol} ${series.timeframe}`;
}

export function emptyHistory(series: Series): string {
  return `the history of ${nameOf(series)} is empty`;
}

export function unaskedHistory(series: Series, error: unknown): string {
  return `the history of ${nameOf(series)} could not be asked: ${errorText(error)}`;
}

/** Undefined where the feed could not be asked; the series' fault then says so. */
async function askHistory(
  market: BarHistory,
  series: Series,
  count: number,
  until?: number,
): Promise<readonly Bar[] | undefined> {
  try {
    return await market.history(series.symbol, series.timeframe, count, until);
  } catch (error) {
    series.fault = { text: unaskedHistory(series, error), ...(isUnknown(error) && { isUnknown: true }) };
    return undefined;
  }
}

/** Whether the venue says that it does not have the symbol, or not in bars of the timeframe. */
export function isUnknown(error: unknown): boolean {
  return error instanceof RuntimeError && error.code === "not_found";
}

/** R3: what to say of a bar that was refused. */
export function refusedBar(series: Series, bar: Bar): string {
  return `the feed sent an invalid bar for ${nameOf(series)} at ${formatTime(bar.openTime)}: ${barFault(bar)}`;
}

/** R5: what to say of a series that began anew. */
export function cutText(series: Series): string | undefined {
  return series.cut && `${nameOf(series)} ${series.cut.why}; the series begins anew behind that`;
}
