import { crosses, holds, order, tolerance } from "../compare.ts";
import { setBit, wordsFor } from "./bits.ts";
import type { Boundaries, ConditionTable, GeneralCondition } from "./condition-table.ts";

/** Boundaries of a feature up to which each is compared with each symbol, where these fit in one word. */
const FEW_BOUNDARIES = 64;

/** What the features are on each symbol; NaN where not ready. Feature `f` of symbol `s` is at `f * symbols + s`. */
export interface FeatureValues {
  readonly symbols: number;
  readonly values: Float64Array;
}

/**
 * Which symbols meet each condition of a table, and which do not, as rows of bits; on the others it is unknown (R12).
 *
 * Every symbol is placed among a feature's thresholds once. From one threshold to the next some symbols more are below, and where none
 * are, both have the same row: conditions only point at rows.
 */
export class ConditionMasks {
  readonly words: number;
  /** Rows of `words` words. */
  rows: Int32Array;
  /** By condition two offsets in `rows`: of the symbols that meet it, and of those that are known not to. */
  readonly rowsOf: Int32Array;
  #used = 0;

  constructor(table: ConditionTable, input: FeatureValues) {
    this.words = wordsFor(input.symbols);
    this.rowsOf = new Int32Array(2 * table.size);
    this.rows = new Int32Array(this.#rowsNeeded(table, input.symbols) * this.words);
    const scratch = scratchFor(table, input.symbols);
    table.boundaries.forEach((boundaries, feature) => {
      if (boundaries.count === 0) {
        return;
      }
      if (this.words === 1 && boundaries.count <= FEW_BOUNDARIES) {
        this.#compare(boundaries, input, feature, scratch);
      } else {
        const own = input.values.subarray(feature * input.symbols, (feature + 1) * input.symbols);
        this.#divide(boundaries, own, scratch);
      }
    });
    this.#point(table, scratch);
    for (const condition of table.general) {
      this.#judge(condition, input);
    }
  }

  #rowsNeeded(table: ConditionTable, symbols: number): number {
    const divided = table.boundaries.reduce((sum, { count }) => sum + Math.min(count, symbols + 1), 0);
    return 2 * (divided + table.general.length);
  }

