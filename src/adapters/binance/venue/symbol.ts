import { isSymbol } from "../../../domain/symbol.ts";

/**
 * What the venue may call a symbol, as its refusals say: letters and digits of any script, but no
 * small Latin ones.
 */
const VENUE_SYMBOL = /^[\p{L}\p{Nd}_\-.]{1,50}$/u;
const SMALL_LATIN = /[a-z]/;

/** Whether the venue can have such a symbol; anything else is not asked for. */
export function isVenueSymbol(text: string): boolean {
  return isSymbol(text) && VENUE_SYMBOL.test(text) && !SMALL_LATIN.test(text);
}

export function noSymbol(symbol: string): string {
  return `Binance has no symbol ${JSON.stringify(symbol)}: ${symbolHint(symbol)}`;
}

/** What to write in its place. */
export function symbolHint(symbol: string): string {
  const likely = likelySymbol(symbol);
  return likely === undefined ? "symbols are written as BTCUSDT" : `did you mean ${likely}?`;
}

/**
 * The name of a stream of klines: the venue writes symbols in small letters there, where a script
 * has them.
 */
export function klineStream(symbol: string, timeframe: string): string {
  return `${symbol.toLowerCase()}@kline_${timeframe}`;
}

/**
 * The symbol as other programs write it (`btc/usdt`, `BTC-USDT`, `BINANCE:BTCUSDT`,
 * `BTC/USDT:USDT`), as this venue does.
 */
function likelySymbol(text: string): string | undefined {
  const [first = "", second] = text.normalize("NFC").split(":");
  const pair = second === undefined || first.includes("/") ? first : second;
  const likely = pair.replace(/[-_/\s]/g, "").toUpperCase();
  return likely !== text && isVenueSymbol(likely) ? likely : undefined;
}
