import { popcount } from "./bits.ts";
import type { HitList } from "./hit-list.ts";
import type { ConditionMasks } from "./masks.ts";
import { programLength, TreeWalk } from "./tree-walk.ts";

/** Strategies as numbers, so that a sweep reads a few arrays from end to end and nothing else. */
export interface Lists {
  /** A strategy's conditions by number, behind one another; of a tree its program. */
  readonly conditions: Int32Array;
  /** By strategy: where its conditions begin. */
  readonly firsts: Int32Array;
  /** By strategy: how many they are, and whether one is enough; TREE of a tree. */
  readonly shapes: Uint8Array;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

const ANY_BIT = 0x80;
const LENGTH_BITS = 0x3f;
/** The shape of what is no list: its program says all. */
export const TREE = 0x40;

/** The shape of a list in a byte: how many conditions, and whether one of them is enough. */
export function shapeOf(conditions: number, isAny: boolean): number {
  return conditions | (isAny ? ANY_BIT : 0);
}

/** How many numbers a strategy takes of those that begin at `first`. */
export function lengthOf(shape: number, conditions: Int32Array, first: number): number {
  return shape === TREE ? programLength(conditions, first) : shape & LENGTH_BITS;
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
  const walk = new TreeWalk({
    rows,
    metAt: (condition) => rowOf[condition] as number,
    mayAt: (condition) => (rowOf[condition] as number) + words,
  });
  let unknown = 0;
  for (let place = from; place < to; place++) {
    const shape = shapes[place] as number;
    const length = shape & LENGTH_BITS;
    const first = firsts[place] as number;
    const flip = (shape & ANY_BIT) === 0 ? 0 : -1;
    const symbols = symbolsOf(place);
    if (shape === TREE) {
      walk.take(conditions, first);
      for (let w = 0; w < words; w++) {
        unknown += walkWord(walk, w, symbols[w] as number, place, hits);
      }
      continue;
    }
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
  const walk = new TreeWalk({
    rows: direct,
    metAt: (condition) => 2 * condition,
    mayAt: (condition) => 2 * condition + 1,
  });
  let unknown = 0;
  for (let place = from; place < to; place++) {
    const shape = shapes[place] as number;
    const first = firsts[place] as number;
    if (shape === TREE) {
      walk.take(conditions, first);
      unknown += walkWord(walk, 0, symbolsOf(place)[0] as number, place, hits);
      continue;
    }
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

/** One word of a tree's symbols; answers on how many it cannot be known. */
function walkWord(walk: TreeWalk, w: number, wanted: number, place: number, hits: HitList): number {
  const may = walk.may(w) & wanted;
  if (may === 0) {
    return 0;
  }
  const met = walk.met(w) & may;
  if (met !== 0) {
    hits.add(place, w, met);
  }
  return met === may ? 0 : popcount(may ^ met);
}