  #point(table: ConditionTable, { before, behind }: Scratch): void {
    const { rowsOf } = this;
    const boundaryOf = table.boundaryOf.data;
    const metBefore = table.metBefore.data;
    for (let id = 0; id < table.size; id++) {
      const boundary = boundaryOf[id] ?? -1;
      if (boundary >= 0) {
        const side = metBefore[id] === 1 ? 0 : 1;
        rowsOf[2 * id + side] = before[boundary] as number;
        rowsOf[2 * id + 1 - side] = behind[boundary] as number;
      }
    }
  }

  /** The same for few symbols and boundaries: all of their comparisons take less time than to find each symbol's place. */
  #compare(
    { thresholds, inclusive, ids, count }: Boundaries,
    { values, symbols }: FeatureValues,
    feature: number,
    { before, behind }: Scratch,
  ): void {
    const { rows } = this;
    const own = feature * symbols;
    let known = 0;
    for (let symbol = 0; symbol < symbols; symbol++) {
      known |= (Number.isNaN(values[own + symbol] as number) ? 0 : 1) << symbol;
    }
    let row = -1;
    for (let b = 0; b < count; b++) {
      const threshold = thresholds[b] as number;
      const atIt = inclusive[b] as number;
      let word = 0;
      for (let symbol = 0; symbol < symbols; symbol++) {
        const value = values[own + symbol] as number;
        word |= (value < threshold ? 1 : value === threshold ? atIt : 0) << symbol;
      }
      if (row < 0 || rows[row] !== word) {
        row = this.#used;
        rows[row] = word;
        rows[row + 1] = known & ~word;
        this.#used += 2;
      }
      before[ids[b] as number] = row;
      behind[ids[b] as number] = row + 1;
    }
  }

  /** Makes the rows of one feature, before and behind each of its boundaries, and points the boundaries at them. */
  #divide(boundaries: Boundaries, values: Float64Array, lists: Scratch): void {
    const { ids, count } = boundaries;
    const known = lists.known.fill(0, 0, this.words);
    // The symbols whose first boundary this is, as a list: its first symbol, and the one that follows each.
    const first = lists.first.fill(-1, 0, count);
    const { following, before, behind } = lists;
    for (let symbol = 0; symbol < values.length; symbol++) {
      const value = values[symbol] ?? Number.NaN;
      if (Number.isNaN(value)) {
        continue;
      }
      setBit(known, 0, symbol);
      const place = boundaries.firstBehind(value);
      if (place < count) {
        following[symbol] = first[place] ?? -1;
        first[place] = symbol;
      }
    }
    const sofar = lists.sofar.fill(0, 0, this.words);
    let row = -1;
    for (let b = 0; b < count; b++) {
      const added = first[b] as number;
      if (row < 0 || added >= 0) {
        for (let symbol = added; symbol >= 0; symbol = following[symbol] as number) {
          setBit(sofar, 0, symbol);
        }
        row = this.#addRows(sofar, known);
      }
      const id = ids[b] as number;
      before[id] = row;
      behind[id] = row + this.words;
    }
  }

  /** A row of these symbols, and behind it the row of all other known ones. */
  #addRows(symbols: Int32Array, known: Int32Array): number {
    const { rows, words } = this;
    const row = this.#used;
    this.#used += 2 * words;
    for (let w = 0; w < words; w++) {
      const word = symbols[w] as number;
      rows[row + w] = word;
      rows[row + words + w] = (known[w] as number) & ~word;
    }
    return row;
  }

  /** R13, R14, symbol by symbol, by the same functions as the explained judge. */
  #judge(condition: GeneralCondition, { values, symbols }: FeatureValues): void {
    const met = this.#used;
    const notMet = met + this.words;
    this.#used += 2 * this.words;
    this.rowsOf[2 * condition.id] = met;
    this.rowsOf[2 * condition.id + 1] = notMet;
    const at = (feature: number, symbol: number) => values[feature * symbols + symbol] ?? Number.NaN;
    const { operand } = condition.compiled.condition;
    const { right } = condition.compiled;
    const operator = condition.compiled.condition.operator;
    const number = typeof operand === "number" ? operand : Number.NaN;
    const within = (l: number, r: number, close: number) =>
      typeof right === "number" ? 0 : tolerance(condition.compiled.left, right, l, r, close);
    for (let symbol = 0; symbol < symbols; symbol++) {
      const l = at(condition.left, symbol);
      const r = condition.right < 0 ? number : at(condition.right, symbol);
      if (Number.isNaN(l) || Number.isNaN(r)) {
        continue;
      }
      const slack = within(l, r, condition.close < 0 ? Number.NaN : at(condition.close, symbol));
      let isMet: boolean;
      if (operator === "crosses_above" || operator === "crosses_below") {
        const pl = at(condition.previousLeft, symbol);
        const pr = condition.right < 0 ? number : at(condition.previousRight, symbol);
        if (Number.isNaN(pl) || Number.isNaN(pr)) {
          continue;
        }
        const before = within(pl, pr, condition.previousClose < 0 ? Number.NaN : at(condition.previousClose, symbol));
        isMet = crosses(operator, order(pl, pr, before), order(l, r, slack));
      } else {
        isMet = holds(operator, l, r, slack);
      }
      setBit(this.rows, isMet ? met : notMet, symbol);
    }
  }
}

/** What is needed while masks are made, and not any more once they are: the same for every sweep of a table. */
interface Scratch {
  readonly symbols: number;
  readonly conditions: number;
  /** By boundary: the row of those before it, and of those behind. */
  readonly before: Int32Array;
  readonly behind: Int32Array;
  /** Of the feature that is being divided: the symbols with a value, those before the boundary come to, and the lists of #divide. */
  readonly known: Int32Array;
  readonly sofar: Int32Array;
  readonly first: Int32Array;
  readonly following: Int32Array;
}

const SCRATCH = new WeakMap<ConditionTable, Scratch>();

function scratchFor(table: ConditionTable, symbols: number): Scratch {
  const known = SCRATCH.get(table);
  if (known !== undefined && known.symbols >= symbols && known.conditions === table.size) {
    return known;
  }
  const most = table.boundaries.reduce((count, boundaries) => Math.max(count, boundaries.count), 0);
  const scratch: Scratch = {
    symbols,
    conditions: table.size,
    before: new Int32Array(table.boundaryCount),
    behind: new Int32Array(table.boundaryCount),
    known: new Int32Array(wordsFor(symbols)),
    sofar: new Int32Array(wordsFor(symbols)),
    first: new Int32Array(most),
    following: new Int32Array(symbols),
  };
  SCRATCH.set(table, scratch);
  return scratch;
}
