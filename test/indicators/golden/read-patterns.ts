import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Bar } from "../../../src/domain/bar.ts";
import { GOLDEN_SERIES, readBars } from "../series.ts";

const REAL_ROWS = 1_500;

/** The bars that golden values of candle patterns are of, by series: see write_patterns.py. */
export function patternSeries(): ReadonlyMap<string, readonly Bar[]> {
  const rich = text("bars.csv.gz")
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => pricesOf(line.split(",").map(Number)));
  const some = rich.slice(0, 600);
  const made: readonly (readonly [string, readonly Prices[]])[] = [
    ["rich", rich],
    ["cents", rich.map(([open, high, low, close]) => [open / 100, high / 100, low / 100, close / 100])],
    ["constant", Array.from({ length: 60 }, () => [500, 500, 500, 500])],
    ["no-range", some.map(([, , , close]) => [close, close, close, close])],
    ["no-bodies", some.map(([, high, low, close]) => [close, high, low, close])],
    ["bodies-only", some.map(([open, , , close]) => [open, Math.max(open, close), Math.min(open, close), close])],
  ];
  return new Map([
    ...GOLDEN_SERIES.map((name) => [name, readBars(name, REAL_ROWS)] as const),
    ...made.map(([name, prices]) => [name, prices.map(barOf)] as const),
  ]);
}

type Prices = readonly [open: number, high: number, low: number, close: number];

function pricesOf([open = 0, high = 0, low = 0, close = 0]: readonly number[]): Prices {
  return [open, high, low, close];
}

function barOf([open, high, low, close]: Prices, index: number): Bar {
  return { openTime: index * 3_600_000, open, high, low, close, volume: 1 };
}

/** TA-Lib's values by canonical name, of the rows where they are not 0. */
export function readPatterns(series: string): ReadonlyMap<string, ReadonlyMap<number, number>> {
  return new Map(
    text(`${series}.txt.gz`)
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([name = "", ...firings]) => [name, new Map(firings.map(firingOf))]),
  );
}

function firingOf(text: string): readonly [row: number, value: number] {
  const [row = 0, value = 0] = text.split(":").map(Number);
  return [row, value];
}

function text(file: string): string {
  return gunzipSync(readFileSync(join(import.meta.dirname, "patterns", file))).toString("utf8");
}
