import { TIMEFRAMES, type Timeframe, timeframeMs } from "./timeframe.ts";

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Venues and charts write months with a capital. */
const MONTHS = /^(1|3|6|12)M$/;

const UNIT_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^(s|sec|secs|second|seconds)$/, "s"],
  [/^(m|min|mins|minute|minutes)$/, "m"],
  [/^(h|hr|hrs|hour|hours)$/, "h"],
  [/^(d|day|days)$/, "d"],
];

const SINGLE_WORDS: Readonly<Record<string, Timeframe>> = {
  minutely: "1m",
  hourly: "1h",
  daily: "1d",
  minute: "1m",
  minutes: "1m",
  hour: "1h",
  hours: "1h",
  day: "1d",
  days: "1d",
  h: "1h",
  d: "1d",
};

/**
 * The timeframe that another way of writing stands for: "1H", "60m", "60 min", "H4", "4-hour",
 * "daily", "PT1H", and "240" as TradingView writes minutes. Undefined where there is none of that
 * length, and for months ("1M").
 */
export function timeframeMeant(text: string): Timeframe | undefined {
  const trimmed = text.trim();
  if (MONTHS.test(trimmed)) {
    return undefined;
  }
  const plain = trimmed.toLowerCase().replace(/^pt?(?=\d)/, "");
  const single = Object.hasOwn(SINGLE_WORDS, plain) ? SINGLE_WORDS[plain] : undefined;
  if (single !== undefined) {
    return single;
  }
  const [, count = "", unit = ""] =
    /^(\d{1,5})[\s_-]*([a-z]*)$/.exec(plain) ?? swapped(/^([a-z]+)[\s_-]*(\d{1,5})$/.exec(plain)) ?? [];
  const known = unit === "" ? "m" : UNIT_WORDS.find(([words]) => words.test(unit))?.[1];
  const length = Number(count) * (UNITS_MS[known ?? ""] ?? Number.NaN);
  return TIMEFRAMES.find((timeframe) => timeframeMs(timeframe) === length);
}

/** "H4" and "M15", as MetaTrader writes them. */
function swapped(match: readonly string[] | null): readonly string[] | undefined {
  return match === null ? undefined : ["", match[2] ?? "", match[1] ?? ""];
}
