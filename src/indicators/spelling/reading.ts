import type { Timeframe } from "../../domain/timeframe.ts";
import { timeframeMeant } from "../../domain/timeframe-spelling.ts";

/** What a text that is no indicator's name says, part by part. */
export interface Reading {
  /** Upper case, in the order of the text. */
  readonly words: readonly string[];
  readonly numbers: readonly number[];
  /** Numbers that came with a name: `length=21`. */
  readonly named: ReadonlyMap<string, number>;
  readonly timeframe: Timeframe | undefined;
  /** Whether a minus stands in it, which may be a dash. */
  readonly minus: boolean;
}

/** A part of the text between separators. */
const PART = /[\p{L}\p{N}%.]+/gu;
/**
 * Arithmetic, comparisons, shifts (`CLOSE[1]`) and sums over 24 hours are no names, whatever words
 * they hold.
 */
const NO_NAME = /[<>=!*/^&|?+]|\s-\s|\[\s*[0-4]\s*\]|(?<!\d)24 ?h(?![a-z])/i;
/** `length=21`. */
const NAMED = /([A-Za-z_]+)\s*=\s*(\d+(?:\.\d+)?)(?![\w.=])/g;
const TIMEFRAME_PART = /^\d+(?:s|m|min|h|hr|d)$/i;
/** As MetaTrader writes timeframes. */
const SWAPPED_TIMEFRAME = /^(?:M1|M5|M15|M30|H1|H4|D1)$/i;
const TIME_UNIT = /^(?:(?:MINUTE|HOUR|DAY)S?|HOURLY|DAILY)$/;

/**
 * Reads a text as words, numbers and a timeframe; undefined where it cannot be a name. `isWord`
 * keeps such as "HL2" whole.
 */
export function readSpelling(text: string, isWord: (word: string) => boolean): Reading | undefined {
  const named = new Map<string, number>();
  const plain = withSigns(text.normalize("NFKC")).replace(NAMED, (_, name: string, value: string) => {
    named.set(name.toLowerCase(), Number(value));
    return " ";
  });
  if (NO_NAME.test(plain)) {
    return undefined;
  }
  const found: Found = { words: [], numbers: [], named, timeframe: undefined, minus: plain.includes("-") };
  for (const part of plain.match(PART) ?? []) {
    if (!readPart(found, part, isWord)) {
      return undefined;
    }
  }
  return withTimeUnits(found);
}

interface Found extends Reading {
  readonly words: string[];
  readonly numbers: number[];
  timeframe: Timeframe | undefined;
}

/**
 * "+DI", "DI+" and "-DI" in words, since the signs are all that tells the two apart; "+14" without
 * its sign.
 */
function withSigns(text: string): string {
  return text
    .replace(/\+(?=\d)/g, " ")
    .replace(/\+(?=D[IM])|(?<=D[IM])\+/gi, "_PLUS_")
    .replace(/(?<![\p{L}\p{N}])-(?=D[IM])|(?<=D[IM])-(?![\p{L}\p{N}])/giu, "_MINUS_");
}

function readPart(found: Found, part: string, isWord: (word: string) => boolean): boolean {
  const timeframe = TIMEFRAME_PART.test(part) || SWAPPED_TIMEFRAME.test(part) ? timeframeMeant(part) : undefined;
  if (timeframe !== undefined) {
    const another = found.timeframe !== undefined;
    found.timeframe = timeframe;
    return !another;
  }
  const [, count = "", unit = ""] = /^(\d+)([hd])$/i.exec(part) ?? [];
  if (unit !== "" && found.timeframe === undefined) {
    // No timeframe is so long: 200 bars of 1d.
    found.numbers.push(Number(count));
    found.timeframe = timeframeMeant(`1${unit.toLowerCase()}`);
    return true;
  }
  for (const piece of part.toUpperCase().split(/\.(?!\d)|(?<=[A-Z])\./)) {
    if (isWord(piece)) {
      found.words.push(piece);
    } else if (!readPiece(found, piece)) {
      return false;
    }
  }
  return true;
}

/** Letters and digits that stand side by side: "EMA200", "20SMA". */
function readPiece(found: Found, piece: string): boolean {
  const tokens = piece.match(/%[A-Z]?|[A-Z]+|\d+(?:\.\d+)?\.?|\.\d+/g) ?? [];
  if (tokens.join("") !== piece) {
    return false;
  }
  for (const token of tokens) {
    if (/\d/.test(token)) {
      found.numbers.push(Number(token));
    } else {
      found.words.push(token);
    }
  }
  return true;
}

/**
 * "200 day MA": so many bars of 1d. "4 hour EMA 50": a timeframe, since another number gives the
 * bars.
 */
function withTimeUnits(found: Found): Reading | undefined {
  const times = found.words.filter((word) => TIME_UNIT.test(word));
  const [time] = times;
  if (time === undefined) {
    return found;
  }
  if (found.timeframe !== undefined || times.length > 1) {
    return undefined;
  }
  const words = found.words.filter((word) => word !== time);
  const [first, ...others] = found.numbers;
  const counted = others.length > 0 ? timeframeMeant(`${first}${time}`) : undefined;
  return counted === undefined
    ? { ...found, words, timeframe: timeframeMeant(time) }
    : { ...found, words, numbers: others, timeframe: counted };
}
