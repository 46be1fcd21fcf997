import { type Bar, barFault } from "../../domain/bar.ts";
import { RuntimeError } from "../../domain/errors.ts";
import { lastClose, type Timeframe } from "../../domain/timeframe.ts";

const HEADER = "open_time,open,high,low,close,volume";
const ISO_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|\+00:00)$/;
const EPOCH_MS = /^\d{1,14}$/;
const NUMBER = /^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/**
 * Reads the bars of one file. Fails with `invalid` at the first fault, naming file, line and value: not a number, not a valid bar (R3),
 * not aligned (R1), out of order or twice (R4). A replay must not guess what a broken line meant.
 */
export function parseBars(text: string, file: string, timeframe: Timeframe): readonly Bar[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (lines[0] !== HEADER) {
    throw faultAt(file, 1, `the header is ${JSON.stringify(lines[0] ?? "")}, must be ${JSON.stringify(HEADER)}`);
  }
  const bars: Bar[] = [];
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string;
    if (line === "" && lines.slice(i).every((rest) => rest === "")) {
      break;
    }
    bars.push(parseBar(line, timeframe, bars.at(-1), (fault) => faultAt(file, i + 1, fault)));
  }
  if (bars.length === 0) {
    throw faultAt(file, 2, "there is no bar; add some or remove the file");
  }
  return bars;
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
