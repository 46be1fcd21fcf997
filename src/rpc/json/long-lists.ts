import type { Violation } from "../../domain/errors.ts";

/** A list of the request itself, as bytes of its text. */
export interface LongList {
  readonly key: string;
  /** The first byte behind its bracket. */
  readonly from: number;
  /** Commas at which it can be cut. */
  readonly cuts: readonly number[];
  /** Its closing bracket. */
  readonly to: number;
}

/** Shorter lists are parsed with what stands around them. */
const LONG_BYTES = 64 * 1024;
const PIECE_BYTES = 32 * 1024;
/** What is parsed in one turn. Nothing in the contract is larger, but for its lists. */
const LARGEST_PART = 1024 * 1024;

/** The level at which a request's own lists have their entries. */
const DEPTH = 2;

/** Finds the long lists of a request, and where they can be cut. */
export class LongLists {
  readonly lists: LongList[] = [];
  #open: { readonly key: string; readonly from: number; readonly cuts: number[] } | undefined;
  #entry = 0;
  #largest = 0;
  #inLists = 0;

  open(key: string, from: number): void {
    this.#open = { key, from, cuts: [] };
    this.#entry = from;
  }

  /** An entry of what is open at this depth ends at `at`. */
  next(depth: number, at: number): void {
    if (depth !== DEPTH || this.#open === undefined) {
      return;
    }
    const { cuts, from } = this.#open;
    this.#largest = Math.max(this.#largest, at - this.#entry);
    this.#entry = at;
    if (at - (cuts.at(-1) ?? from) >= PIECE_BYTES) {
      cuts.push(at);
    }
  }

  bracketEnds(depth: number, to: number, isList: boolean): void {
    if (depth !== DEPTH || this.#open === undefined) {
      return;
    }
    const { from } = this.#open;
    this.#largest = Math.max(this.#largest, to - this.#entry);
    // A list that another bracket ends is none; JSON.parse says so.
    if (isList && to - from >= LONG_BYTES) {
      this.lists.push({ ...this.#open, to });
      this.#inLists += to - from;
    }
    this.#open = undefined;
  }

  /** What could not be parsed in one turn, of so many bytes in all. */
  faults(bytes: number): readonly Violation[] {
    const largest = Math.max(this.#largest, bytes - this.#inLists);
    const description = `has a part of ${largest} bytes, and none but a list has more than ${LARGEST_PART}`;
    return largest > LARGEST_PART ? [{ field: "request", description }] : [];
  }
}
