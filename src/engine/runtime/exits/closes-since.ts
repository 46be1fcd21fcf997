import { closeTime } from "../../../domain/bar.ts";
import { type Timeframe, timeframeMs } from "../../../domain/timeframe.ts";
import type { MarketData } from "../../../ports/market-data.ts";

/** Bars of a history that are asked for at once, and pages of it at most. */
const PAGE_BARS = 1_000;
const MOST_PAGES = 100;

/** Closes from `first` to `until` as the venue has them, in no particular order. */
export async function closesSince(
  market: Pick<MarketData, "history">,
  symbol: string,
  timeframe: Timeframe,
  first: number,
  until: number,
): Promise<readonly number[]> {
  const closes: number[] = [];
  let end = until;
  for (let page = 0; page < MOST_PAGES && end >= first; page++) {
    const count = Math.min(PAGE_BARS, Math.ceil((end - first) / timeframeMs(timeframe)) + 1);
    const bars = await market.history(symbol, timeframe, count, end);
    const [oldest] = bars;
    if (oldest === undefined) {
      break;
    }
    closes.push(...bars.flatMap((bar) => (closeTime(bar, timeframe) >= first ? [bar.close] : [])));
    end = oldest.openTime;
  }
  return closes;
}
