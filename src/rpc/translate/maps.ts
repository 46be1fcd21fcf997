import { compareCodePoints } from "../../domain/decision.ts";

/**
 * A map's entries with keys in code-point order, so that equal maps are equal bytes every time
 * (R41).
 */
export function sortedMap<V, W>(map: Readonly<Record<string, V>>, value: (from: V) => W): { [key: string]: W } {
  const entries = Object.entries(map).sort(([a], [b]) => compareCodePoints(a, b));
  const sorted = Object.fromEntries(entries.map(([key, from]) => [key, value(from)]));
  const keys = Object.keys(sorted);
  return entries.every(([key], i) => key === keys[i])
    ? sorted
    : inOrder(
        sorted,
        entries.map(([key]) => key),
      );
}

/**
 * An object gives keys such as "10" and "9" first, and by number, whatever the order of their
 * coming; this one gives them as told.
 */
function inOrder<W>(map: { [key: string]: W }, keys: readonly string[]): { [key: string]: W } {
  return new Proxy(map, { ownKeys: () => keys });
}

/**
 * The same of a map that goes out as it is; itself where its keys are in that order already, as
 * most are.
 */
export function inKeyOrder<V>(map: Readonly<Record<string, V>>): Readonly<Record<string, V>> {
  const keys = Object.keys(map);
  for (let i = 1; i < keys.length; i++) {
    if (compareCodePoints(keys[i - 1] ?? "", keys[i] ?? "") > 0) {
      return sortedMap(map, identity);
    }
  }
  return map;
}

export function identity<T>(value: T): T {
  return value;
}
