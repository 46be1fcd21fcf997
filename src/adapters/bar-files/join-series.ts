import { type Bar, sameBar } from "../../domain/bar.ts";
import { BarTable } from "../../domain/bar-table.ts";
import { type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import type { FileRows } from "./reading.ts";

/** The bars of one series, from all files that have some: in order, each once (R4). */
export interface JoinedSeries {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly bars: BarTable;
  readonly files: readonly string[];
  /** Bars that were there again, equal to the digit. */
  readonly repeated: number;
}

/** Two bars of one open time that are not equal. */
export interface Contradiction {
  readonly text: string;
}

/** Joins the rows of files by series; symbols by name, short timeframes first. */
export function joinSeries(rows: readonly FileRows[]): readonly (JoinedSeries | Contradiction)[] {
  const bySeries = Map.groupBy(rows, ({ symbol, timeframe }) => `${symbol} ${timeframe}`);
  return [...bySeries.values()]
    .map((parts) => joined(parts as [FileRows, ...FileRows[]]))
    .sort((a, b) => ("text" in a || "text" in b ? 0 : bySymbolAndLength(a, b)));
}

function bySymbolAndLength(a: JoinedSeries, b: JoinedSeries): number {
  const bySymbol = a.symbol < b.symbol ? -1 : Number(a.symbol > b.symbol);
  return bySymbol || timeframeMs(a.timeframe) - timeframeMs(b.timeframe);
}

function joined(parts: readonly [FileRows, ...FileRows[]]): JoinedSeries | Contradiction {
  const [{ symbol, timeframe, bars: first }] = parts;
  const files = parts.map(({ file }) => file);
  const rows = new NumberedRows(parts);
  const order = rows.byTime();
  if (order === undefined && parts.length === 1) {
    return { symbol, timeframe, bars: first, files, repeated: 0 };
  }
  const bars = new BarTable(rows.count);
  let repeated = 0;
  let before = 0;
  for (let i = 0; i < rows.count; i++) {
    const at = order?.[i] ?? i;
    const bar = rows.bar(at);
    if (bars.openTime(bars.length - 1) !== bar.openTime) {
      bars.add(bar);
      before = at;
    } else if (sameBar(rows.bar(before), bar)) {
      repeated++;
    } else {
      const both = `${rows.place(before)} and ${rows.place(at)}`;
      const time = new Date(bar.openTime).toISOString();
      return { text: `${both} have different bars of ${symbol} ${timeframe} at ${time}; remove one of the two` };
    }
  }
  return { symbol, timeframe, bars, files, repeated };
}

/** The rows of several files under one number each: those of the first file first. */
class NumberedRows {
  readonly count: number;
  readonly #parts: readonly FileRows[];
  readonly #starts: readonly number[];

  constructor(parts: readonly FileRows[]) {
    const starts: number[] = [];
    let count = 0;
    for (const { bars } of parts) {
      starts.push(count);
      count += bars.length;
    }
    this.#parts = parts;
    this.#starts = starts;
    this.count = count;
  }

  /** The numbers by open time; undefined where they are in order already, each time once. */
  byTime(): Uint32Array | undefined {
    const times = new Float64Array(this.count);
    let isInOrder = true;
    for (const [n, { bars }] of this.#parts.entries()) {
      for (let i = 0, at = this.#starts[n] as number; i < bars.length; i++, at++) {
        times[at] = bars.openTime(i);
        isInOrder &&= at === 0 || (times[at - 1] as number) < (times[at] as number);
      }
    }
    const numbers = Uint32Array.from(times, (_, at) => at);
    return isInOrder ? undefined : numbers.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
  }

  bar(at: number): Bar {
    const [{ bars }, i] = this.#find(at);
    return bars.bar(i) as Bar;
  }

  /** For people. */
  place(at: number): string {
    const [{ file, lines }, i] = this.#find(at);
    return `${file} line ${lines[i]}`;
  }

  #find(at: number): readonly [FileRows, number] {
    let part = this.#parts.length - 1;
    while ((this.#starts[part] as number) > at) {
      part--;
    }
    return [this.#parts[part] as FileRows, at - (this.#starts[part] as number)];
  }
}
