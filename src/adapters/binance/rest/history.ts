import type { Bar } from "../../../domain/bar.ts";
import { closeTime } from "../../../domain/bar.ts";
import { lastClose, type Timeframe } from "../../../domain/timeframe.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { VenueTime } from "../time/venue-time.ts";
import type { ObserveVenue } from "../venue/venue-event.ts";
import { type KlinePage, klinesSchema } from "../venue/venue-json.ts";
import type { RequestLane } from "./request-lanes.ts";
import type { Rest } from "./rest.ts";

const KLINES_WEIGHT = 2;
/** The most bars that one request answers with. */
const PAGE = 1_000;

export interface HistoryOptions {
  readonly rest: Rest;
  readonly time: VenueTime;
  readonly clock: Clock;
  /**
   * How long after its close a bar is first asked for: the venue's database may still lack its last
   * trades before. Ms.
   */
  readonly settleMs: number;
  readonly observe: ObserveVenue;
}

export interface HistoryQuery {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly count: number;
  readonly until?: number;
  /** For one page, ms. */
  readonly withinMs: number;
  readonly lane: RequestLane;
}

/**
 * The newest `count` bars that closed at or before `until`, and by now at the latest; page by page,
 * from new to old. Rows that are no bars are holes (R5): they are told of, and the rest is used.
 */
export async function klines(options: HistoryOptions, query: HistoryQuery): Promise<readonly Bar[]> {
  const { time } = options;
  const { timeframe, count, until = Number.POSITIVE_INFINITY } = query;
  const pages: (readonly Bar[])[] = [];
  const end = lastClose(Math.min(until, time.estimate()), timeframe);
  let before = end;
  for (let missing = count; missing > 0 && before > 0; ) {
    const limit = Math.min(PAGE, missing);
    const { bars, rows, oldest = before, leftOut } = await onePage(options, query, { end, before, limit });
    // What was not asked for is not trusted to be closed (R2).
    const page = bars.filter((bar) => bar.openTime < before && closeTime(bar, timeframe) <= end).slice(-limit);
    pages.push(page);
    tellLeftOut(options, query, leftOut);
    // Where a whole page is none, those before it would be asked for without end.
    if (rows < limit || page.length === 0) {
      break;
    }
    missing -= page.length;
    before = oldest;
  }
  return pages.reverse().flat();
}

/** At most `limit` rows that open before `before`; the newest of all closes at `end`. */
function onePage(
  { rest, time, clock, settleMs }: HistoryOptions,
  { symbol, timeframe, withinMs, lane }: HistoryQuery,
  { end, before, limit }: { readonly end: number; readonly before: number; readonly limit: number },
): Promise<KlinePage> {
  return rest.get({
    path: "/api/v3/klines",
    query: { symbol, interval: timeframe, endTime: before - 1, limit },
    weight: KLINES_WEIGHT,
    schema: klinesSchema(timeframe),
    withinMs,
    lane,
    notBefore: clock.monotonic() + end + settleMs - time.estimate(),
  });
}

function tellLeftOut({ observe }: HistoryOptions, query: HistoryQuery, leftOut: readonly string[]): void {
  const [detail] = leftOut;
  if (detail !== undefined) {
    const { symbol, timeframe } = query;
    observe({ kind: "left_out", symbol, timeframe, rows: leftOut.length, detail });
  }
}
