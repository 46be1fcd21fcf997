import type { Timeframe } from "../../../domain/timeframe.ts";
import type { FeedDelay } from "../../../ports/market-data.ts";
import type { Outage } from "./delivery.ts";

/** One series that is followed, with what its stream lacks, where it lacks anything. */
export interface FollowedSeries {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly outage: Outage | undefined;
}

/**
 * By timeframe, what is to be said of the streams that are down. `broke`: why the last connection
 * ended.
 */
export function delaysOf(series: Iterable<FollowedSeries>, broke: string | undefined): readonly FeedDelay[] {
  const delays: FeedDelay[] = [];
  for (const [timeframe, all] of Map.groupBy(series, (each) => each.timeframe)) {
    const down = all.flatMap(({ symbol, outage }) => (outage === undefined ? [] : [{ symbol, ...outage }]));
    if (down.length > 0) {
      delays.push(delayOf(timeframe, down, all.length, broke));
    }
  }
  return delays;
}

function delayOf(
  timeframe: Timeframe,
  down: readonly (Outage & { readonly symbol: string })[],
  followed: number,
  broke: string | undefined,
): FeedDelay {
  const symbols = down.map(({ symbol }) => symbol);
  const since = Math.min(...down.map((each) => each.since));
  const lateMs = Math.max(...down.map((each) => each.lateMs));
  const fault = down.find(({ historyFault }) => historyFault !== undefined)?.historyFault;
  const cause = down.every(({ isSilent }) => isSilent) ? "the connection stands and brings nothing" : broke;
  const whose = symbols.length < followed ? ` of ${symbols.length} of ${followed} symbols, such as ${symbols[0]},` : "";
  const how = fault === undefined ? "bars come by REST" : `bars do not come by REST either (${fault})`;
  const late = `${(lateMs / 1_000).toFixed(1)} s late`;
  const why = cause === undefined ? "" : ` (${cause})`;
  const text = `streams${whose} down since ${new Date(since).toISOString()}${why}, ${how}, ${late}`;
  return { timeframe, symbols, since, lateMs, text };
}
