import { editDistance, nearestTo } from "../edit-distance.ts";
import { INDICATOR_NAMES } from "../registry.ts";
import { NOT_OFFERED, type NotOffered } from "./not-offered.ts";
import type { Spellings } from "./spellings.ts";
import { TABLE } from "./table.ts";
import { keyOf, normalized, OTHER_WORDS, SYNONYM_WORDS } from "./words.ts";

/** What words stand for: indicators that are offered, or one that is not. */
export type Entry = Spellings | NotOffered;

/**
 * Names by their words in any order, and by their letters without separators in the order of the
 * table.
 */
const BY_WORDS = new Map<string, Entry>();
const BY_LETTERS = new Map<string, Entry>();
const WORDS = new Set<string>(OTHER_WORDS);
/**
 * Words that a slip is mended to. One or two letters leave nothing to know a word by, and a filler
 * says nothing.
 */
const MENDED = new Set<string>();

know(SYNONYM_WORDS);
for (const entry of [...TABLE, ...NOT_OFFERED]) {
  for (const name of entry.names) {
    add(name.split(" "), entry);
  }
}
for (const base of INDICATOR_NAMES) {
  add(base.split("_"), { targets: [{ base }], names: [] });
}

function add(words: readonly string[], entry: Entry): void {
  const kept = normalized(words);
  const key = keyOf(kept);
  if (kept.length === 0) {
    return;
  }
  const letters = words.join("");
  BY_WORDS.set(key, BY_WORDS.get(key) ?? entry);
  BY_LETTERS.set(letters, BY_LETTERS.get(letters) ?? entry);
  know([...words, ...kept]);
}

function know(words: readonly string[]): void {
  for (const word of words) {
    WORDS.add(word);
    if (word.length > 2) {
      MENDED.add(word);
    }
  }
}

export function isWord(word: string): boolean {
  return WORDS.has(word);
}

/** The entry of exactly these words, in any order and with or without separators. */
export function entryOf(words: readonly string[]): Entry | undefined {
  const apart = words.flatMap((word) => segments(word) ?? [word]);
  return (
    BY_WORDS.get(keyOf(normalized(words))) ?? BY_LETTERS.get(words.join("")) ?? BY_WORDS.get(keyOf(normalized(apart)))
  );
}

/**
 * The entry that the words are a slip of: each word that nobody knows is taken for the one known
 * word near it, or all letters together for the one name near them. Undefined where there is none
 * so near, or more than one.
 */
export function nearEntryOf(words: readonly string[]): Entry | undefined {
  if (words.every((word) => segments(word) !== undefined)) {
    return undefined;
  }
  const mended = words.map((word) => segments(word) ?? mend(word));
  const byWords = mended.includes(undefined) ? undefined : entryOf(mended.flatMap((word) => word ?? []));
  const letters = words.join("");
  const near = byWords ?? byLetters(letters);
  return near !== undefined && "targets" in near && !isNearerThanOpposite(near, letters) ? undefined : near;
}

/**
 * The known word that a word is a slip of. A swap or a doubled letter is one at any length. Other
 * edits make another word as often as a slip where there are few letters: of three the last one may
 * differ, of four none.
 */
function mend(word: string): readonly string[] | undefined {
  const typed = [...swapsAndDoubles(word)].filter((known) => MENDED.has(known));
  const near =
    typed.length > 0 ? typed : nearestTo(word, MENDED).filter((known) => word.length > 4 || endsOtherwise(word, known));
  return near.length === 1 ? near : undefined;
}

/** What a word is where two neighbours were swapped, or one letter came twice. */
function swapsAndDoubles(word: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (let i = 0; i + 1 < word.length; i++) {
    const [before, a, b, after] = [word.slice(0, i), word.charAt(i), word.charAt(i + 1), word.slice(i + 2)];
    found.add(before + (a === b ? a : b + a) + after);
  }
  return found;
}

/** LOG is no slip of LOW, as words go. */
function endsOtherwise(word: string, known: string): boolean {
  return word.length === 3 && known.length === 3 && known !== "LOW" && known.startsWith(word.slice(0, 2));
}

/**
 * Names differ by kind in a letter or two (AROONU, AROOND): what is as near to another one is near
 * to none.
 */
function byLetters(letters: string): Entry | undefined {
  const entries = letters.length < 6 ? [] : nearestTo(letters, BY_LETTERS.keys()).map((name) => BY_LETTERS.get(name));
  const [first] = entries;
  return first !== undefined && entries.every((entry) => entry === first || sayTheSame(entry, first))
    ? first
    : undefined;
}

/** Indicators of opposite meaning, whose names may differ in one letter (AROONU, AROOND). */
const OPPOSITES: ReadonlyMap<string, string> = new Map(
  [
    ["BB_UPPER", "BB_LOWER"],
    ["AROON_UP", "AROON_DOWN"],
    ["PLUS_DI", "MINUS_DI"],
    ["HIGHEST", "LOWEST"],
    ["HIGH", "LOW"],
    ["OPEN", "CLOSE"],
    ["STOCH_K", "STOCH_D"],
    ["STOCHRSI_K", "STOCHRSI_D"],
    ["STOCHRSI_FASTK", "STOCHRSI_FASTD"],
    ["DONCHIAN_UPPER", "DONCHIAN_LOWER"],
    ["KELTNER_UPPER", "KELTNER_LOWER"],
    ["VWAP_UPPER", "VWAP_LOWER"],
    ["ICHIMOKU_SENKOU_A", "ICHIMOKU_SENKOU_B"],
    ["HA_OPEN", "HA_CLOSE"],
    ["HA_HIGH", "HA_LOW"],
    ["PIVOT_R1", "PIVOT_S1"],
    ["PIVOT_R2", "PIVOT_S2"],
    ["PIVOT_R3", "PIVOT_S3"],
  ].flatMap(([a = "", b = ""]) => [
    [a, b],
    [b, a],
  ]),
);

/**
 * A slip in the letter that tells opposites apart says nothing: the text must be nearer to the one
 * than to the other.
 */
function isNearerThanOpposite({ targets }: Spellings, letters: string): boolean {
  const [base = "", ...others] = targets.map((target) => target.base);
  const opposite = OPPOSITES.get(base);
  return opposite === undefined || others.length > 0 || distanceTo(base, letters) < distanceTo(opposite, letters);
}

/** The distance of the letters to the nearest name that stands for the indicator alone. */
function distanceTo(base: string, letters: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (const [name, entry] of BY_LETTERS) {
    if ("targets" in entry && entry.targets.length === 1 && entry.targets[0]?.base === base) {
      least = Math.min(least, editDistance(letters, name));
    }
  }
  return least;
}

function sayTheSame(a: Entry | undefined, b: Entry): boolean {
  return a !== undefined && "why" in a && "why" in b && a.why === b.why;
}

/**
 * The fewest known words that a text without separators consists of, one where it is a word itself.
 */
function segments(text: string): readonly string[] | undefined {
  if (WORDS.has(text)) {
    return [text];
  }
  const fewest: (readonly string[] | undefined)[] = [[]];
  for (let end = 1; end <= text.length; end++) {
    for (let start = 0; start < end - 1; start++) {
      const before = fewest[start];
      const word = text.slice(start, end);
      if (
        before !== undefined &&
        WORDS.has(word) &&
        before.length + 1 < (fewest[end]?.length ?? Number.POSITIVE_INFINITY)
      ) {
        fewest[end] = [...before, word];
      }
    }
  }
  return fewest[text.length];
}
