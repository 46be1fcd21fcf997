import type { EpochUnit } from "./times.ts";

/** Where the values of a bar stand in a row. */
export interface Columns {
  readonly time: number;
  /** The time of day, where it has a column of its own. */
  readonly clock?: number;
  /** What the name of the time column says of its numbers. */
  readonly unit?: EpochUnit;
  /** Whether the name says that times are UTC. */
  readonly isUtc: boolean;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Absent where nothing is known of it. */
  readonly volume?: number;
  readonly symbol?: number;
  readonly timeframe?: number;
}

/** Why a row of names is no header of bars; `isNear`: it is one that lacks something. */
export interface NoColumns {
  readonly fault: string;
  readonly isNear: boolean;
}

/** Names without blanks and marks. The first line wins over those below it. */
const OPEN_TIMES: readonly (readonly string[])[] = [
  // CoinAPI has the time of the first trade in "time_open" besides.
  ["timeperiodstart"],
  [
    ["opentime", "timeopen", "openedat", "opentimestamp", "opendatetime", "opendate", "starttime", "timestart"],
    ["startedat", "start", "begin", "periodstart", "candlestart", "barstart", "windowstart", "from"],
  ].flat(),
  ["unix", "unixtime", "unixtimestamp", "epoch", "epochtime", "mts"],
  ["datetime", "timestamp", "ts", "gmttime", "localtime", "candletime", "bartime", "datetimestamp"],
  ["date", "day", "time", "t", "dt", "tradedate", "tradingday"],
];
const CLOSE_TIMES = [
  "closetime",
  "timeclose",
  "closedat",
  "closetimestamp",
  "endtime",
  "timeend",
  "timeperiodend",
  "end",
];
const UNNAMED = ["", "unnamed0"];
const OPEN = ["open", "o", "openprice", "priceopen"];
const HIGH = ["high", "h", "highprice", "pricehigh", "max"];
const LOW = ["low", "l", "lowprice", "pricelow", "min"];
const CLOSE: readonly (readonly string[])[] = [
  ["close", "c", "closeprice", "priceclose"],
  ["closelast", "last", "price"],
];
const VOLUME: readonly (readonly string[])[] = [
  ["volume", "basevolume", "volumebase", "baseassetvolume", "volumetraded", "tradevolume"],
  ["vol", "v"],
  ["tickvol", "tickvolume"],
];
const SYMBOL = ["symbol", "ticker", "pair", "instrument", "tic", "productid", "symbolid"];
const TIMEFRAME = ["interval", "timeframe", "tf", "per", "period", "granularity", "resolution"];

interface Name {
  readonly plain: string;
  readonly words: readonly string[];
  readonly unit?: EpochUnit;
  readonly isUtc: boolean;
}

const UNIT_WORDS: Readonly<Record<string, EpochUnit>> = {
  s: "s",
  sec: "s",
  seconds: "s",
  ms: "ms",
  msec: "ms",
  millis: "ms",
  milliseconds: "ms",
  us: "us",
  micros: "us",
  microseconds: "us",
  ns: "ns",
  nanos: "ns",
  nanoseconds: "ns",
};

/** "Open time (UTC)", "openTime", "<DATE>", "open_time_ms". */
function nameOf(cell: string): Name {
  const spaced = cell.normalize("NFC").replace(/([a-z])([A-Z])/g, "$1 $2");
  const words = spaced
    .toLowerCase()
    .split(/[^\p{L}\p{Nd}]+/u)
    .filter((word) => word !== "");
  const utc = words.length > 1 && ["utc", "gmt"].includes(words.at(-1) ?? "") ? words.pop() : undefined;
  const last = words.at(-1) ?? "";
  const unit = words.length > 1 && Object.hasOwn(UNIT_WORDS, last) ? UNIT_WORDS[last] : undefined;
  const named = unit === undefined ? words : words.slice(0, -1);
  const plain = named.join("");
  return { plain, words, ...(unit && { unit }), isUtc: utc !== undefined || plain === "gmttime" };
}

/**
 * The columns of a header, whatever their order and whatever else there is. `symbol`: of the file,
 * where it is known: "Volume BTC" is in units of the base of BTCUSDT, "Volume USDT" is not.
 */
