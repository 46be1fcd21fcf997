import type { BarTable } from "../../domain/bar-table.ts";
import type { Timeframe } from "../../domain/timeframe.ts";

/** A file of bars, or a file inside an archive. Can be read more than once. */
export interface BarSource {
  /** For people: the path, and behind it the name inside the archive. */
  readonly file: string;
  /** The names that may say symbol and timeframe, the most telling one first; without folders. */
  readonly names: readonly string[];
  open(): AsyncIterable<Uint8Array>;
}

/** What is wrong with a row, or with the whole file where there is no line. */
export interface BarFault {
  readonly file: string;
  readonly line?: number;
  /** What was seen, and what to do. */
  readonly text: string;
}

/**
 * The bars of one series in one file, in the order of the file. Each is valid (R3) and on the grid
 * (R1).
 */
export interface FileRows {
  readonly file: string;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly bars: BarTable;
  /** The line of each bar, from 1. */
  readonly lines: Uint32Array;
}

/** What was made of a file beyond its text: for people, once for all files that need the same. */
export interface Remark {
  readonly kind: "utc" | "no_volume" | "no_bar" | "distance" | "before_header";
  readonly text: string;
}

/** What came of one file. */
export interface Reading {
  readonly file: string;
  /** By symbol; rows that have a fault are left out. */
  readonly rows: readonly FileRows[];
  /** The first ones, at most as many as were asked for. */
  readonly faults: readonly BarFault[];
  /** How many there are in all. */
  readonly faultCount: number;
  readonly remarks: readonly Remark[];
  /** Why nothing was read of it, where it is another kind of file. */
  readonly leftOut?: string;
}

export function faultText({ file, line, text }: BarFault): string {
  return line === undefined ? `${file}: ${text}` : `${file} line ${line}: ${text}`;
}
