import { type Bar, barFault } from "../../domain/bar.ts";
import { BarTable } from "../../domain/bar-table.ts";
import { RuntimeError } from "../../domain/errors.ts";
import { lastClose, type Timeframe } from "../../domain/timeframe.ts";

const HEADER = "open_time,open,high,low,close,volume";
const BYTE_ORDER_MARK = /^\uFEFF/;
const ISO_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|\+00:00)$/;
const EPOCH_MS = /^\d{1,14}$/;
const NUMBER = /^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
/** Where the day of the month stands in an ISO text. */
const DAY = { from: "2017-10-".length, to: "2017-10-01".length };

/**
 * Reads the bars of one file's text. Fails with `invalid` at the first fault, naming file, line and
 * value: not a number, not a valid bar (R3), not aligned (R1), out of order or twice (R4). A replay
 * must not guess what a broken line meant.
 */
export function parseBars(text: string, file: string, timeframe: Timeframe): BarTable {
  const lines = text.replace(BYTE_ORDER_MARK, "").split(/\r?\n/);
  while (lines.at(-1) === "") {
    lines.pop();
  }
  const faultAt = (index: number, fault: string) => new RuntimeError("invalid", `${file} line ${index + 1}: ${fault}`);
  const header = lines[0] ?? "";
  if (header !== HEADER) {
    throw faultAt(0, `the header is ${JSON.stringify(header)}, must be ${JSON.stringify(HEADER)}`);
  }
  if (lines.length === 1) {
    throw faultAt(1, "there is no bar; add some or remove the file");
  }
  const bars = new BarTable(lines.length - 1);
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] as string;
    const bar = parseRow(line);
    if ("fault" in bar) {
      throw faultAt(index, bar.fault);
    }
    const misplaced = placeFault(bar, timeframe, bars);
    if (misplaced !== undefined) {
      throw faultAt(index, `open_time ${line.slice(0, line.indexOf(","))} ${misplaced}`);
    }
    bars.add(bar);
  }
  return bars;
}

function parseRow(line: string): Bar | { readonly fault: string } {
  const cells = line.split(",");
  if (cells.length !== 6) {
    return { fault: `${JSON.stringify(line)} has ${cells.length} values, must have 6: ${HEADER}` };
  }
  const [when, ...numbers] = cells as [string, string, string, string, string, string];
  const openTime = parseTime(when);
  if (openTime === undefined) {
    const example = "must be like 2017-10-01T00:30:00Z or whole ms since 1970";
    return { fault: `open_time ${JSON.stringify(when)} is no time, ${example}` };
  }
  const wrong = numbers.find((cell) => !NUMBER.test(cell));
  if (wrong !== undefined) {
    return { fault: `${JSON.stringify(wrong)} is no decimal number` };
  }
  const [open, high, low, close, volume] = numbers.map(Number) as [number, number, number, number, number];
  const bar = { openTime, open, high, low, close, volume };
  const fault = barFault(bar);
  return fault === undefined ? bar : { fault };
}

/** Why the bar cannot come behind those before it, where it cannot. */
function placeFault({ openTime }: Bar, timeframe: Timeframe, before: BarTable): string | undefined {
  const previous = before.openTime(before.length - 1);
  if (lastClose(openTime, timeframe) !== openTime) {
    return `is not a multiple of ${timeframe} since 1970`;
  }
  if (openTime === previous) {
    return "comes twice; keep one of the two bars";
  }
  if (openTime < previous) {
    return "is before the line above; sort the file by open_time";
  }
  return undefined;
}

function parseTime(text: string): number | undefined {
  if (EPOCH_MS.test(text)) {
    return Number(text);
  }
  const time = ISO_UTC.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes dates that do not exist, such as 30 February, for others.
  const exists = new Date(time).getUTCDate() === Number(text.slice(DAY.from, DAY.to));
  return exists ? time : undefined;
}
