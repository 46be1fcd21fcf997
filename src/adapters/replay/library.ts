import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BarTable } from "../../domain/bar-table.ts";
import { errorText, RuntimeError } from "../../domain/errors.ts";
import { isSymbol } from "../../domain/symbol.ts";
import { isTimeframe, type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import { parseBars } from "./csv.ts";

/** The bars of one file. */
export interface Recording {
  readonly timeframe: Timeframe;
  readonly bars: BarTable;
}

/** What a folder holds of one symbol: at least one recording, short timeframes first. */
export type Recordings = readonly [Recording, ...Recording[]];

/** `[start, end)` of a symbol's bars, ms. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads all `SYMBOL-TIMEFRAME.csv` of a folder, by symbol in order of name. Other kinds of files
 * are left alone. Fails with `invalid` where a CSV file is not named so, is broken (see parseBars),
 * or there is none.
 */
export async function loadLibrary(dir: string): Promise<ReadonlyMap<string, Recordings>> {
  const library = new Map<string, Recordings>();
  for (const file of await csvFiles(dir)) {
    const { symbol, timeframe } = recordingNamed(file);
    if (!isSymbol(symbol) || !isTimeframe(timeframe)) {
      throw new RuntimeError(
        "invalid",
        `${join(dir, file)} is not named SYMBOL-TIMEFRAME.csv, such as BTCUSD-30m.csv; rename or remove it`,
      );
    }
    if (library.get(symbol)?.some((known) => known.timeframe === timeframe)) {
      throw new RuntimeError(
        "invalid",
        `${dir} has ${symbol}-${timeframe}.csv twice, with letters written in two ways; remove one`,
      );
    }
    const bars = parseBars(await readFile(join(dir, file), "utf8"), join(dir, file), timeframe);
    const recordings = [...(library.get(symbol) ?? []), { timeframe, bars }];
    recordings.sort((a, b) => timeframeMs(a.timeframe) - timeframeMs(b.timeframe));
    library.set(symbol, recordings as unknown as Recordings);
  }
  return library;
}

/**
 * What a file's name says, as it is written there. Some file systems keep letters in parts: R42's
 * form is made here.
 */
export function recordingNamed(file: string): { readonly symbol: string; readonly timeframe: string } {
  const [, symbol = "", timeframe = ""] = /^(.*)-([^-]*)\.csv$/s.exec(file.normalize("NFC")) ?? [];
  return { symbol, timeframe };
}

async function csvFiles(dir: string): Promise<readonly string[]> {
  let names: readonly string[];
  try {
    names = await readdir(dir);
  } catch (cause) {
    throw new RuntimeError("invalid", `the folder to replay cannot be read: ${errorText(cause)}`, { cause });
  }
  const files = names.filter((name) => name.endsWith(".csv")).sort();
  if (files.length === 0) {
    throw new RuntimeError("invalid", `${dir} has nothing to replay: put SYMBOL-TIMEFRAME.csv files there`);
  }
  return files;
}

export function spanOf(recordings: Recordings): Span {
  const starts = recordings.map(({ bars }) => bars.openTime(0));
  const ends = recordings.map(({ timeframe, bars }) => bars.openTime(bars.length - 1) + timeframeMs(timeframe));
  return { start: Math.min(...starts), end: Math.max(...ends) };
}
