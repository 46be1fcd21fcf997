import { barFault } from "../../domain/bar.ts";
import { BarTable } from "../../domain/bar-table.ts";
import { isTimeframe, lastClose, type Timeframe } from "../../domain/timeframe.ts";
import { timeframeMeant } from "../../domain/timeframe-spelling.ts";
import type { Columns } from "./columns.ts";
import { type Layout, quoted } from "./layout.ts";
import { cellsOf } from "./lines.ts";
import { isNoNumber, numberOf } from "./numbers.ts";
import { openTimeOf } from "./times.ts";

/** The rows of one symbol and timeframe, as the columns or the file's name have them. */
export interface Gathered {
  /** Empty where no column says it. */
  readonly symbol: string;
  readonly timeframe: Timeframe | undefined;
  readonly bars: BarTable;
  lines: Uint32Array;
}

type PriceColumn = "open" | "high" | "low" | "close";
const PRICES: readonly PriceColumn[] = ["open", "high", "low", "close"];

/** Reads rows one by one. What it answers with is the fault of a row, which is then left out. */
export class RowReader {
  readonly #layout: Layout;
  readonly #named: Timeframe | undefined;
  readonly #gathered = new Map<string, Gathered>();
  #last: { readonly key: string; readonly rows: Gathered } | undefined;
  /** Rows of which the file says that nothing was traded: no number in any price. */
  empty = 0;
  firstEmpty = 0;
  hasZone = true;
  /** Whether any row says more than the day. */
  hasClock = false;

  constructor(layout: Layout, named: Timeframe | undefined) {
    this.#layout = layout;
    this.#named = named;
  }

  get gathered(): readonly Gathered[] {
    return [...this.#gathered.values()];
  }

  take(line: string, lineNumber: number): string | undefined {
    const { columns, mark, order, separator } = this.#layout;
    const cells = this.#cells(line, separator);
    if (typeof cells === "string") {
      return cells;
    }
    const text = timeText(cells, columns);
    const time = openTimeOf(text, { ...(columns.unit && { unit: columns.unit }), ...(order && { order }) });
    if (typeof time === "string") {
      return `${this.#column(columns.time)} ${quoted(text)} ${time}`;
    }
    this.hasZone &&= time.hasZone || columns.isUtc;
    this.hasClock ||= time.hasClock;
    const rows = this.#rowsOf(cells, columns);
    if (typeof rows === "string") {
      return rows;
    }
    if (PRICES.every((price) => isNoNumber(cells[columns[price]] ?? ""))) {
      this.firstEmpty = this.empty++ === 0 ? lineNumber : this.firstEmpty;
      return undefined;
    }
    const number = (column: number | undefined) => (column === undefined ? 0 : numberOf(cells[column] ?? "", mark));
    const bar = {
      openTime: time.time,
      ...{ open: number(columns.open), high: number(columns.high), low: number(columns.low) },
      ...{ close: number(columns.close), volume: number(columns.volume) },
    };
    const fault = barFault(bar);
    if (fault !== undefined) {
      return this.#notANumber(cells) ?? `${fault}${this.#withoutHeader()}`;
    }
    if (rows.timeframe !== undefined && lastClose(time.time, rows.timeframe) !== time.time) {
      return `${this.#column(columns.time)} ${quoted(text)} is not a multiple of ${rows.timeframe} since 1970 (UTC), where bars of ${rows.timeframe} open; correct the time or the timeframe`;
    }
    add(rows, bar, lineNumber);
    return undefined;
  }

  #cells(line: string, separator: string): readonly string[] | string {
    const cells = cellsOf(line, separator);
    const { width } = this.#layout;
    if (cells === undefined) {
      return `${quoted(line)} has a quote that is not closed`;
    }
    const isTooLong = cells.length > width && cells.slice(width).some((cell) => cell.trim() !== "");
    return cells.length < width || isTooLong
      ? `${quoted(line)} has ${cells.length} values, must have ${width}, as ${this.#layout.names ? "the header" : "the first row"}`
      : cells;
  }

  #rowsOf(cells: readonly string[], columns: Columns): Gathered | string {
    const symbol = columns.symbol === undefined ? "" : (cells[columns.symbol] ?? "").trim();
    const length = columns.timeframe === undefined ? "" : (cells[columns.timeframe] ?? "").trim();
    const key = `${symbol}\n${length}`;
    if (this.#last?.key === key) {
      return this.#last.rows;
    }
    const timeframe = columns.timeframe === undefined ? this.#named : timeframeOf(length);
    if (timeframe === undefined && columns.timeframe !== undefined) {
      return `${this.#column(columns.timeframe)} ${quoted(length)} is no timeframe; write one such as 1m, 1h or 1d`;
    }
    const known = this.#gathered.get(key);
    const rows = known ?? { symbol, timeframe, bars: new BarTable(), lines: new Uint32Array(64) };
    this.#gathered.set(key, rows);
    this.#last = { key, rows };
    return rows;
  }

  /** Names the column that holds no number. */
  #notANumber(cells: readonly string[]): string | undefined {
    const { columns, mark } = this.#layout;
    const read = [...PRICES.map((price) => columns[price]), columns.volume ?? columns.open];
    const at = read.find((column) => Number.isNaN(numberOf(cells[column] ?? "", mark)));
    if (at === undefined) {
      return undefined;
    }
    const text = (cells[at] ?? "").trim();
    const choice = /^\d{1,3}(,\d{3})+$/.test(text) ? ", and may have decimals or thousands behind its comma" : "";
    return `${this.#column(at)} ${quoted(text)} is no decimal number${choice}; correct or remove the row`;
  }

  /** As the file has it. */
  #column(at: number): string {
    const name = this.#layout.names?.[at];
    return name === undefined || name === "" ? `column ${at + 1}` : name;
  }

  #withoutHeader(): string {
    return this.#layout.names
      ? ""
      : "; without a header the columns are time, open, high, low, close, volume: add one where they are others";
  }
}

function timeText(cells: readonly string[], { time, clock }: Columns): string {
  const text = (cells[time] ?? "").trim();
  return clock === undefined ? text : `${text} ${(cells[clock] ?? "").trim()}`;
}

function timeframeOf(text: string): Timeframe | undefined {
  return isTimeframe(text) ? text : timeframeMeant(text);
}

function add(rows: Gathered, bar: Parameters<BarTable["add"]>[0], line: number): void {
  const at = rows.bars.length;
  if (at === rows.lines.length) {
    const grown = new Uint32Array(2 * at);
    grown.set(rows.lines);
    rows.lines = grown;
  }
  rows.lines[at] = line;
  rows.bars.add(bar);
}
