import {
  germanNumber,
  groupedNumber,
  type Layout,
  layout,
  newestFirst,
  separatedBy,
  table,
  type Written,
} from "./table.ts";

const utc = { remarks: ["utc"] };
const METATRADER = (b: Written) => `${b.y}.${b.mo}.${b.d},${b.clock.slice(0, 5)},${b.ohlcv}`;
const PRICES = ["open", "high", "low", "close"] as const;

/** What charting programs, brokers, data shops and spreadsheets write. */
export const CHARTS: readonly Layout[] = [
  layout(
    "TradingView in s",
    "BINANCE_BTCUSDT, 60.csv",
    "BTCUSDT 1h",
    table("1h", "time,open,high,low,close,Volume", (b) => `${b.openTime / 1000},${b.ohlcv}`),
  ),
  layout(
    "TradingView with an offset",
    "BINANCE_BTCUSDT, 60_5e3f1.csv",
    "BTCUSDT 1h",
    table(
      "1h",
      "time,open,high,low,close,Volume",
      (b) => `${new Date(b.openTime + 3_600_000).toISOString().slice(0, 19)}+01:00,${b.ohlcv}`,
    ),
  ),
  layout(
    "TradingView's days with indicators",
    "NASDAQ_AAPL, 1D.csv",
    "AAPL 1d",
    table("1d", "time,open,high,low,close,Volume,Volume MA,RSI", (b) => `${b.openTime / 1000},${b.ohlcv},NaN,48.5`),
  ),
  layout("MetaTrader 4", "EURUSD60.csv", "EURUSD 1h", table("1h", undefined, METATRADER), utc),
  layout("MetaTrader 4's days", "EURUSD1440.csv", "EURUSD 1d", table("1d", undefined, METATRADER), utc),
  layout(
    "MetaTrader 5",
    "EURUSD_H1_202401312200_202402010100.csv",
    "EURUSD 1h",
    separatedBy(
      "\t",
      table(
        "1h",
        "<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>,<SPREAD>",
        (b) => `${b.y}.${b.mo}.${b.d},${b.clock},${b.ohlcv},3`,
      ),
    ),
    utc,
  ),
  layout(
    "MetaTrader 5's days",
    "EURUSD_Daily_202401290000_202402010000.csv",
    "EURUSD 1d",
    separatedBy(
      "\t",
      table(
        "1d",
        "<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>,<VOL>,<SPREAD>",
        (b) => `${b.y}.${b.mo}.${b.d},${b.ohlc},99,${b.volume},3`,
      ),
    ),
    utc,
  ),
  layout(
    "HistData in ASCII",
    "DAT_ASCII_EURUSD_M1_2024.csv",
    "EURUSD 1m",
    table("1m", undefined, (b) => `${b.y}${b.mo}${b.d} ${b.clock.replaceAll(":", "")};${b.ohlcv.replaceAll(",", ";")}`),
    utc,
  ),
  layout(
    "HistData for MetaTrader",
    "DAT_MT_EURUSD_M1_202401.csv",
    "EURUSD 1m",
    table("1m", undefined, METATRADER),
    utc,
  ),
  layout(
    "Dukascopy in GMT",
    "EURUSD_Candlestick_1_Hour_BID_31.01.2024-01.02.2024.csv",
    "EURUSD 1h",
    table("1h", "Gmt time,Open,High,Low,Close,Volume", (b) => `${b.d}.${b.mo}.${b.y} ${b.clock}.000,${b.ohlcv}`),
  ),
  layout(
    "Dukascopy in a local time",
    "EURUSD_Candlestick_1_m_ASK_31.01.2024-31.01.2024.csv",
    "EURUSD 1m",
    table(
      "1m",
      "Local time,Open,High,Low,Close,Volume",
      (b) => `${b.d}.${b.mo}.${b.y} 23${b.clock.slice(2)}.000 GMT+0100,${b.ohlcv}`,
    ),
  ),
  layout(
    "Stooq's archive",
    "btcusd.txt",
    "BTCUSD 1h",
    table(
      "1h",
      "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>",
      (b) => `BTCUSD,60,${b.y}${b.mo}${b.d},${b.clock.replaceAll(":", "")},${b.ohlcv},0`,
    ),
    utc,
  ),
  layout(
    "Stooq's page",
    "aapl_us_d.csv",
    "aapl_us 1d",
    table("1d", "Date,Open,High,Low,Close,Volume", (b) => `${b.y}-${b.mo}-${b.d},${b.ohlcv}`),
    utc,
  ),
  layout(
    "Finam",
    "SBER_240129_240201.txt",
    "SBER 1d",
    separatedBy(
      ";",
      table(
        "1d",
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>",
        (b) => `SBER,D,${b.y}${b.mo}${b.d},000000,${b.ohlcv}`,
      ),
    ),
    utc,
  ),
  layout(
    "Yahoo",
    "AAPL.csv",
    "AAPL 1d",
    table(
      "1d",
      "Date,Open,High,Low,Close,Adj Close,Volume",
      (b) => `${b.y}-${b.mo}-${b.d},${b.ohlc},39000.1,${b.volume}`,
    ),
    { remarks: ["utc", "distance"] },
  ),
  layout(
    "yfinance within the day",
    "BTC-USD.csv",
    "BTC-USD 1h",
    table(
      "1h",
      "Datetime,Open,High,Low,Close,Adj Close,Volume",
      (b) => `${b.y}-${b.mo}-${b.d} ${b.clock}+00:00,${b.ohlc},${b.close},${b.volume}`,
    ),
    { remarks: ["distance"] },
  ),
  layout(
    "yfinance with three lines of header",
    "AAPL-1d.csv",
    "AAPL 1d",
    table(
      "1d",
      "Price,Close,High,Low,Open,Volume\nTicker,AAPL,AAPL,AAPL,AAPL,AAPL\nDate,,,,,",
      (b) => `${b.y}-${b.mo}-${b.d},${b.close},${b.high},${b.low},${b.open},${b.volume}`,
    ),
    utc,
  ),
  layout(
    "Investing.com",
    "BTC_USD_1d.csv",
    "BTC_USD 1d",
    newestFirst(
      table(
        "1d",
        '\uFEFF"Date","Price","Open","High","Low","Vol.","Change %"',
        (b) =>
          `"${b.mo}/${b.d}/${b.y}","${groupedNumber(b.close)}","${groupedNumber(b.open)}","${groupedNumber(b.high)}","${groupedNumber(b.low)}","${b.volume / 1000}K","-0.12%"`,
      ),
    ),
    utc,
  ),
  layout(
    "Nasdaq.com",
    "AAPL_1d.csv",
    "AAPL 1d",
    newestFirst(
      table(
        "1d",
        "Date,Close/Last,Volume,Open,High,Low",
        (b) => `${b.mo}/${b.d}/${b.y},$${b.close},${b.volume},$${b.open},$${b.high},$${b.low}`,
      ),
    ),
    utc,
  ),
  layout(
    "Google's sheet",
    "AAPL_1d.csv",
    "AAPL 1d",
    table("1d", "Date,Open,High,Low,Close,Volume", (b) => `${Number(b.mo)}/${Number(b.d)}/${b.y} 0:00:00,${b.ohlcv}`),
    utc,
  ),
  layout(
    "a German spreadsheet",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "Date;Open;High;Low;Close;Volume", (b) =>
      [
        `${b.d}.${b.mo}.${b.y} ${b.clock.slice(0, 5)}`,
        ...PRICES.map((price) => germanNumber(b[price], false)),
        germanNumber(b.volume, false),
      ].join(";"),
    ),
    utc,
  ),
  layout(
    "a German spreadsheet with thousands",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "Date;Open;High;Low;Close;Volume", (b) =>
      [
        `${b.d}.${b.mo}.${b.y} ${b.clock}`,
        ...PRICES.map((price) => germanNumber(b[price], true)),
        germanNumber(b.volume, true),
      ].join(";"),
    ),
    utc,
  ),
  layout(
    "a French spreadsheet",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "date;open;high;low;close;volume", (b) =>
      [
        `${b.d}/${b.mo}/${b.y} ${b.clock}`,
        ...PRICES.map((price) => germanNumber(b[price], false)),
        germanNumber(b.volume, false),
      ].join(";"),
    ),
    utc,
  ),
  layout(
    "a spreadsheet's text in UTF-16",
    "BTCUSDT-1h.txt",
    "BTCUSDT 1h",
    Buffer.from(
      `\uFEFF${separatedBy(
        "\t",
        table("1h", "Date,Open,High,Low,Close,Volume", (b) => `${b.y}-${b.mo}-${b.d} ${b.clock},${b.ohlcv}`),
      ).replaceAll("\n", "\r\n")}`,
      "utf16le",
    ),
    utc,
  ),
  layout(
    "a US spreadsheet with halves of the day",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "Date,Open,High,Low,Close,Volume", (b) => `${b.mo}/${b.d}/${b.y} ${b.half},${b.ohlcv}`),
    utc,
  ),
  layout(
    "months by name, month first",
    "AAPL-1d.csv",
    "AAPL 1d",
    table("1d", "Date,Open,High,Low,Close,Volume", (b) => `"${b.month} ${b.d}, ${b.y}",${b.ohlcv}`),
    utc,
  ),
  layout(
    "months by name, day first",
    "AAPL-1d.csv",
    "AAPL 1d",
    table("1d", "Date,Open,High,Low,Close,Volume", (b) => `${b.d}-${b.month}-${b.y},${b.ohlcv}`),
    utc,
  ),
  layout(
    "times as mails have them",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table(
      "1h",
      "Date,Open,High,Low,Close,Volume",
      (b) => `"${b.weekday}, ${b.d} ${b.month} ${b.y} ${b.clock} GMT",${b.ohlcv}`,
    ),
  ),
];
