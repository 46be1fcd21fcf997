import { crosses, holds, order, tolerance } from "../compare.ts";
import { setBit, wordsFor } from "./bits.ts";
import type { Boundaries, ConditionTable, GeneralCondition } from "./condition-table.ts";

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
    const before = new Int32Array(table.boundaryCount);
    const behind = new Int32Array(table.boundaryCount);
    table.boundaries.forEach((boundaries, feature) => {
      if (boundaries.count > 0) {
        const own = input.values.subarray(feature * input.symbols, (feature + 1) * input.symbols);
        this.#divide(boundaries, own, before, behind);
      }
    });
    this.#point(table, before, behind);
    for (const condition of table.general) {
      this.#judge(condition, input);
    }
  }

  #rowsNeeded(table: ConditionTable, symbols: number): number {
    const divided = table.boundaries.reduce((sum, { count }) => sum + Math.min(count, symbols + 1), 0);
    return 2 * (divided + table.general.length);
  }

  #point(table: ConditionTable, before: Int32Array, behind: Int32Array): void {
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

  /** Makes the rows of one feature, before and behind each of its boundaries, and points the boundaries at them. */
  #divide(boundaries: Boundaries, values: Float64Array, before: Int32Array, behind: Int32Array): void {
    const { ids, count } = boundaries;
    const known = new Int32Array(this.words);
    // The symbols whose first boundary this is, as a list: its first symbol, and the one that follows each.
    const first = new Int32Array(count).fill(-1);
    const following = new Int32Array(values.length);
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
    const sofar = new Int32Array(this.words);
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
