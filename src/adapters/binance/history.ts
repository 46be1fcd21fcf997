import type { Bar } from "../../domain/bar.ts";
import { closeTime } from "../../domain/bar.ts";
import { lastClose, type Timeframe } from "../../domain/timeframe.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Rest } from "./rest.ts";
import { klinesSchema } from "./venue-json.ts";
import type { VenueTime } from "./venue-time.ts";

const KLINES_WEIGHT = 2;
/** The most bars that one request answers with. */
const PAGE = 1_000;

export interface HistoryOptions {
  readonly rest: Rest;
  readonly time: VenueTime;
  readonly clock: Clock;
  /** How long after its close a bar is first asked for: the venue's database may still lack its last trades before. Ms. */
  readonly settleMs: number;
}

export interface HistoryQuery {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly count: number;
  readonly until?: number;
  /** For one page, ms. */
  readonly withinMs: number;
  readonly isUrgent?: boolean;
}

/** The newest `count` bars that closed at or before `until`, and by now at the latest; page by page, from new to old. */
export async function klines(options: HistoryOptions, query: HistoryQuery): Promise<readonly Bar[]> {
  const { time } = options;
  const { timeframe, count, until = Number.POSITIVE_INFINITY } = query;
  const pages: (readonly Bar[])[] = [];
  let end = lastClose(Math.min(until, time.estimate()), timeframe);
  for (let missing = count; missing > 0; ) {
    const limit = Math.min(PAGE, missing);
    const page = await onePage(options, query, { end, limit });
    pages.push(page);
    const oldest = page[0];
    if (oldest === undefined || page.length < limit) {
      break;
    }
    missing -= page.length;
    end = oldest.openTime;
  }
  return pages.reverse().flat();
}

/** At most `limit` bars that closed at or before `end`. */
async function onePage(
  { rest, time, clock, settleMs }: HistoryOptions,
  { symbol, timeframe, withinMs, isUrgent = false }: HistoryQuery,
  { end, limit }: { readonly end: number; readonly limit: number },
): Promise<readonly Bar[]> {
  if (end <= 0) {
    return [];
  }
  const rows = await rest.get({
    path: "/api/v3/klines",
    query: { symbol, interval: timeframe, endTime: end - 1, limit },
    weight: KLINES_WEIGHT,
    schema: klinesSchema(timeframe),
    withinMs,
    isUrgent,
    notBefore: clock.monotonic() + end + settleMs - time.estimate(),
  });
  // What was not asked for is not trusted to be closed (R2).
  return rows.filter((bar) => closeTime(bar, timeframe) <= end).slice(-limit);
}
