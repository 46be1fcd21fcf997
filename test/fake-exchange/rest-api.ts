import { isTimeframe, type Timeframe, timeframeMs } from "../../src/domain/timeframe.ts";
import { decimal, type VenueMarket } from "./venue-market.ts";

export interface RestReply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Answers GET requests of the spot API's public part, as its documentation says
 * (binance/binance-spot-api-docs, rest-api.md, July 2026).
 */
export async function answerRest(market: VenueMarket, path: string, query: URLSearchParams): Promise<RestReply> {
  switch (path) {
    case "/api/v3/ping":
      return ok({});
    case "/api/v3/time":
      return ok({ serverTime: market.now() });
    case "/api/v3/exchangeInfo":
      return ok(exchangeInfo(market));
    case "/api/v3/klines":
      return withSymbol(market, query, (symbol) => klines(market, symbol, query));
    case "/api/v3/aggTrades":
      return withSymbol(market, query, (symbol) => lastTrade(market, symbol));
    case "/api/v3/ticker/price":
      return query.has("symbol") ? withSymbol(market, query, (symbol) => price(market, symbol)) : allPrices(market);
    default:
      return { status: 404, body: "<html><body>404 Not Found</body></html>" };
  }
}

/** What the documentation says each request counts as. */
export function weightOf(path: string, query: URLSearchParams): number {
  switch (path) {
    case "/api/v3/klines":
      return 2;
    case "/api/v3/aggTrades":
      return 4;
    case "/api/v3/ticker/price":
      return query.has("symbol") ? 2 : 4;
    case "/api/v3/exchangeInfo":
      return 20;
    default:
      return 1;
  }
}

export function refusal(status: number, code: number, msg: string): RestReply {
  return { status, body: { code, msg } };
}

function ok(body: unknown): RestReply {
  return { status: 200, body };
}

async function withSymbol(
  market: VenueMarket,
  query: URLSearchParams,
  answer: (symbol: string) => Promise<RestReply>,
): Promise<RestReply> {
  const symbol = query.get("symbol") ?? "";
  if (symbol === "") {
    return refusal(400, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
  }
  if (!/^[\p{L}\p{N}\-_.]{1,50}$/u.test(symbol) || /[a-z]/.test(symbol)) {
    const range = "legal range is '^[\\w\\-._&&[^a-z]]{1,50}$'.";
    return refusal(400, -1100, `Illegal characters found in parameter 'symbol'; ${range}`);
  }
  return market.symbols.includes(symbol) ? answer(symbol) : refusal(400, -1121, "Invalid symbol.");
}

/**
 * "With endTime, returns most recent items up to endTime and the limit. With both, behaves like
 * startTime but does not exceed endTime."
 */
async function klines(market: VenueMarket, symbol: string, query: URLSearchParams): Promise<RestReply> {
  const interval = query.get("interval") ?? "";
  if (!isTimeframe(interval)) {
    return refusal(400, -1120, "Invalid interval.");
  }
  const limit = Math.min(1000, Number(query.get("limit") ?? 500));
  const end = Math.min(Number(query.get("endTime") ?? Number.POSITIVE_INFINITY), market.now());
  const start = Number(query.get("startTime") ?? Number.NaN);
  if (Number.isNaN(start)) {
    return ok((await market.newest(symbol, interval, limit, end)).map((bar) => row(interval, bar)));
  }
  const length = timeframeMs(interval);
  const first = Math.ceil(start / length) * length;
  const last = Math.min(end, first + (limit - 1) * length);
  const count = Math.floor((last - first) / length) + 1;
  const bars = count > 0 ? await market.newest(symbol, interval, count, last) : [];
  return ok(bars.filter(({ openTime }) => openTime >= first).map((bar) => row(interval, bar)));
}

type Bar = Awaited<ReturnType<VenueMarket["newest"]>>[number];

function row(timeframe: Timeframe, bar: Bar): readonly (string | number)[] {
  const { openTime, open, high, low, close, volume } = bar;
  const prices = [open, high, low, close, volume].map(decimal);
  const quote = decimal(volume * close);
  return [openTime, ...prices, openTime + timeframeMs(timeframe) - 1, quote, 100, "0.5", "0.5", "0"];
}

async function lastTrade(market: VenueMarket, symbol: string): Promise<RestReply> {
  const { price, time } = await market.lastTrade(symbol);
  const trade = { a: 26129, p: decimal(price), q: "4.70443515", f: 27781, l: 27781, T: time, m: true, M: true };
  return ok([trade]);
}

async function price(market: VenueMarket, symbol: string): Promise<RestReply> {
  return ok({ symbol, price: decimal((await market.lastTrade(symbol)).price) });
}

async function allPrices(market: VenueMarket): Promise<RestReply> {
  const prices = await Promise.all(market.symbols.map((symbol) => price(market, symbol)));
  return ok(prices.map(({ body }) => body));
}

function exchangeInfo(market: VenueMarket): unknown {
  return {
    timezone: "UTC",
    serverTime: market.now(),
    rateLimits: [{ rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: 6000 }],
    exchangeFilters: [],
    symbols: market.symbols.map((symbol) => ({ symbol, status: "TRADING", filters: [], permissions: [] })),
  };
}
