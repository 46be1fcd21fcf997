import { popcount } from "./bits.ts";
import { GrowingInts } from "./growing-ints.ts";

/** Pairs of a strategy and a symbol on which it holds, a word of symbols at a time. */
export class HitList {
  readonly #places = new GrowingInts();
  readonly #words = new GrowingInts();
  readonly #masks = new GrowingInts();

  /** Empties it, for the next strategies. */
  clear(): void {
    this.#places.clear();
    this.#words.clear();
    this.#masks.clear();
  }

  /** The strategy at `place` holds on the symbols of word `word` whose bits are set in `mask`. */
  add(place: number, word: number, mask: number): void {
    this.#places.push(place);
    this.#words.push(word);
    this.#masks.push(mask);
  }

  /** How many pairs there are. */
  get count(): number {
    let count = 0;
    for (let i = 0; i < this.#masks.length; i++) {
      count += popcount(this.#masks.data[i] as number);
    }
    return count;
  }

  /**
   * Calls `visit` with each strategy's place and each symbol on which it holds, in the order in
   * which they were added.
   */
  forEach(visit: (place: number, symbol: number) => void): void {
    for (let i = 0; i < this.#places.length; i++) {
      const place = this.#places.data[i] as number;
      const first = (this.#words.data[i] as number) << 5;
      let rest = this.#masks.data[i] as number;
      while (rest !== 0) {
        const lowest = rest & -rest;
        visit(place, first + 31 - Math.clz32(lowest));
        rest ^= lowest;
      }
    }
  }
}
