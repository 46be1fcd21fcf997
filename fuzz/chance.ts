import { randomOf } from "../bench/harness/random.ts";

/** Chance that can be repeated: equal seeds and calls draw the same. */
export class Chance {
  /** Of decisions that were made, for calls that tell of one. */
  readonly decisionIds: readonly string[];
  readonly #next: () => number;

  constructor(seed: number, call = 0, decisionIds: readonly string[] = []) {
    this.decisionIds = decisionIds;
    this.#next = randomOf(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(call + 1, 0xc2b2ae35));
  }

  /** A whole number from 0 to below `most`. */
  below(most: number): number {
    return Math.floor(this.#next() * most);
  }

  /** Small numbers often, large ones up to `most` now and then. */
  fewUpTo(most: number): number {
    return Math.floor(most ** this.#next());
  }

  /** True in this share of the draws. */
  holds(share: number): boolean {
    return this.#next() < share;
  }

  oneOf<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) {
      throw new RangeError("there is nothing to choose from");
    }
    return item;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}
