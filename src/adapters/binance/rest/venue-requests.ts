import { RuntimeError } from "../../../domain/errors.ts";
import type { VenueTime } from "../time/venue-time.ts";
import { lastTradeSchema, serverTimeSchema } from "../venue/venue-json.ts";
import type { Rest } from "./rest.ts";

const TIME_WEIGHT = 1;
const TIME_WITHIN_MS = 10_000;
const TRADES_WEIGHT = 4;
const PRICE_WITHIN_MS = 5_000;

/** What the venue's clock says, ms since the epoch. */
export async function serverTime(rest: Rest): Promise<number> {
  const { serverTime } = await rest.get({
    path: "/api/v3/time",
    weight: TIME_WEIGHT,
    schema: serverTimeSchema,
    withinMs: TIME_WITHIN_MS,
    lane: "urgent",
  });
  return serverTime;
}

/** The last trade's price and time. Fails with `unavailable` where the symbol never traded. */
export async function lastTrade(rest: Rest, time: VenueTime, symbol: string): Promise<{ price: number; time: number }> {
  const [trade] = await rest.get({
    path: "/api/v3/aggTrades",
    query: { symbol, limit: 1 },
    weight: TRADES_WEIGHT,
    schema: lastTradeSchema,
    withinMs: PRICE_WITHIN_MS,
    lane: "price",
  });
  if (trade === undefined) {
    throw new RuntimeError("unavailable", `Binance has no trade of ${symbol} yet`);
  }
  time.atLeast(trade.T);
  return { price: trade.p, time: trade.T };
}
