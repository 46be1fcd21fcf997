import type { BarTable } from "../../domain/bar-table.ts";
import { RuntimeError } from "../../domain/errors.ts";
import { type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import { barFolder, type SkippedFile } from "../bar-files/bar-folder.ts";
import { type JoinedSeries, joinSeries } from "../bar-files/join-series.ts";
import { readBars } from "../bar-files/read-bars.ts";
import { type FileRows, faultText, type Remark } from "../bar-files/reading.ts";

/** The bars of one series. */
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

export interface Library {
  /** By symbol in order of name. */
  readonly recordings: ReadonlyMap<string, Recordings>;
  readonly series: readonly JoinedSeries[];
  readonly skipped: readonly SkippedFile[];
  readonly remarks: readonly Remark[];
}

/**
 * Reads all bars of a folder. Other kinds of files are left out, and named. Fails with `invalid` at
 * the first fault, or where there is no bar: a replay must not guess what a broken row meant.
 * `onFile` hears of each file before it is read.
 */
export async function loadLibrary(
  dir: string,
  onFile: (read: number, all: number) => void = () => {},
): Promise<Library> {
  try {
    return await load(dir, onFile);
  } catch (error) {
    if (error instanceof RuntimeError && error.code === "invalid") {
      throw new RuntimeError("invalid", `REPLAY_DIR: ${error.message}`, { cause: error.cause });
    }
    throw error;
  }
}

async function load(dir: string, onFile: (read: number, all: number) => void): Promise<Library> {
  const { sources, skipped } = await barFolder(dir);
  if (sources.length === 0) {
    throw new RuntimeError("invalid", nothingIn(dir, skipped));
  }
  const rows: FileRows[] = [];
  const leftOut: SkippedFile[] = [...skipped];
  const remarks: Remark[] = [];
  for (const [read, source] of sources.entries()) {
    onFile(read, sources.length);
    const reading = await readBars(source, { mostFaults: 1, stopsAtFault: true });
    const [fault] = reading.faults;
    if (fault !== undefined) {
      throw new RuntimeError("invalid", faultText(fault));
    }
    if (reading.leftOut !== undefined) {
      leftOut.push({ file: reading.file, reason: reading.leftOut });
    }
    rows.push(...reading.rows);
    remarks.push(...reading.remarks);
  }
  if (rows.length === 0) {
    throw new RuntimeError("invalid", nothingIn(dir, leftOut));
  }
  const series: JoinedSeries[] = [];
  for (const joined of joinSeries(rows)) {
    if ("text" in joined) {
      throw new RuntimeError("invalid", joined.text);
    }
    series.push(joined);
  }
  const recordings = Map.groupBy(series, ({ symbol }) => symbol) as Map<string, readonly JoinedSeries[]>;
  return { recordings: recordings as unknown as ReadonlyMap<string, Recordings>, series, skipped: leftOut, remarks };
}

function nothingIn(dir: string, skipped: readonly SkippedFile[]): string {
  const what = `${dir} has nothing to replay: put files of bars there, such as BTCUSDT-1h.csv`;
  const [first] = skipped;
  return first === undefined ? what : `${what}; left out: ${skipped.length}, such as ${first.file}: ${first.reason}`;
}

export function spanOf(recordings: Recordings): Span {
  const starts = recordings.map(({ bars }) => bars.openTime(0));
  const ends = recordings.map(({ timeframe, bars }) => bars.openTime(bars.length - 1) + timeframeMs(timeframe));
  return { start: Math.min(...starts), end: Math.max(...ends) };
}
