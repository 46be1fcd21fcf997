import { type DayOrder, needsOrder, orderOf } from "./calendar.ts";
import { type Columns, columnsOf, isColumns, usualColumns } from "./columns.ts";
import { cellsOf } from "./lines.ts";
import { type DecimalMark, decimalMark, numberOf } from "./numbers.ts";
import { openTimeOf } from "./times.ts";

/** How the rows of a file are written. */
export interface Layout {
  readonly separator: string;
  readonly columns: Columns;
  /** Values that a row has. */
  readonly width: number;
  /** Names of the columns, where the file has a header. */
  readonly names?: readonly string[];
  /** The header's text: files that were put behind each other have it again. */
  readonly header?: string;
  /** Lines before the first row. */
  readonly firstRow: number;
  /** A line before the header that is no part of the table. */
  readonly preamble?: string;
  readonly mark: DecimalMark;
  /** Whether dates are such as 03/04/2024. */
  readonly needsOrder: boolean;
  readonly order?: DayOrder;
}

/** A fault of the whole file, and the line that shows it. */
export interface LayoutFault {
  readonly fault: string;
  readonly line?: number;
  /** It is some other text. */
  readonly isNoTable?: boolean;
}

const SEPARATORS = [",", ";", "\t", "|"];
/** A table begins within so many lines, or there is none. */
const LINES_BEFORE = 12;
const CLOCK = /^\d{1,2}:\d\d/;
const EXAMPLE = "open_time,open,high,low,close,volume";

interface Table {
  readonly separator: string;
  readonly at: number;
  readonly cells: readonly string[];
  readonly columns?: Columns;
  readonly rowsFrom: number;
}

/** Finds the layout by the first lines of a file. */
export function layoutOf(lines: readonly string[], symbol: string | undefined): Layout | LayoutFault {
  const tables = SEPARATORS.flatMap((separator) => tableWith(separator, lines, symbol) ?? []);
  const table = tables.sort((a, b) => a.at - b.at)[0];
  if (table === undefined) {
    return noTable(lines, symbol);
  }
  const rows = lines.slice(table.rowsFrom).flatMap((line) => {
    const cells = line.trim() === "" ? undefined : cellsOf(line, table.separator);
    return cells === undefined ? [] : [cells];
  });
  const columns = table.columns ?? columnsWithoutHeader(table.cells, rows);
  return "fault" in columns ? { ...columns, line: table.at + 1 } : withRows(table, columns, lines, rows);
}

function withRows(
  table: Table,
  given: Columns,
  lines: readonly string[],
  rows: readonly (readonly string[])[],
): Layout | LayoutFault {
  const { separator, at, cells, rowsFrom } = table;
  const columns = withUsableClock(given, cells, rows[0]);
  const { time, open, high, low, close, volume = open } = columns;
  const mark = decimalMark(
    rows.flatMap((row) => [open, high, low, close, volume].map((column) => row[column] ?? "")),
    separator,
  );
  if (mark === undefined) {
    const seen = JSON.stringify(
      [open, high, low, close, volume].map((at) => rows[0]?.[at] ?? "").find((text) => text.includes(",")),
    );
    return { line: rowsFrom + 1, fault: `${seen} may be with decimals or with thousands; write a decimal point` };
  }
  const times = rows.map((row) => (row[time] ?? "").trim());
  const orders = new Set(times.flatMap((text) => orderOf(text) ?? []));
  const [order] = orders;
  const preamble = lines.slice(0, at).find((line) => line.trim() !== "");
  return {
    ...{ separator, columns, mark, firstRow: rowsFrom, width: table.columns ? widthOf(cells) : cells.length },
    ...(table.columns && { names: cells.map((cell) => cell.trim()), header: lines[at] ?? "" }),
    ...(preamble !== undefined && { preamble }),
    needsOrder: times.some(needsOrder),
    ...(order && { order }),
  };
}

/** The first line that a separator cuts into a header or into a row. */
function tableWith(separator: string, lines: readonly string[], symbol: string | undefined): Table | undefined {
  for (let at = 0; at < Math.min(LINES_BEFORE, lines.length); at++) {
    const cells = cellsOf(lines[at] ?? "", separator);
    if (cells === undefined || cells.length < 5) {
      continue;
    }
    const columns = columnsOf(cells, symbol);
    if (isColumns(columns)) {
      return { separator, at, cells, columns, rowsFrom: at + 1 };
    }
    const stacked = stackedHeader(cells, lines.slice(at + 1, at + 3), separator);
    if (stacked !== undefined) {
      return { separator, at, cells, columns: stacked, rowsFrom: at + 3 };
    }
    if (isRow(cells)) {
      return { separator, at, cells, rowsFrom: at };
    }
  }
  return undefined;
}

