/** What the venue may call a symbol; anything else is not asked for. */
const SYMBOL = /^[A-Z0-9_.-]{1,40}$/;

export function isSymbol(text: string): boolean {
  return SYMBOL.test(text);
}

export function noSymbol(symbol: string): string {
  return `Binance has no symbol ${JSON.stringify(symbol)}: symbols are written as BTCUSDT`;
}
