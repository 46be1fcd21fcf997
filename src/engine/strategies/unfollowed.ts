import { nearestTo } from "../../indicators/edit-distance.ts";
import { quoted } from "../validation/texts.ts";

/**
 * Symbols of a strategy that are named one by one; of a list that is wrong throughout, these say
 * enough.
 */
const MOST_NAMED = 3;
/**
 * Followed symbols among which slips are looked for: among more it would take longer than a save
 * should.
 */
const MOST_COMPARED = 1_000;

/** By their names without case and separators. */
type Folded = ReadonlyMap<string, readonly string[]>;

const FOLDED = new WeakMap<ReadonlySet<string>, Folded>();

/**
 * Warns of symbols of a strategy that nobody follows: it will not be judged on them at any close.
 */
export function unfollowedWarnings(symbols: readonly string[], followed: ReadonlySet<string>): readonly string[] {
  const unfollowed = [...symbols.entries()].filter(([, symbol]) => !followed.has(symbol));
  const named = unfollowed.slice(0, MOST_NAMED).map(([index, symbol]) => {
    const near = likeIt(symbol, followed).slice(0, MOST_NAMED);
    const meant = near.length === 0 ? "" : `; ${near.join(", ")} ${near.length === 1 ? "is" : "are"}: is that meant?`;
    return `symbols[${index}]: ${quoted(symbol)} is not followed (SYMBOLS), so no close of it is judged${meant}`;
  });
  const rest = unfollowed.length - named.length;
  return rest === 0 ? named : [...named, `symbols: ${rest} more are not followed (SYMBOLS)`];
}

/**
 * Followed symbols that are the same but for case and separators, else those that it may be a slip
 * of.
 */
function likeIt(symbol: string, followed: ReadonlySet<string>): readonly string[] {
  const known = foldedOf(followed);
  const text = folded(symbol);
  const same = known.get(text);
  if (same !== undefined || followed.size > MOST_COMPARED) {
    return same ?? [];
  }
  return nearestTo(text, known.keys()).flatMap((name) => known.get(name) ?? []);
}

function foldedOf(followed: ReadonlySet<string>): Folded {
  let known = FOLDED.get(followed);
  if (known === undefined) {
    known = Map.groupBy(followed, folded);
    FOLDED.set(followed, known);
  }
  return known;
}

function folded(symbol: string): string {
  return symbol.replaceAll(/[_\-./:]/g, "").toLowerCase();
}
