import { gzipSync } from "node:zlib";
import { type Layout, layout, newestFirst, separatedBy, table } from "./table.ts";

const utc = { remarks: ["utc"] };
const HEADER = "open_time,open,high,low,close,volume";
const ISO = table("1h", HEADER, (b) => `${b.y}-${b.mo}-${b.d}T${b.clock}Z,${b.ohlcv}`);
const LINES = ISO.trimEnd().split("\n");

function lines(...given: readonly (string | undefined)[]): string {
  return `${given.join("\n")}\n`;
}

/** What data frames, databases and scripts write, and what becomes of files. */
export const PROGRAMS: readonly Layout[] = [
  layout(
    "a data frame with its index",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", ",timestamp,open,high,low,close,volume", (b) => `${b.openTime / 3_600_000},${b.openTime},${b.ohlcv}`),
  ),
  layout(
    "a data frame whose index is the time",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", ",Open,High,Low,Close,Volume", (b) => `${b.y}-${b.mo}-${b.d} ${b.clock}+00:00,${b.ohlcv}`),
  ),
  layout(
    "times without a zone",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "datetime,open,high,low,close,volume", (b) => `${b.y}-${b.mo}-${b.d} ${b.clock},${b.ohlcv}`),
    utc,
  ),
  layout(
    "times whose column says UTC",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "Open time (UTC),Open,High,Low,Close,Volume", (b) => `${b.y}-${b.mo}-${b.d} ${b.clock},${b.ohlcv}`),
  ),
  layout(
    "times with UTC behind them",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "time,open,high,low,close,volume", (b) => `${b.y}-${b.mo}-${b.d} ${b.clock} UTC,${b.ohlcv}`),
  ),
  layout(
    "times with µs",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "time,open,high,low,close,volume", (b) => `${b.y}-${b.mo}-${b.d}T${b.clock}.000000Z,${b.ohlcv}`),
  ),
  layout(
    "times to the minute",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "time,open,high,low,close,volume", (b) => `${b.y}-${b.mo}-${b.d} ${b.clock.slice(0, 5)},${b.ohlcv}`),
    utc,
  ),
  layout(
    "times in s",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "unix_timestamp,open,high,low,close,volume", (b) => `${b.openTime / 1000},${b.ohlcv}`),
  ),
  layout(
    "times in ms, named so",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "open_time_ms,open,high,low,close,volume", (b) => `${b.openTime},${b.ohlcv}`),
  ),
  layout(
    "times in µs",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "timestamp,open,high,low,close,volume", (b) => `${b.openTime}000,${b.ohlcv}`),
  ),
  layout(
    "times in ns",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "timestamp,open,high,low,close,volume", (b) => `${b.openTime}000000,${b.ohlcv}`),
  ),
  layout(
    "ms as doubles",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "timestamp,open,high,low,close,volume", (b) => `${b.openTime}.0,${b.ohlcv}`),
  ),
  layout(
    "s as doubles",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "timestamp,open,high,low,close,volume", (b) => `${b.openTime / 1000}.0,${b.ohlcv}`),
  ),
  layout(
    "ms and µs in one file, as of dumps put behind each other",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "timestamp,open,high,low,close,volume", (b) => `${b.openTime}${b.mo === "02" ? "000" : ""},${b.ohlcv}`),
  ),
  layout(
    "compact times of 14 digits",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table(
      "1h",
      "time,open,high,low,close,volume",
      (b) => `${b.y}${b.mo}${b.d}${b.clock.replaceAll(":", "")},${b.ohlcv}`,
    ),
    utc,
  ),
  layout(
    "compact times of 12 digits",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table(
      "1h",
      "time,open,high,low,close,volume",
      (b) => `${b.y}${b.mo}${b.d}${b.clock.slice(0, 5).replace(":", "")},${b.ohlcv}`,
    ),
    utc,
  ),
  layout(
    "compact days",
    "AAPL-1d.csv",
    "AAPL 1d",
    table("1d", "date,open,high,low,close,volume", (b) => `${b.y}${b.mo}${b.d},${b.ohlcv}`),
    utc,
  ),
  layout(
    "ISO's basic form",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table(
      "1h",
      "time,open,high,low,close,volume",
      (b) => `${b.y}${b.mo}${b.d}T${b.clock.replaceAll(":", "")}Z,${b.ohlcv}`,
    ),
  ),
  layout(
    "date and time apart",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table(
      "1h",
      "Date,Time,Open,High,Low,Close,Volume",
      (b) => `${b.y}-${b.mo}-${b.d},${b.clock.slice(0, 5)},${b.ohlcv}`,
    ),
    utc,
  ),
  layout(
    "time before date",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "Open,High,Low,Close,Volume,Time,Date", (b) => `${b.ohlcv},${b.clock},${b.y}-${b.mo}-${b.d}`),
    utc,
  ),
  layout(
    "a date for people beside a time in ms",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table("1h", "date,time,open,high,low,close,volume", (b) => `${b.month} ${b.d},${b.openTime},${b.ohlcv}`),
  ),
  layout("semicolons", "BTCUSDT-1h.csv", "BTCUSDT 1h", separatedBy(";", ISO)),
  layout("tabs", "BTCUSDT-1h.tsv", "BTCUSDT 1h", separatedBy("\t", ISO)),
  layout("bars between the values", "BTCUSDT-1h.csv", "BTCUSDT 1h", separatedBy("|", ISO)),
  layout("blanks behind the commas", "BTCUSDT-1h.csv", "BTCUSDT 1h", separatedBy(", ", ISO)),
  layout("all values quoted", "BTCUSDT-1h.csv", "BTCUSDT 1h", ISO.replace(/[^,\n]+/g, '"$&"')),
  layout("CRLF and a byte-order mark", "BTCUSDT-1h.csv", "BTCUSDT 1h", `\uFEFF${ISO.replaceAll("\n", "\r\n")}`),
  layout(
    "no line end behind the last row, blank lines between",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    ISO.replaceAll("\n", "\n\n").trimEnd(),
  ),
  layout("capitals in the extension", "BTCUSDT-1H.CSV", "BTCUSDT 1h", ISO),
  layout(
    "columns in another order with others between",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    table(
      "1h",
      "volume,trades,close,low,high,open,note,time",
      (b) => `${b.volume},9,${b.close},${b.low},${b.high},${b.open},"a, b",${b.openTime}`,
    ),
  ),
  layout("newest first", "BTCUSDT-1h.csv", "BTCUSDT 1h", newestFirst(ISO)),
  layout("no order at all", "BTCUSDT-1h.csv", "BTCUSDT 1h", lines(LINES[0], LINES[3], LINES[1], LINES[4], LINES[2])),
  layout(
    "the header again in the middle",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    lines(...LINES.slice(0, 3), ...LINES.slice(0, 1), ...LINES.slice(3)),
  ),
  layout("a comment before the header", "BTCUSDT-1h.csv", "BTCUSDT 1h", `# exported by hand\n${ISO}`, {
    remarks: ["before_header"],
  }),
  layout(
    "no volume",
    "EURUSD-1h.csv",
    "EURUSD 1h",
    table("1h", "time,open,high,low,close", (b) => `${b.openTime},${b.ohlc}`),
    { volume: 0, remarks: ["no_volume"] },
  ),
  layout(
    "no header and no volume",
    "EURUSD-1h.csv",
    "EURUSD 1h",
    table("1h", undefined, (b) => `${b.openTime},${b.ohlc}`),
    { volume: 0, remarks: ["no_volume"] },
  ),
  layout(
    "rows of hours without a trade",
    "BTCUSDT-1h.csv",
    "BTCUSDT 1h",
    `${ISO}2024-02-01T02:00:00Z,NaN,NaN,NaN,NaN,0\n2024-02-01T03:00:00Z,,,,,\n`,
    { remarks: ["no_bar"] },
  ),
  layout(
    "the symbol in a column",
    "export.csv",
    "BTC/USDT 1h",
    table("1h", "symbol,interval,time,open,high,low,close,volume", (b) => `BTC/USDT,1h,${b.openTime},${b.ohlcv}`),
  ),
  {
    name: "several symbols in one file",
    files: {
      "all.csv": table(
        "1h",
        "time,symbol,open,high,low,close,volume",
        (b) => `${b.openTime},BTCUSDT,${b.ohlcv}\n${b.openTime},ETHUSDT,${b.ohlcv}`,
      ),
    },
    series: ["BTCUSDT 1h", "ETHUSDT 1h"],
    remarks: ["distance"],
  },
  {
    name: "a file a month",
    files: {
      "BTCUSDT-1h-2024-01.csv": lines(...LINES.slice(0, 3)),
      "BTCUSDT-1h-2024-02.csv": lines(...LINES.slice(0, 1), ...LINES.slice(3)),
    },
    series: ["BTCUSDT 1h"],
  },
  {
    name: "files that overlap and agree, in two layouts",
    files: {
      "BTCUSDT-1h-2024-01.csv": lines(...LINES.slice(0, 4)),
      "BTCUSDT_1h.tsv.gz": gzipSync(separatedBy("\t", newestFirst(ISO))),
    },
    series: ["BTCUSDT 1h"],
  },
];
