import type { Indicator } from "./indicator.ts";
import { USUAL_DEPTH } from "./indicator-set.ts";

/** One object for each indicator and depth, so that whoever counts readers counts by it. */
const DEEPENED = new WeakMap<Indicator, Map<number, Indicator>>();

/** The same indicator, whose values so many bars back can be read besides the usual ones (R58). */
export function deepened(indicator: Indicator, bars: number): Indicator {
  const depth = 2 ** Math.ceil(Math.log2(bars + USUAL_DEPTH));
  if (depth <= depthOf(indicator)) {
    return indicator;
  }
  const known = DEEPENED.get(indicator) ?? new Map<number, Indicator>();
  DEEPENED.set(indicator, known);
  const made = known.get(depth) ?? Object.freeze({ ...indicator, depth });
  known.set(depth, made);
  return made;
}

export function depthOf({ depth }: Indicator): number {
  return depth ?? USUAL_DEPTH;
}

/** Of equal names the one whose values are kept longest, in the order in which the names come. */
export function deepestOf(indicators: Iterable<Indicator>): readonly Indicator[] {
  const byName = new Map<string, Indicator>();
  for (const indicator of indicators) {
    const known = byName.get(indicator.name);
    if (known === undefined || depthOf(known) < depthOf(indicator)) {
      byName.set(indicator.name, indicator);
    }
  }
  return [...byName.values()];
}
