import { isSymbol } from "../../domain/symbol.ts";
import { isTimeframe, type Timeframe } from "../../domain/timeframe.ts";
import { timeframeMeant } from "../../domain/timeframe-spelling.ts";

/** What the name of a file says of its bars. */
export interface NamedSeries {
  readonly symbol?: string;
  readonly timeframe?: Timeframe;
  /** A length of bars that is none of R1's. */
  readonly strange?: string;
}

const EXTENSION = /\.(csv|tsv|txt|gz|zip)$/i;
/** `BTCUSDT-1h (1).csv`: downloaded twice. */
const COPY = / ?\(\d+\)$/;
/** What stands behind the timeframe: days, months or years of the bars, and the kind of market. */
const TAIL =
  /[-_ ](?:(?:19|20)\d\d(?:[-_.]?[01]\d(?:[-_.]?[0-3]\d(?:\d{4})?)?)?|[0-3]\d\.[01]\d\.(?:19|20)\d\d|latest|full|to|BID|ASK|spot|futures)$/i;
const VENUE =
  /^(?:DAT_(?:ASCII|MT)|binanceus|binance|bitfinex|bitget|bitmex|bitstamp|bittrex|bybit|cexio|coinbase|deribit|exmo|ftx|gateio|gemini|htx|huobi|kraken|kucoin|mexc|oanda|okcoin|okex|okx|poloniex)_(?=.)/i;
const TRADINGVIEW = /^[A-Za-z0-9]+_([^,]+), (\d{1,4}[A-Za-z]?)(?:_[0-9a-f]{5})?$/;
const DUKASCOPY = /^(.+?)_Candlestick_(\d+)_([A-Za-z]+)_(?:BID|ASK)(?:_|$)/;
/** MetaTrader 4 puts the minutes right behind the pair. */
const METATRADER = /^([A-Za-z]{6})(1|5|15|30|60|240|1440)$/;
const LENGTH = /^\d{1,3}(s|m|h|d|w|wk|mo)$/i;

/**
 * Symbol and timeframe as usual names have them; `SYMBOL-TIMEFRAME.csv` is taken as it is written.
 */
export function namedSeries(fileName: string): NamedSeries {
  let stem = fileName.normalize("NFC");
  while (EXTENSION.test(stem)) {
    stem = stem.replace(EXTENSION, "");
  }
  stem = stem.replace(COPY, "");
  return exact(stem) ?? charted(stem) ?? spelled(stem);
}

function exact(stem: string): NamedSeries | undefined {
  const [, symbol = "", timeframe = ""] = /^(.*)-([^-]*)$/s.exec(stem) ?? [];
  return isTimeframe(timeframe) ? series(symbol, timeframe) : undefined;
}

/** As charting programs name their exports. */
function charted(stem: string): NamedSeries | undefined {
  const [, symbol, length = "", unit = ""] = TRADINGVIEW.exec(stem) ?? DUKASCOPY.exec(stem) ?? [];
  const timeframe = timeframeMeant(unit === "" ? length : `${length} ${unit}`);
  return symbol === undefined || timeframe === undefined ? undefined : series(symbol, timeframe);
}

function spelled(stem: string): NamedSeries {
  const bare = withoutTail(stem.replace(VENUE, ""));
  const [, pair, minutes = ""] = METATRADER.exec(bare) ?? [];
  if (pair !== undefined) {
    return series(pair, timeframeMeant(minutes));
  }
  const [, before = "", mark = "", last = ""] = /^(.+?)(-|_|, ?| )([0-9A-Za-z]+)$/.exec(bare) ?? [];
  // A letter behind a dash is a class of shares, such as BRK-D, rather than a day.
  const timeframe = mark === "-" && last.length === 1 ? undefined : timeframeMeant(last);
  if (timeframe !== undefined) {
    return series(withoutTail(before), timeframe);
  }
  if (LENGTH.test(last)) {
    return { ...series(withoutTail(before), undefined), strange: last };
  }
  return series(bare, undefined);
}

function withoutTail(stem: string): string {
  let bare = stem;
  while (TAIL.test(bare)) {
    bare = bare.replace(TAIL, "");
  }
  return bare;
}

function series(symbol: string, timeframe: Timeframe | undefined): NamedSeries {
  return { ...(isSymbol(symbol) && { symbol }), ...(timeframe && { timeframe }) };
}
