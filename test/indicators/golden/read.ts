import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Bar } from "../../../src/domain/bar.ts";
import { GOLDEN_SERIES, readBars } from "../series.ts";

/** Series that were made to divide by nothing: see write.py. */
const MADE_SERIES = ["constant", "no-volume", "ties", "gaps"] as const;

/** The series that every group of golden values has. */
export const GROUP_SERIES = [...GOLDEN_SERIES, ...MADE_SERIES] as const;

const ROWS = 400;

/** The bars that the golden values of a group are of. */
export function groupBars(series: (typeof GROUP_SERIES)[number]): readonly Bar[] {
  return isMade(series)
    ? readColumns("bars", series).map(([openTime = 0, open = 0, high = 0, low = 0, close = 0, volume = 0]) => ({
        openTime,
        open,
        high,
        low,
        close,
        volume,
      }))
    : readBars(series, ROWS);
}

function isMade(series: string): boolean {
  return (MADE_SERIES as readonly string[]).includes(series);
}

/**
 * Expected values by canonical name, one a bar; NaN where undefined, infinite where not compared.
 */
export function readGroup(group: string, series: string): ReadonlyMap<string, readonly number[]> {
  const [header = ""] = text(group, series).split("\n");
  const rows = readColumns(group, series);
  return new Map(header.split(",").map((name, column) => [name, rows.map((row) => row[column] ?? Number.NaN)]));
}

function readColumns(folder: string, series: string): readonly (readonly number[])[] {
  return text(folder, series)
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",").map((cell) => numberIn(cell)));
}

function numberIn(cell: string): number {
  if (cell === "inf") {
    return Number.POSITIVE_INFINITY;
  }
  return cell === "" ? Number.NaN : Number(cell);
}

function text(folder: string, series: string): string {
  return gunzipSync(readFileSync(join(import.meta.dirname, folder, `${series}.csv.gz`))).toString("utf8");
}
