import { wordsFor } from "./bits.ts";
import { HitList } from "./hit-list.ts";

/**
 * Arrays that a sweep works on, kept for the next one of the same strategies: making them anew
 * would take a small sweep longer than to judge. They may be longer than asked for, and hold what
 * the sweep before left in them.
 */
export class SweepMemory {
  /** Pairs that hold, of the strategies judged last. */
  readonly hits = new HitList();
  #values = new Float64Array(0);
  #rows = new Int32Array(0);
  #rowOf = new Int32Array(0);
  #rowOfBoundary = new Int32Array(0);
  #wordPairs = new Int32Array(0);
  #known = new Int32Array(0);
  #before = new Int32Array(0);
  #first = new Int32Array(0);
  #following = new Int32Array(0);

  /** Of every feature on every symbol. */
  values(length: number): Float64Array {
    this.#values = length <= this.#values.length ? this.#values : new Float64Array(length);
    return this.#values;
  }

  /** For the rows of masks. */
  rows(length: number): Int32Array {
    this.#rows = grown(this.#rows, length);
    return this.#rows;
  }

  /** By condition. */
  rowOf(conditions: number): Int32Array {
    this.#rowOf = grown(this.#rowOf, conditions);
    return this.#rowOf;
  }

  /** Two words a condition. */
  wordPairs(conditions: number): Int32Array {
    this.#wordPairs = grown(this.#wordPairs, 2 * conditions);
    return this.#wordPairs;
  }

  /** By boundary. */
  rowOfBoundary(boundaries: number): Int32Array {
    this.#rowOfBoundary = grown(this.#rowOfBoundary, boundaries);
    return this.#rowOfBoundary;
  }

  /** What it takes to divide a feature's symbols by so many boundaries. */
  division(symbols: number, boundaries: number): Division {
    const words = wordsFor(symbols);
    this.#known = grown(this.#known, words);
    this.#before = grown(this.#before, words);
    this.#first = grown(this.#first, boundaries);
    this.#following = grown(this.#following, symbols);
    return {
      known: this.#known.fill(0, 0, words),
      before: this.#before.fill(0, 0, words),
      first: this.#first.fill(-1, 0, boundaries),
      following: this.#following,
    };
  }
}

export interface Division {
  /** Words of symbols that have a value; none yet. */
  readonly known: Int32Array;
  /** Words of symbols before the boundary come to; none yet. */
  readonly before: Int32Array;
  /** By boundary the first of the symbols whose first boundary it is; -1: none yet. */
  readonly first: Int32Array;
  /** By symbol the one that follows it there. */
  readonly following: Int32Array;
}

function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  return length <= array.length ? array : new Int32Array(length);
}
