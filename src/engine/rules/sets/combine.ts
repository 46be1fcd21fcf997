import { popcount } from "./bits.ts";
import type { HitList } from "./hit-list.ts";
import type { ConditionMasks } from "./masks.ts";

/** Strategies as numbers, so that a sweep reads a few arrays from end to end and nothing else. */
export interface Lists {
  /** Numbers of conditions, a strategy's behind one another. */
  readonly conditions: Int32Array;
  /** By strategy: where its conditions begin. */
  readonly firsts: Int32Array;
  /** By strategy: how many they are, and whether one is enough; see `shapeOf`. */
  readonly shapes: Uint8Array;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

const ANY_BIT = 0x80;
const LENGTH_BITS = 0x3f;

/** A strategy's shape in a byte: at most 32 conditions (R42), combined by ALL or ANY. */
export function shapeOf(conditions: number, isAny: boolean): number {
  return conditions | (isAny ? ANY_BIT : 0);
}

export function lengthOf(shape: number): number {
  return shape & LENGTH_BITS;
}

/**
 * R15 for a range of strategies on all symbols that are wanted: tells `hits` where they hold, and
 * answers how often it cannot be known.
 *
 * A condition has two rows: the symbols that meet it, and those that may, the unknown ones among
 * them. ALL intersects both, ANY unites both; since ANY is ALL of the opposite, the rows are turned
 * over on the way in and the answer on the way out (`flip`). Most words end at the first look,
 * where no wanted symbol may meet the strategy.
 */
export function combine(
  lists: Lists,
  range: Range,
  masks: ConditionMasks,
  symbolsOf: (place: number) => Int32Array,
  hits: HitList,
): number {
  return masks.words === 1
    ? combineWords(lists, range, masks, symbolsOf, hits)
    : combineRows(lists, range, masks, symbolsOf, hits);
}

function combineRows(
  { conditions, firsts, shapes }: Lists,
  { from, to }: Range,
  { rows, rowOf, words }: ConditionMasks,
  symbolsOf: (place: number) => Int32Array,
  hits: HitList,
): number {
  let unknown = 0;
  for (let place = from; place < to; place++) {
    const shape = shapes[place] as number;
    const length = shape & LENGTH_BITS;
    const first = firsts[place] as number;
    const flip = (shape & ANY_BIT) === 0 ? 0 : -1;
    const symbols = symbolsOf(place);
    // Most strategies have two to four conditions. A condition that is not there is another one
    // again, which changes nothing.
    const a = rowOf[conditions[first] as number] as number;
    const b = length > 1 ? (rowOf[conditions[first + 1] as number] as number) : a;
    const c = length > 2 ? (rowOf[conditions[first + 2] as number] as number) : b;
    for (let w = 0; w < words; w++) {
      const v = w + words;
      let may = ((rows[a + v] as number) ^ flip) & ((rows[b + v] as number) ^ flip) & ((rows[c + v] as number) ^ flip);
      for (let i = 3; i < length; i++) {
        may &= (rows[(rowOf[conditions[first + i] as number] as number) + v] as number) ^ flip;
      }
      may = (may ^ flip) & (symbols[w] as number);
      if (may === 0) {
        continue;
      }
      let met = ((rows[a + w] as number) ^ flip) & ((rows[b + w] as number) ^ flip) & ((rows[c + w] as number) ^ flip);
      for (let i = 3; i < length; i++) {
        met &= (rows[(rowOf[conditions[first + i] as number] as number) + w] as number) ^ flip;
      }
      met = (met ^ flip) & may;
      if (met !== 0) {
        hits.add(place, w, met);
      }
      if (met !== may) {
        unknown += popcount(may ^ met);
      }
    }
  }
  return unknown;
}

function combineWords(
  { conditions, firsts, shapes }: Lists,
  { from, to }: Range,
  masks: ConditionMasks,
  symbolsOf: (place: number) => Int32Array,
  hits: HitList,
): number {
  const direct = masks.wordPairs();
  let unknown = 0;
  for (let place = from; place < to; place++) {
    const shape = shapes[place] as number;
    const first = firsts[place] as number;
    const end = first + (shape & LENGTH_BITS);
    const flip = (shape & ANY_BIT) === 0 ? 0 : -1;
    let may = -1;
    let met = -1;
    for (let i = first; i < end; i++) {
      const at = 2 * (conditions[i] as number);
      met &= (direct[at] as number) ^ flip;
      may &= (direct[at + 1] as number) ^ flip;
    }
    may = (may ^ flip) & (symbolsOf(place)[0] as number);
    if (may === 0) {
      continue;
    }
    met = (met ^ flip) & may;
    if (met !== 0) {
      hits.add(place, 0, met);
    }
    if (met !== may) {
      unknown += popcount(may ^ met);
    }
  }
  return unknown;
}
