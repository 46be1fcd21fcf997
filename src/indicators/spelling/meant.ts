import type { Timeframe } from "../../domain/timeframe.ts";
import { definitionOf } from "../registry.ts";
import { type Entry, entryOf, isWord, nearEntryOf } from "./lookup.ts";
import { type Reading, readSpelling } from "./reading.ts";
import { filled, givenIn } from "./roles.ts";
import type { Target } from "./spellings.ts";

/** What a text that names no indicator probably means. */
export type Meant =
  | {
      /** Canonical; several where the text fits each of them. */
      readonly names: readonly string[];
      readonly timeframe?: Timeframe;
      readonly note?: string;
    }
  | { readonly title: string; readonly why: string };

/**
 * What is meant by a text as pandas-ta, TA-Lib, TradingView or people write it, with slips.
 * Undefined where nothing is near, or its numbers do not fit. A suggestion has the numbers of the
 * text and no others, and is never of an opposite kind.
 */
export function meantBy(text: string): Meant | undefined {
  const reading = readSpelling(text, isWord);
  if (reading === undefined || reading.words.length === 0) {
    return undefined;
  }
  const entry = find(reading);
  if (entry === undefined || "why" in entry) {
    return entry && { title: entry.names[0].replaceAll(" ", "_"), why: entry.why };
  }
  // What begins anew each day is of 1d by itself.
  const daily = entry.targets.some(({ base }) => definitionOf(base)?.intradayOnly === true);
  const timeframe = daily && reading.timeframe === "1d" ? undefined : reading.timeframe;
  const names = entry.targets.flatMap((target) => filled(target, reading) ?? []);
  if (names.length === 0) {
    return withoutN(entry.targets, reading);
  }
  return { names, ...(timeframe && { timeframe }), ...(entry.note !== undefined && { note: entry.note }) };
}

function hasNoDefault(base: string): boolean {
  return definitionOf(base)?.parameters.some((parameter) => parameter.default === undefined) === true;
}

/** A name that always says its n cannot be suggested where the text has no number. */
function withoutN(targets: readonly Target[], { words, numbers, named }: Reading): Meant | undefined {
  const examples = targets.filter(({ base }) => hasNoDefault(base));
  if (examples.length === 0 || numbers.length > 0 || named.size > 0) {
    return undefined;
  }
  const written = examples.map(({ base }) => `${base}_20`).join(" or ");
  return { title: words.join("_"), why: `write ${written}, with the number of bars in the name` };
}

/**
 * The canonical name of an indicator whose numbers were given apart from its name: "RSI" with
 * `{"length": 21}` is RSI_21. Undefined where that is not one indicator.
 */
export function indicatorWith(name: string, parameters: unknown): string | undefined {
  const reading = readSpelling(name, isWord);
  const given = givenIn(parameters);
  if (reading === undefined || given === undefined || reading.timeframe !== undefined) {
    return undefined;
  }
  const entry = find(reading);
  const [target, ...others] = entry !== undefined && "targets" in entry ? entry.targets : [];
  const numbers = [...reading.numbers, ...given.numbers];
  return target === undefined || others.length > 0 ? undefined : filled(target, { ...given, numbers });
}

function find({ words, minus }: Reading): Entry | undefined {
  const [first, ...others] = words;
  const kind = KINDS.has(first ?? "") && others.length > 0 ? entryOf(others) : undefined;
  return entryOf(words) ?? kind ?? (minus ? undefined : withoutInputs(words)) ?? nearEntryOf(words);
}

/** The library ta begins its names with the kind of indicator: `momentum_rsi`. */
const KINDS: ReadonlySet<string> = new Set(["MOMENTUM", "VOLATILITY"]);

/**
 * Inputs that an indicator reads anyhow, as calls name them: `ta.rsi(close, 14)`. What reads the
 * closes alone is said by its definition.
 */
const INPUTS: readonly { readonly inputs: string; readonly bases?: string }[] = [
  { inputs: "CLOSE" },
  { inputs: "HIGH LOW CLOSE", bases: "STOCH_K STOCH_D WILLR CCI ADX PLUS_DI MINUS_DI ATR NATR TRANGE SUPERTREND CHOP" },
  { inputs: "HIGH LOW CLOSE VOLUME", bases: "MFI VWAP CMF" },
  { inputs: "CLOSE VOLUME", bases: "VWMA" },
  { inputs: "HLC3", bases: "MFI VWAP CCI" },
  { inputs: "HIGH LOW", bases: "AROON_UP AROON_DOWN AROON_OSC MIDPRICE DONCHIAN_UPPER DONCHIAN_MIDDLE DONCHIAN_LOWER" },
  { inputs: "HIGH", bases: "HIGHEST" },
  { inputs: "LOW", bases: "LOWEST" },
  { inputs: "VOLUME", bases: "VOLUME_SMA" },
];

function isInput(bases: string | undefined, base: string): boolean {
  return bases === undefined ? definitionOf(base)?.takesSource === true : bases.split(" ").includes(base);
}

/** The entry of the words before the inputs, where all its indicators read just these. */
function withoutInputs(words: readonly string[]): Entry | undefined {
  for (const { inputs, bases } of INPUTS) {
    const named = inputs.split(" ");
    const start = words.length - named.length;
    const tail = words.slice(start).toSorted().join(" ");
    if (start > 0 && tail === named.toSorted().join(" ")) {
      const entry = entryOf(words.slice(0, start));
      const reads = entry !== undefined && "targets" in entry ? entry.targets : [];
      if (reads.length > 0 && reads.every(({ base }) => isInput(bases, base))) {
        return entry;
      }
    }
  }
  return undefined;
}
