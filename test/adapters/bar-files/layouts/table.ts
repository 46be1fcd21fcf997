import type { Bar } from "../../../../src/domain/bar.ts";
import { type Timeframe, timeframeMs } from "../../../../src/domain/timeframe.ts";

/** Over the end of a month, so that a day above 12 is among them. */
const START: Readonly<Partial<Record<Timeframe, number>>> = {
  "1m": Date.UTC(2024, 0, 31, 22),
  "1h": Date.UTC(2024, 0, 31, 22),
  "1d": Date.UTC(2024, 0, 29),
};

const NUMBERS: readonly (readonly [number, number, number, number, number])[] = [
  [42569.1, 42650, 42500.5, 42610.25, 12.5],
  [42610.25, 42700, 42600, 42688, 7],
  [42688, 42690.75, 42400, 42410, 31.125],
  [42410, 42480, 42380.5, 42470.5, 0.75],
];

/** The bars that every layout writes in its own way. */
export function barsOf(timeframe: Timeframe): readonly Bar[] {
  return NUMBERS.map(([open, high, low, close, volume], i) => ({
    ...{ openTime: (START[timeframe] ?? Number.NaN) + i * timeframeMs(timeframe), open, high, low, close, volume },
  }));
}

/** A bar with its open time in pieces, for people's ways to write it. */
export interface Written extends Bar {
  /** 2024 */
  readonly y: string;
  readonly mo: string;
  readonly d: string;
  /** 22:00:00 */
  readonly clock: string;
  /** Jan */
  readonly month: string;
  readonly weekday: string;
  /** 10:00:00 PM */
  readonly half: string;
  /** `open,high,low,close` and `open,high,low,close,volume` */
  readonly ohlc: string;
  readonly ohlcv: string;
}

function written(bar: Bar): Written {
  const [date = "", clock = ""] = new Date(bar.openTime).toISOString().slice(0, 19).split("T");
  const [y = "", mo = "", d = ""] = date.split("-");
  const [weekday = "", , month = ""] = new Date(bar.openTime).toUTCString().replace(",", "").split(" ");
  const hour = Number(clock.slice(0, 2));
  const half = `${hour % 12 || 12}${clock.slice(2)} ${hour < 12 ? "AM" : "PM"}`;
  const ohlc = [bar.open, bar.high, bar.low, bar.close].join(",");
  return { ...bar, y, mo, d, clock, month, weekday, half, ohlc, ohlcv: `${ohlc},${bar.volume}` };
}

/** The text of a table: a header where one is given, and a line for each bar. */
export function table(timeframe: Timeframe, header: string | undefined, row: (bar: Written) => string): string {
  const lines = barsOf(timeframe).map(written).map(row);
  return `${[...(header === undefined ? [] : [header]), ...lines].join("\n")}\n`;
}

/** The lines below the header in the other order. */
export function newestFirst(text: string, headers = 1): string {
  const lines = text.trimEnd().split("\n");
  return `${[...lines.slice(0, headers), ...lines.slice(headers).reverse()].join("\n")}\n`;
}

/** With another mark between the values. */
export function separatedBy(separator: string, text: string): string {
  return text.replaceAll(",", separator);
}

/** `42.569,1`, or `42569,1` without groups. */
export function germanNumber(value: number, hasGroups: boolean): string {
  const [whole = "", fraction = "0"] = String(value).split(".");
  const groups = hasGroups ? whole.replace(/\B(?=(\d{3})+$)/g, ".") : whole;
  return `${groups},${fraction}`;
}

/** `42,569.10` */
export function groupedNumber(value: number): string {
  return value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 3 });
}

export interface Layout {
  readonly name: string;
  /** By name; a text, or bytes. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** `SYMBOL TIMEFRAME`, of each series that is to be found. */
  readonly series: readonly string[];
  readonly volume?: 0;
  /** What is said of the reading besides. */
  readonly remarks?: readonly string[];
}

export function layout(
  name: string,
  file: string,
  series: string,
  text: string | Uint8Array,
  more: Partial<Layout> = {},
): Layout {
  return { name, files: { [file]: text }, series: [series], ...more };
}
