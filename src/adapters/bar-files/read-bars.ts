import { errorText } from "../../domain/errors.ts";
import { type DayOrder, orderOf } from "./calendar.ts";
import { type NamedSeries, namedSeries } from "./file-name.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { cellsOf, linesOf } from "./lines.ts";
import type { BarFault, BarSource, FileRows, Reading, Remark } from "./reading.ts";
import { RowReader } from "./row-reader.ts";
import { placed } from "./series-named.ts";

export interface ReadOptions {
  /** So many faults are told; the others are counted. */
  readonly mostFaults: number;
  /** Whether nothing more is read behind the first fault. */
  readonly stopsAtFault?: boolean;
}

/** So many lines say how a file is written. */
const SAMPLE_LINES = 200;

/**
 * Reads the bars of one file, row by row: its text is never in memory as a whole. Rows that are
 * wrong by R1 or R3, or may mean several things, are faults; nothing is guessed. Order and
 * duplicates (R4) are looked at where files are joined. Fails only where the file cannot be read.
 */
export async function readBars(source: BarSource, options: ReadOptions): Promise<Reading> {
  const { file } = source;
  try {
    return await read(source, options);
  } catch (error) {
    // A damaged archive, or a disk that gives up.
    return refused({ file, text: `cannot be read: ${errorText(error)}` });
  }
}

async function read(source: BarSource, options: ReadOptions): Promise<Reading> {
  const { file } = source;
  const named = nameOf(source);
  if (named.strange !== undefined) {
    return refused({
      file,
      text: `its name says bars of ${named.strange}, which is no timeframe here; remove it, or give longer or shorter bars`,
    });
  }
  const sampled = layoutOf(await firstLines(source), named.symbol);
  if ("fault" in sampled) {
    const { fault, line, isNoTable = false } = sampled;
    if (isNoTable && /\.txt(\.gz)?$/i.test(file)) {
      return {
        file,
        rows: [],
        faults: [],
        faultCount: 0,
        remarks: [],
        leftOut: "it is a text without a table of bars",
      };
    }
    return refused({ file, ...(line !== undefined && { line }), text: fault });
  }
  const layout = await withOrder(source, sampled);
  if (layout === undefined) {
    return refused({
      file,
      line: sampled.firstRow + 1,
      text: "dates such as 03/04/2024 may be day/month or month/day, and no row of the file decides it; write 2024-04-03",
    });
  }
  const rows = new RowReader(layout, named.timeframe);
  const faults: BarFault[] = [];
  let faultCount = 0;
  await eachRow(source, layout, (text, line) => {
    const fault = rows.take(text, line);
    if (fault !== undefined) {
      faultCount++;
      if (faults.length < options.mostFaults) {
        faults.push({ file, line, text: fault });
      }
    }
    return fault === undefined || !options.stopsAtFault;
  });
  if (faultCount === 0 && rows.gathered.every(({ bars }) => bars.length === 0)) {
    return refused({ file, text: "there is no bar; add some or remove the file" });
  }
  // What is missing behind a fault would make the distance of rows a wrong one.
  const series = options.stopsAtFault && faultCount > 0 ? [] : placed(file, rows, named);
  const wrong = series.flatMap((one) => ("text" in one ? [one] : []));
  return {
    file,
    rows: series.flatMap((one): readonly FileRows[] => ("text" in one ? [] : [one])),
    faults: [...faults, ...wrong],
    faultCount: faultCount + wrong.length,
    remarks: remarksOn(file, layout, rows, named),
  };
}

function remarksOn(file: string, layout: Layout, rows: RowReader, named: NamedSeries): readonly Remark[] {
  const remarks: Remark[] = [];
  const say = (kind: Remark["kind"], text: string) => void remarks.push({ kind, text: `${file}: ${text}` });
  if (!rows.hasZone) {
    say("utc", "times without a zone are read as UTC");
  }
  if (layout.columns.volume === undefined) {
    say("no_volume", "there is no volume: it is 0, and indicators of volume are undefined");
  }
  if (rows.empty > 0) {
    say("no_bar", `${rows.empty} rows without a price are no bars, the first in line ${rows.firstEmpty}`);
  }
  if (layout.preamble !== undefined) {
    say("before_header", `what stands before the header is left out: ${JSON.stringify(layout.preamble)}`);
  }
  if (layout.columns.timeframe === undefined && named.timeframe === undefined) {
    say("distance", "its name says no timeframe: the smallest distance of its rows is taken for it");
  }
  return remarks;
}

function refused(fault: BarFault): Reading {
  return { file: fault.file, rows: [], faults: [fault], faultCount: 1, remarks: [] };
}

/** The most telling name: with symbol and timeframe, else the first. */
function nameOf({ names }: BarSource): NamedSeries {
  const series = names.map(namedSeries);
  const whole = series.find(({ symbol, timeframe }) => symbol !== undefined && timeframe !== undefined);
  return whole ?? series[0] ?? {};
}

async function firstLines(source: BarSource): Promise<readonly string[]> {
  const first: string[] = [];
  for await (const lines of linesOf(source.open())) {
    first.push(...lines.slice(0, SAMPLE_LINES - first.length));
    if (first.length >= SAMPLE_LINES) {
      break;
    }
  }
  return first;
}

/** Where the first rows leave open which number is the day, a later one may say it. */
async function withOrder(source: BarSource, layout: Layout): Promise<Layout | undefined> {
  if (!layout.needsOrder || layout.order !== undefined) {
    return layout;
  }
  let order: DayOrder | undefined;
  await eachRow(source, layout, (text) => {
    order = orderOf((cellsOf(text, layout.separator)?.[layout.columns.time] ?? "").trim());
    return order === undefined;
  });
  return order && { ...layout, order };
}

/**
 * Calls with each row and its line until the answer is false; blank lines and headers in between
 * are no rows.
 */
async function eachRow(
  source: BarSource,
  { firstRow, header }: Layout,
  take: (text: string, line: number) => boolean,
): Promise<void> {
  let line = 0;
  for await (const lines of linesOf(source.open())) {
    for (const text of lines) {
      line++;
      if (line > firstRow && text !== header && text.trim() !== "" && !take(text, line)) {
        return;
      }
    }
  }
}
