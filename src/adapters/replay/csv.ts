import { type Bar, barFault } from "../../domain/bar.ts";
import { BarTable } from "../../domain/bar-table.ts";
import { RuntimeError } from "../../domain/errors.ts";
import { lastClose, type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import { PlainRow } from "./plain-row.ts";

const HEADER = "open_time,open,high,low,close,volume";
const BYTE_ORDER_MARK = Buffer.from("\uFEFF");
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** A row of shorter numbers is rare; room for more bars than there are costs little. */
const LEAST_ROW_BYTES = 40;
const ISO_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|\+00:00)$/;
const EPOCH_MS = /^\d{1,14}$/;
const NUMBER = /^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/**
 * Reads the bars of one file. Fails with `invalid` at the first fault, naming file, line and value: not a number, not a valid bar (R3),
 * not aligned (R1), out of order or twice (R4). A replay must not guess what a broken line meant.
 */
export function parseBars(bytes: Buffer, file: string, timeframe: Timeframe): BarTable {
  const length = timeframeMs(timeframe);
  const lines = new Lines(bytes, bytes.indexOf(BYTE_ORDER_MARK) === 0 ? BYTE_ORDER_MARK.length : 0);
  lines.next();
  if (lines.text() !== HEADER) {
    throw faultAt(file, 1, `the header is ${JSON.stringify(lines.text())}, must be ${JSON.stringify(HEADER)}`);
  }
  const row = new PlainRow(bytes);
  const bars = new BarTable(Math.floor(bytes.length / LEAST_ROW_BYTES));
  let previous = Number.NEGATIVE_INFINITY;
  while (lines.next() && !lines.isRestBlank()) {
    if (row.read(lines.start, lines.end) && row.openTime % length === 0 && row.openTime > previous) {
      bars.push(row.openTime, row.open, row.high, row.low, row.close, row.volume);
    } else {
      const fault = (text: string) => faultAt(file, lines.number, text);
      const bar = parseBar(lines.text(), timeframe, bars.bar(bars.length - 1), fault);
      bars.add(bar);
    }
    previous = bars.openTime(bars.length - 1);
  }
  if (bars.length === 0) {
    throw faultAt(file, 2, "there is no bar; add some or remove the file");
  }
  return bars;
}

/** The lines of a text, one after the other, without a copy of any. */
class Lines {
  readonly #bytes: Buffer;
  /** The line's first byte, and the one behind its last. */
  start = 0;
  end = 0;
  /** From 1. */
  number = 0;
  #next: number;

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes;
    this.#next = start;
  }

  /** Goes to the next line; false where there is none. */
  next(): boolean {
    const bytes = this.#bytes;
    if (this.#next > bytes.length) {
      return false;
    }
    const found = bytes.indexOf(LINE_FEED, this.#next);
    const end = found < 0 ? bytes.length : found;
    this.start = this.#next;
    this.end = found > this.start && bytes[found - 1] === CARRIAGE_RETURN ? end - 1 : end;
    this.#next = end + 1;
    this.number++;
    return true;
  }

  text(): string {
    return this.#bytes.toString("utf8", this.start, this.end);
  }

  /** Whether nothing but empty lines is left, this one included. */
  isRestBlank(): boolean {
    return this.start === this.end && /^[\r\n]*$/.test(this.#bytes.toString("latin1", this.start));
  }
}

function parseBar(
  line: string,
  timeframe: Timeframe,
  previous: Bar | undefined,
  fault: (text: string) => RuntimeError,
): Bar {
  const cells = line.split(",");
  if (cells.length !== 6) {
    throw fault(`${JSON.stringify(line)} has ${cells.length} values, must have 6: ${HEADER}`);
  }
  const [when, ...numbers] = cells as [string, string, string, string, string, string];
  const openTime = parseTime(when);
  if (openTime === undefined) {
    throw fault(
      `open_time ${JSON.stringify(when)} is no time, must be like 2017-10-01T00:30:00Z or whole ms since 1970`,
    );
  }
  const wrong = numbers.find((cell) => !NUMBER.test(cell));
  if (wrong !== undefined) {
    throw fault(`${JSON.stringify(wrong)} is no decimal number`);
  }
  const [open, high, low, close, volume] = numbers.map(Number) as [number, number, number, number, number];
  const bar = { openTime, open, high, low, close, volume };
  const invalid = barFault(bar);
  if (invalid !== undefined) {
    throw fault(invalid);
  }
  if (lastClose(openTime, timeframe) !== openTime) {
    throw fault(`open_time ${when} is not a multiple of ${timeframe} since 1970`);
  }
  if (previous !== undefined && openTime === previous.openTime) {
    throw fault(`open_time ${when} comes twice; keep one of the two bars`);
  }
  if (previous !== undefined && openTime < previous.openTime) {
    throw fault(`open_time ${when} is before the line above; sort the file by open_time`);
  }
  return bar;
}

function parseTime(text: string): number | undefined {
  if (EPOCH_MS.test(text)) {
    return Number(text);
  }
  const time = ISO_UTC.test(text) ? Date.parse(text) : Number.NaN;
  // Dates that do not exist, such as 30 February, may parse as others.
  return Number.isNaN(time) || !new Date(time).toISOString().startsWith(text.slice(0, 16)) ? undefined : time;
}

function faultAt(file: string, line: number, fault: string): RuntimeError {
  return new RuntimeError("invalid", `${file} line ${line}: ${fault}`);
}
