import { gzipSync } from "node:zlib";
import { type Layout, layout, newestFirst, table, type Written } from "./table.ts";
import { zipped } from "./zip.ts";

const HOUR = 3_600_000;
const BINANCE_HEADER =
  "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore";
const utc = { remarks: ["utc"] };

/** A row of Binance's public dumps; times in ms, or in µs with three more digits. */
function binanceRow({ openTime, ohlcv }: Written, digits = ""): string {
  return `${openTime}${digits},${ohlcv},${openTime + HOUR - 1}${digits.replaceAll("0", "9")},532000.5,1200,6.1,260000.1,0`;
}

const DUMP = table("1h", undefined, (bar) => binanceRow(bar));
const WITH_HEADER = table("1h", BINANCE_HEADER, (bar) => binanceRow(bar));

/** What exchanges and their libraries write. */
export const EXCHANGES: readonly Layout[] = [
  layout(
    "ours, with ISO times",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "open_time,open,high,low,close,volume", (b) => `${b.y}-${b.mo}-${b.d}T${b.clock}Z,${b.ohlcv}`),
  ),
  layout(
    "ours, with ms",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "open_time,open,high,low,close,volume", (b) => `${b.openTime},${b.ohlcv}`),
  ),
  layout("a monthly dump of Binance", "BTCUSDT-1h-2024-01.csv", "BTCUSDT 1h", DUMP),
  layout("a daily dump of Binance", "BTCUSDT-1h-2024-01-31.csv", "BTCUSDT 1h", DUMP),
  layout(
    "a dump of Binance in µs, as from 2025 on",
    "BTCUSDT-1h-2025-01.csv",
    "BTCUSDT 1h",
    table("1h", undefined, (b) => binanceRow(b, "000")),
  ),
  layout("a dump of Binance's futures, with a header", "BTCUSDT-1h-2024-01.csv", "BTCUSDT 1h", WITH_HEADER),
  layout("a dump in gz", "BTCUSDT-1h-2024-01.csv.gz", "BTCUSDT 1h", gzipSync(DUMP)),
  layout("a dump in zip", "BTCUSDT-1h-2024-01.zip", "BTCUSDT 1h", zipped({ "BTCUSDT-1h-2024-01.csv": DUMP })),
  layout("a zip whose name says what is in it", "BTCUSDT-1h.zip", "BTCUSDT 1h", zipped({ "klines/data.csv": DUMP })),
  {
    name: "a zip of several files, with the shop's report",
    files: {
      "all.zip": zipped({ "BTCUSDT-1h-2024-01.csv": DUMP, "ETHUSDT-1h.csv": WITH_HEADER, "report.txt": "no gaps\n" }),
    },
    series: ["BTCUSDT 1h", "ETHUSDT 1h"],
  },
  layout(
    "a dump of Binance whose columns python-binance named",
    "BTCUSDT_1h.csv",
    "BTCUSDT 1h",
    table(
      "1h",
      "Open time,Open,High,Low,Close,Volume,Close time,Quote asset volume,Number of trades,Taker buy base asset volume,Taker buy quote asset volume,Ignore",
      (b) => `${b.y}-${b.mo}-${b.d} ${b.clock},${b.ohlcv},${b.y}-${b.mo}-${b.d} 23:59:59.999,1,2,3,4,0`,
    ),
    utc,
  ),
  layout(
    "Binance's page of klines in camelCase",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table(
      "1h",
      "openTime,open,high,low,close,volume,closeTime,quoteAssetVolume,numberOfTrades",
      (b) => `${b.openTime},${b.ohlcv},${b.openTime + HOUR - 1},1,2`,
    ),
  ),
  layout(
    "ccxt with a header",
    "BTC_USDT-1h.csv",
    "BTC_USDT 1h",
    table("1h", "timestamp,open,high,low,close,volume", (b) => `${b.openTime},${b.ohlcv}`),
  ),
  layout(
    "ccxt without a header",
    "BTC_USDT-1h.csv",
    "BTC_USDT 1h",
    table("1h", undefined, (b) => `${b.openTime},${b.ohlcv}`),
  ),
  layout(
    "freqtrade's date column",
    "BTC_USDT-1h.csv",
    "BTC_USDT 1h",
    table("1h", "date,open,high,low,close,volume", (b) => `${b.y}-${b.mo}-${b.d} ${b.clock}+00:00,${b.ohlcv}`),
  ),
  layout(
    "Kraken's trading history",
    "XBTUSD_60.csv",
    "XBTUSD 1h",
    table("1h", undefined, (b) => `${b.openTime / 1000},${b.ohlcv},42`),
  ),
  layout(
    "Kraken with vwap and a header",
    "XBTUSD_60.csv",
    "XBTUSD 1h",
    table(
      "1h",
      "time,open,high,low,close,vwap,volume,count",
      (b) => `${b.openTime / 1000},${b.ohlc},42500,${b.volume},42`,
    ),
  ),
  layout(
    "Bitfinex, whose close stands before the high",
    "BTCUSD-1h.csv",
    "BTCUSD 1h",
    table(
      "1h",
      "time,open,close,high,low,volume",
      (b) => `${b.openTime},${b.open},${b.close},${b.high},${b.low},${b.volume}`,
    ),
  ),
  layout(
    "Coinbase, whose low stands first",
    "BTC-USD-1h.csv",
    "BTC-USD 1h",
    table(
      "1h",
      "time,low,high,open,close,volume",
      (b) => `${b.openTime / 1000},${b.low},${b.high},${b.open},${b.close},${b.volume}`,
    ),
  ),
  layout(
    "Bitstamp",
    "BTCUSD_3600.csv".replace("_3600", "_1h"),
    "BTCUSD 1h",
    table("1h", "unix,open,high,low,close,volume", (b) => `${b.openTime / 1000},${b.ohlcv}`),
  ),
  layout(
    "OKX, with an extra volume in quotes",
    "BTC-USDT-1h.csv",
    "BTC-USDT 1h",
    table("1h", "ts,o,h,l,c,vol,volCcy,volCcyQuote,confirm", (b) => `${b.openTime},${b.ohlcv},1,2,1`),
  ),
  layout(
    "Bybit, newest first",
    "BTCUSDT_1h.csv",
    "BTCUSDT 1h",
    newestFirst(
      table(
        "1h",
        "startTime,openPrice,highPrice,lowPrice,closePrice,volume,turnover",
        (b) => `${b.openTime},${b.ohlcv},5`,
      ),
    ),
  ),
  layout(
    "single letters",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "t,o,h,l,c,v", (b) => `${b.openTime},${b.ohlcv}`),
  ),
  layout(
    "CryptoDataDownload of today",
    "Binance_BTCUSDT_1h.csv",
    "BTCUSDT 1h",
    newestFirst(
      table(
        "1h",
        "https://www.CryptoDataDownload.com\nUnix,Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USDT,tradecount",
        (b) => `${b.openTime},${b.y}-${b.mo}-${b.d} ${b.clock},BTC/USDT,${b.ohlcv},500000,9`,
      ),
      2,
    ),
    { remarks: ["before_header"] },
  ),
  layout(
    "CryptoDataDownload of before, with hours in halves",
    "Coinbase_BTCUSD_1h.csv",
    "BTCUSD 1h",
    newestFirst(
      table(
        "1h",
        "Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USD",
        (b) =>
          `${b.y}-${b.mo}-${b.d} ${b.half.slice(0, 2).replace(":", "").padStart(2, "0")}-${b.half.slice(-2)},BTCUSD,${b.ohlcv},500000`,
      ),
    ),
    utc,
  ),
  layout(
    "CryptoDataDownload's days",
    "Bitstamp_BTCUSD_d.csv",
    "BTCUSD 1d",
    newestFirst(
      table(
        "1d",
        "unix,date,symbol,open,high,low,close,Volume BTC,Volume USD",
        (b) => `${b.openTime / 1000},${b.y}-${b.mo}-${b.d} 00:00:00,BTC/USD,${b.ohlcv},500000`,
      ),
    ),
  ),
  layout(
    "CryptoDataDownload's minutes of a year",
    "Binance_BTCUSDT_2024_minute.csv",
    "BTCUSDT 1m",
    table(
      "1m",
      "unix,date,symbol,open,high,low,close,Volume BTC,Volume USDT,tradecount",
      (b) => `${b.openTime},${b.y}-${b.mo}-${b.d} ${b.clock},BTCUSDT,${b.ohlcv},500000,9`,
    ),
  ),
  layout(
    "CoinAPI",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table(
      "1h",
      "time_period_start,time_period_end,time_open,time_close,price_open,price_high,price_low,price_close,volume_traded,trades_count",
      (b) =>
        `${b.y}-${b.mo}-${b.d}T${b.clock}.0000000Z,2024-02-01T00:00:00.0000000Z,${b.y}-${b.mo}-${b.d}T22:00:03.1000000Z,2024-01-31T22:59:59.0000000Z,${b.ohlcv},42`,
    ),
  ),
  layout(
    "CoinMarketCap",
    "BTC-1d.csv",
    "BTC 1d",
    newestFirst(
      table(
        "1d",
        "timeOpen;timeClose;timeHigh;timeLow;name;open;high;low;close;volume;marketCap;timestamp",
        (b) =>
          `"${b.y}-${b.mo}-${b.d}T00:00:00.000Z";"${b.y}-${b.mo}-${b.d}T23:59:59.999Z";"${b.y}-${b.mo}-${b.d}T10:00:00.000Z";"${b.y}-${b.mo}-${b.d}T11:00:00.000Z";"2781";${b.ohlcv.replaceAll(",", ";")};800000;"${b.y}-${b.mo}-${b.d}T23:59:59.999Z"`,
      ),
    ),
  ),
  layout(
    "the venue's name and a kind of market around it",
    "kucoin_BTC-USDT_1hour_spot.csv",
    "BTC-USDT 1h",
    table("1h", "time,open,high,low,close,volume", (b) => `${b.openTime / 1000},${b.ohlcv}`),
  ),
  layout("a file that was downloaded twice", "BTCUSDT-1h (1).csv", "BTCUSDT 1h", DUMP),
];
