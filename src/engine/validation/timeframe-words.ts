import { TIMEFRAMES, type Timeframe, timeframeMs } from "../../domain/timeframe.ts";

const UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    "s sec secs second seconds": 1_000,
    "m min mins minute minutes": 60_000,
    "h hr hrs hour hours": 3_600_000,
    "d day days": 86_400_000,
  }).flatMap(([names, ms]) => names.split(" ").map((name) => [name, ms] as const)),
);

const WORDS: Readonly<Record<string, Timeframe>> = { hourly: "1h", daily: "1d" };

/** The timeframe that a text of another notation means: "60m", "1H", "4 hours", "M15". Minutes where it gives no unit. */
export function timeframeMeant(text: string): Timeframe | undefined {
  // Venues write a month so.
  if (text.length > 20 || /^\d+M$/.test(text)) {
    return undefined;
  }
  const plain = text.toLowerCase().replaceAll(/[\s_-]/g, "");
  if (Object.hasOwn(WORDS, plain)) {
    return WORDS[plain];
  }
  const before = /^(\d{1,6})([a-z]*)$/.exec(plain);
  const after = /^([a-z]+)(\d{1,6})$/.exec(plain);
  const [count, unit] = before ? [before[1], before[2] || "m"] : after ? [after[2], after[1]] : [];
  const ms = Number(count) * (UNITS.get(unit ?? "") ?? Number.NaN);
  return TIMEFRAMES.find((each) => timeframeMs(each) === ms);
}
