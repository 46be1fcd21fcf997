import { compareCodePoints } from "../../domain/decision.ts";

/** A map's entries with keys in code-point order, so that equal maps are equal bytes every time (R41). */
export function sortedMap<V, W>(map: Readonly<Record<string, V>>, value: (from: V) => W): { [key: string]: W } {
  const entries = Object.entries(map).sort(([a], [b]) => compareCodePoints(a, b));
  return Object.fromEntries(entries.map(([key, from]) => [key, value(from)]));
}

export function identity<T>(value: T): T {
  return value;
}
