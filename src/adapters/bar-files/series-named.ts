import type { BarTable } from "../../domain/bar-table.ts";
import { isSymbol, SYMBOL_RULE } from "../../domain/symbol.ts";
import { lastClose, TIMEFRAMES, type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import type { NamedSeries } from "./file-name.ts";
import type { BarFault, FileRows } from "./reading.ts";
import type { Gathered, RowReader } from "./row-reader.ts";

/** As many rows without neighbours say that a file holds longer bars than its name says. */
const ENOUGH_ROWS = 24;
/** Two distances: one alone may be a hole. */
const LEAST_ROWS = 3;

const NAME_IT = "name the file SYMBOL-TIMEFRAME.csv, such as BTCUSDT-1h.csv";

/**
 * The series of the rows, by columns, by the file's name, and the timeframe by the rows' distance.
 */
export function placed(
  file: string,
  { gathered, hasClock }: Pick<RowReader, "gathered" | "hasClock">,
  named: NamedSeries,
): readonly (FileRows | BarFault)[] {
  return gathered
    .filter(({ bars }) => bars.length > 0)
    .map((rows) => {
      const symbol = symbolOf(rows.symbol, named, gathered.length === 1);
      const timeframe = timeframeOf(rows, named, hasClock);
      if (!isSymbol(symbol)) {
        return { file, text: symbol };
      }
      return typeof timeframe === "object"
        ? { file, text: timeframe.fault }
        : { file, symbol, timeframe, bars: rows.bars, lines: rows.lines.subarray(0, rows.bars.length) };
    });
}

/** A text that is no symbol is the fault. */
function symbolOf(column: string, named: NamedSeries, isOnlyOne: boolean): string {
  const given = column.normalize("NFC");
  if (column === "") {
    return named.symbol ?? `neither its name nor a column says the symbol; ${NAME_IT}`;
  }
  if (isSymbol(given) === false) {
    return `the symbol column has ${JSON.stringify(column)}, must be ${SYMBOL_RULE}`;
  }
  // A name that has no timeframe may be any text.
  if (!isOnlyOne || named.symbol === undefined || named.timeframe === undefined) {
    return given;
  }
  return letters(given) === letters(named.symbol)
    ? named.symbol
    : `its name says ${named.symbol}, its symbol column ${given}: which one is it? Rename the file or correct the column`;
}

/** BTC/USDT and btcusdt are two ways to write one symbol. */
function letters(symbol: string): string {
  return symbol.replace(/[^\p{L}\p{Nd}]/gu, "").toUpperCase();
}

function timeframeOf(
  { timeframe, bars }: Gathered,
  named: NamedSeries,
  hasClock: boolean,
): Timeframe | { readonly fault: string } {
  const nearest = nearestRows(bars);
  if (timeframe === undefined) {
    const found = TIMEFRAMES.find((one) => timeframeMs(one) === nearest && bars.length >= LEAST_ROWS);
    return found !== undefined && isOnGrid(bars, found)
      ? found
      : { fault: `nothing says the timeframe, and its rows, ${apart(nearest)}, do not show it; ${NAME_IT}` };
  }
  if (named.timeframe !== undefined && named.timeframe !== timeframe) {
    return {
      fault: `its name says ${named.timeframe}, its column ${timeframe}; rename the file or correct the column`,
    };
  }
  if (!hasClock && timeframe !== "1d") {
    return {
      fault: `bars of ${timeframe} are expected, and its rows have a day and no time of day; name the file …-1d`,
    };
  }
  return bars.length >= ENOUGH_ROWS && nearest >= 2 * timeframeMs(timeframe)
    ? { fault: `bars of ${timeframe} are expected, and its rows are ${apart(nearest)}; name the timeframe that it has` }
    : timeframe;
}

/** Ms between the two neighbours that are nearest to each other. */
function nearestRows(bars: BarTable): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (let i = 1; i < bars.length; i++) {
    const distance = Math.abs(bars.openTime(i) - bars.openTime(i - 1));
    nearest = distance > 0 && distance < nearest ? distance : nearest;
  }
  return nearest;
}

function isOnGrid(bars: BarTable, timeframe: Timeframe): boolean {
  for (let i = 0; i < bars.length; i++) {
    if (lastClose(bars.openTime(i), timeframe) !== bars.openTime(i)) {
      return false;
    }
  }
  return true;
}

function apart(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) {
    return "too few";
  }
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1_000],
    ["ms", 1],
  ] as const;
  const [unit, length] = units.find(([, one]) => ms % one === 0) ?? ["ms", 1];
  return `${ms / length} ${unit} apart`;
}