/** As yfinance writes one ticker: `Price,Close,…`, `Ticker,AAPL,…`, `Date,,…`. */
function stackedHeader(cells: readonly string[], below: readonly string[], separator: string): Columns | undefined {
  const [ticker, date] = below.map((line) => line.split(separator)[0]?.trim().toLowerCase());
  if (ticker !== "ticker" || !["date", "datetime"].includes(date ?? "")) {
    return undefined;
  }
  const columns = columnsOf(["date", ...cells.slice(1)], undefined);
  return isColumns(columns) ? columns : undefined;
}

/** Whether it begins with a time, and numbers follow. */
function isRow(cells: readonly string[]): boolean {
  const [time = "", second = "", ...others] = cells.map((cell) => cell.trim());
  const numbers = CLOCK.test(second) ? others.slice(0, 4) : [second, ...others.slice(0, 3)];
  const isNumber = (text: string) => !Number.isNaN(numberOf(text, ".")) || !Number.isNaN(numberOf(text, ","));
  return isTimeLike(time) && numbers.every(isNumber);
}

function isTimeLike(text: string): boolean {
  return /^\d{8,}$/.test(text) || typeof openTimeOf(text, { order: orderOf(text) ?? "day first" }) !== "string";
}

function columnsWithoutHeader(cells: readonly string[], rows: readonly (readonly string[])[]): Columns | LayoutFault {
  const count = cells.length;
  const columns = usualColumns(count, CLOCK.test((cells[1] ?? "").trim()));
  const add = `add a first line with the names of the columns, such as ${EXAMPLE}`;
  if (columns === undefined || (count === 12 && !isTimeLike((cells[6] ?? "").trim()))) {
    return { fault: `there is no header, and the meaning of ${count} columns is not known; ${add}` };
  }
  if (columns.volume !== undefined && mayBePrice(columns, rows)) {
    return {
      fault: `there is no header, and column ${columns.volume + 1} of ${count} may be a volume or another price; ${add}`,
    };
  }
  return columns;
}

/** Whether what is taken for the volume lies between low and high in every row. */
function mayBePrice({ high, low, volume = 0 }: Columns, rows: readonly (readonly string[])[]): boolean {
  return rows.every((row) => {
    const [top, bottom, value] = [high, low, volume].map((column) => numberOf(row[column] ?? "", "."));
    return value !== undefined && value >= (bottom ?? Number.NaN) && value <= (top ?? Number.NaN);
  });
}

/** "time" beside "date" may be the time of day, or the whole time as a number. */
function withUsableClock(columns: Columns, names: readonly string[], row: readonly string[] | undefined): Columns {
  const { clock, ...others } = columns;
  const text = clock === undefined ? "" : (row?.[clock] ?? "").trim();
  if (clock === undefined || CLOCK.test(text) || /^\d{4}(\d\d)?$/.test(text)) {
    return columns;
  }
  const isWhole = typeof openTimeOf(text, { order: "day first" }) !== "string";
  return { ...others, time: isWhole ? clock : names.length > 0 ? columns.time : 0 };
}

function widthOf(cells: readonly string[]): number {
  let width = cells.length;
  while (width > 0 && (cells[width - 1] ?? "").trim() === "") {
    width--;
  }
  return width;
}

/** Says what comes nearest to a table of bars. */
function noTable(lines: readonly string[], symbol: string | undefined): LayoutFault {
  for (let at = 0; at < Math.min(LINES_BEFORE, lines.length); at++) {
    const line = lines[at] ?? "";
    for (const separator of SEPARATORS) {
      const columns = columnsOf(cellsOf(line, separator) ?? [], symbol);
      if (!isColumns(columns) && columns.isNear) {
        return { line: at + 1, fault: `the header ${quoted(line)} ${columns.fault}` };
      }
    }
  }
  const first = lines.findIndex((line) => line.trim() !== "");
  return first < 0
    ? { fault: "there is no bar; add some or remove the file" }
    : {
        isNoTable: true,
        line: first + 1,
        fault: `${quoted(lines[first] ?? "")} is neither a header such as ${EXAMPLE} nor a row of bars; correct or remove the file`,
      };
}

/** At most as much as a terminal shows in a line. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
