import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Bar } from "../../src/domain/bar.ts";
import { parseIndicator } from "../../src/indicators/grammar.ts";
import type { Indicator } from "../../src/indicators/indicator.ts";
import { DEFINITIONS, instantiate, usualParameters } from "../../src/indicators/registry.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The series that have golden values. */
export const GOLDEN_SERIES = ["AAPL-1d", "BTCUSD-30m", "EURUSD-1h"] as const;

/** The first `count` bars of a series of data/. */
export function readBars(series: string, count = Number.POSITIVE_INFINITY): readonly Bar[] {
  return rows(join(ROOT, "data", `${series}.csv`))
    .slice(1, count === Number.POSITIVE_INFINITY ? undefined : count + 1)
    .map(([time = "", ...numbers]) => {
      const [open = 0, high = 0, low = 0, close = 0, volume = 0] = numbers.map(Number);
      return { openTime: Date.parse(time), open, high, low, close, volume };
    });
}

/**
 * Expected values by canonical name, one a bar; NaN where undefined. Computed by TA-Lib: see
 * test/golden/README.md.
 */
export function readGolden(series: string): ReadonlyMap<string, readonly number[]> {
  const [header = [], ...lines] = rows(join(ROOT, "test/golden", `${series}.csv`));
  return new Map(
    header
      .map((name, column): [string, readonly number[]] => [
        name,
        lines.map((line) => (line[column] ? Number(line[column]) : Number.NaN)),
      ])
      .slice(1),
  );
}

/** First defined index and settle length by canonical name. */
export function readSettle(): ReadonlyMap<string, { readonly firstIndex: number; readonly settleBars: number }> {
  return new Map(
    rows(join(ROOT, "test/golden/settle.csv"))
      .slice(1)
      .map(([name = "", first, settle]) => [name, { firstIndex: Number(first), settleBars: Number(settle) }]),
  );
}

function rows(file: string): string[][] {
  return readFileSync(file, "utf8")
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.split(","));
}

/** The indicator of a name that must be a good one. */
export function indicator(name: string): Indicator {
  const parsed = parseIndicator(name);
  if ("fault" in parsed) {
    throw new Error(parsed.fault);
  }
  return parsed.indicator;
}

/** One of every indicator, with the parameters that a name without any has. */
export const USUAL_NAMES: readonly string[] = DEFINITIONS.map(
  (definition) => instantiate(definition, usualParameters(definition)).name,
);

/** Bars out of closes alone, an hour each from 00:00 on; open = high = low = close. */
export function flatBars(closes: readonly number[], volume = 1): readonly Bar[] {
  return closes.map((close, i) => ({ openTime: i * 3_600_000, open: close, high: close, low: close, close, volume }));
}
