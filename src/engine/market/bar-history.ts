import type { MarketData } from "../../ports/market-data.ts";

/** What loading a series asks of the market. */
export type BarHistory = Pick<MarketData, "now" | "history">;

/** The same history for callers: a venue that limits requests serves the engine first. */
export function historyForCallers(market: BarHistory): BarHistory {
  return {
    now: () => market.now(),
    history: (symbol, timeframe, count, until) => market.history(symbol, timeframe, count, until, "caller"),
  };
}
