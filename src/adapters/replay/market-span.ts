import { RuntimeError } from "../../domain/errors.ts";
import { lastClose, timeframeMs } from "../../domain/timeframe.ts";
import { type Recordings, type Span, spanOf } from "./library.ts";

/**
 * The part of the common span that is left as history before the default start, so that indicators
 * settle first.
 */
const LEAD = 0.2;

/**
 * When the market of these symbols is open for replay. The end is the last close of any of them.
 *
 * The default start is the midnight (UTC) at or before 20 % of the span that they have in common;
 * the plain 20 %, cut to the shortest timeframe, where that midnight lies before the span. Symbols
 * whose bars all lie at other times have no span in common: those with the newest bars then set it,
 * and older ones that do not overlap with them stay in the past.
 */
export function marketSpan(symbols: readonly Recordings[], startAt: number | undefined): Span {
  const newestFirst = symbols
    .map((recordings) => ({ ...spanOf(recordings), timeframe: recordings[0].timeframe }))
    .sort((a, b) => b.end - a.end || b.start - a.start);
  const newest = newestFirst[0];
  if (newest === undefined) {
    throw new RuntimeError("invalid", "no symbol to replay is named; name at least one");
  }
  let common: Span = newest;
  let step = timeframeMs(newest.timeframe);
  for (const span of newestFirst) {
    const both = { start: Math.max(common.start, span.start), end: Math.min(common.end, span.end) };
    if (both.start < both.end) {
      common = both;
      step = Math.min(step, timeframeMs(span.timeframe));
    }
  }
  const start = startAt ?? defaultStart(common, step);
  const first = Math.min(...newestFirst.map((span) => span.start));
  if (!(start >= first && start < newest.end)) {
    throw new RuntimeError(
      "invalid",
      `REPLAY_FROM is ${timeText(start)}, must be from ${timeText(first)}, the first bar, to before ${timeText(newest.end)}, the end of the last one; ` +
        "leave some bars before it for indicators to settle",
    );
  }
  return { start, end: newest.end };
}

function defaultStart(common: Span, step: number): number {
  const plain = common.start + LEAD * (common.end - common.start);
  const midnight = lastClose(plain, "1d");
  return midnight > common.start ? midnight : Math.floor(plain / step) * step;
}

function timeText(time: number): string {
  return Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
}