export function columnsOf(cells: readonly string[], symbol: string | undefined): Columns | NoColumns {
  const names = cells.map(nameOf);
  const places = (wanted: readonly string[]) =>
    wanted.flatMap((name) => names.flatMap(({ plain }, at) => (plain === name ? [at] : [])));
  const first = (groups: readonly (readonly string[])[]) => groups.map(places).find((found) => found.length > 0) ?? [];
  const prices = { open: places(OPEN), high: places(HIGH), low: places(LOW), close: first(CLOSE) };
  const times = [...OPEN_TIMES, UNNAMED].map((wanted) => places(wanted)).find((found) => found.length > 0) ?? [];
  const found = { time: times, ...prices };
  const missing = Object.entries(found).flatMap(([what, at]) => (at.length === 0 ? [what] : []));
  const isNear = missing.length <= 2 && prices.open.length + prices.close.length > 0;
  if (missing.length > 0) {
    return { isNear, fault: missingText(missing, places(CLOSE_TIMES).length > 0) };
  }
  const sameName = (at: readonly number[]) => at.filter((one) => names[one]?.plain === names[at[0] ?? 0]?.plain);
  const read = { time: sameName(times), ...prices, volume: sameName(first(VOLUME)) };
  const twice = Object.entries(read).find(([, at]) => at.length > 1);
  if (twice !== undefined) {
    return { isNear, fault: `has ${twice[1].length} columns for ${twice[0]}; rename all but one` };
  }
  const volume = volumeOf(names, first(VOLUME), symbol);
  if (typeof volume === "string") {
    return { isNear, fault: volume };
  }
  const time = times[0] ?? 0;
  const clock = clockOf(names, time);
  const [symbolAt] = places(SYMBOL);
  const [timeframeAt] = places(TIMEFRAME);
  const { unit, isUtc = false } = names[time] ?? {};
  const [open = 0, high = 0, low = 0, close = 0] = Object.values(prices).flat();
  return {
    ...{ time, isUtc, open, high, low, close },
    ...(unit && { unit }),
    ...(clock !== undefined && { clock }),
    ...(volume !== undefined && { volume }),
    ...(symbolAt !== undefined && { symbol: symbolAt }),
    ...(timeframeAt !== undefined && { timeframe: timeframeAt }),
  };
}

export function isColumns(columns: Columns | NoColumns): columns is Columns {
  return !("fault" in columns);
}

function missingText(missing: readonly string[], hasCloseTime: boolean): string {
  const text = `lacks a column for ${missing.join(", ")}`;
  return hasCloseTime && missing.includes("time")
    ? `${text}: bars are placed by the time at which they open, and it only has the one at which they close`
    : `${text}; columns have names such as open_time, open, high, low, close, volume, in any order`;
}

/**
 * The time of day beside a date: "time" with numbers of an epoch in it is found by its values
 * later.
 */
function clockOf(names: readonly Name[], time: number): number | undefined {
  const plain = names[time]?.plain;
  const at = plain === "date" ? names.findIndex((name) => name.plain === "time") : -1;
  return at < 0 ? undefined : at;
}

/** The volume in units of the base; a text where there are some, and none is surely that. */
function volumeOf(
  names: readonly Name[],
  plain: readonly number[],
  symbol: string | undefined,
): number | undefined | string {
  if (plain[0] !== undefined) {
    return plain[0];
  }
  const of = names.flatMap(({ words }, at) =>
    words[0] === "volume" && words.length === 2 ? [{ unit: words[1] ?? "", at }] : [],
  );
  const [only] = of.filter(({ unit }) => symbol?.toLowerCase().startsWith(unit));
  if (of.length === 0 || only !== undefined) {
    return only?.at;
  }
  const shown = of.map(({ unit }) => `"volume ${unit}"`).join(" and ");
  return `has ${shown}, and volume counts units of what is traded; name the column of that "volume"`;
}

/** The order of columns without a header; undefined where their number may mean several things. */
export function usualColumns(count: number, hasClock: boolean): Columns | undefined {
  if (hasClock) {
    return count === 7 ? { time: 0, clock: 1, isUtc: false, open: 2, high: 3, low: 4, close: 5, volume: 6 } : undefined;
  }
  const prices = { time: 0, isUtc: false, open: 1, high: 2, low: 3, close: 4 };
  if (count === 5) {
    return prices;
  }
  return [6, 7, 12].includes(count) ? { ...prices, volume: 5 } : undefined;
}
