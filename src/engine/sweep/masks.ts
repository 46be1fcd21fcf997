import { crosses, holds, order, tolerance } from "../compare.ts";
import { setBit, wordsFor } from "./bits.ts";
import type { ConditionTable, GeneralCondition } from "./condition-table.ts";

/** What the features are on each symbol; NaN where not ready. Feature `f` of symbol `s` is at `f * symbols + s`. */
export interface FeatureValues {
  readonly symbols: number;
  readonly values: Float64Array;
}

/**
 * Which symbols meet each condition of a table, and which do not, as rows of bits; on the others it is unknown (R12).
 *
 * A feature's symbols are sorted once. Every threshold's answer is then a prefix of that order, and one row serves all thresholds
 * between the same two neighbours: conditions only point at rows.
 */
export class ConditionMasks {
  readonly words: number;
  /** Rows of `words` words. */
  rows: Int32Array;
  /** Offset in `rows` of the symbols that meet the condition, by condition. */
  readonly met: Int32Array;
  /** Offset in `rows` of those that are known not to. */
  readonly notMet: Int32Array;
  #used = 0;

  constructor(table: ConditionTable, input: FeatureValues) {
    this.words = wordsFor(input.symbols);
    this.met = new Int32Array(table.size);
    this.notMet = new Int32Array(table.size);
    this.rows = new Int32Array(this.#rowsNeeded(table, input.symbols) * this.words);
    const before = new Int32Array(table.boundaryCount);
    const behind = new Int32Array(table.boundaryCount);
    for (let feature = 0; feature < table.features.length; feature++) {
      if ((table.boundaries[feature]?.count ?? 0) > 0) {
        this.#divide(table, input, feature, before, behind);
      }
    }
    this.#point(table, before, behind);
    for (const condition of table.general) {
      this.#judge(condition, input);
    }
  }

  #rowsNeeded(table: ConditionTable, symbols: number): number {
    const divided = table.boundaries.filter((boundaries) => boundaries.count > 0).length;
    return 2 * (symbols + 1) * divided + 2 * table.general.length;
  }

  #point(table: ConditionTable, before: Int32Array, behind: Int32Array): void {
    const { met, notMet } = this;
    const boundaryOf = table.boundaryOf.data;
    const metBefore = table.metBefore.data;
    for (let id = 0; id < met.length; id++) {
      const boundary = boundaryOf[id] ?? -1;
      if (boundary >= 0) {
        const isBefore = metBefore[id] === 1;
        const one = before[boundary] ?? 0;
        const other = behind[boundary] ?? 0;
        met[id] = isBefore ? one : other;
        notMet[id] = isBefore ? other : one;
      }
    }
  }

  /** Makes the rows of one feature: before and behind each place in the order of its symbols; and points its boundaries at them. */
  #divide(table: ConditionTable, input: FeatureValues, feature: number, before: Int32Array, behind: Int32Array): void {
    const { words, rows } = this;
    const { sorted, bySymbol } = sortFeature(input, feature);
    const known = sorted.length;
    const first = this.#used;
    const stride = (known + 1) * words;
    this.#used += 2 * stride;
    const all = first + known * words;
    for (let i = 0; i < known; i++) {
      const row = first + (i + 1) * words;
      for (let w = 0; w < words; w++) {
        rows[row + w] = rows[row + w - words] ?? 0;
      }
      setBit(rows, row, bySymbol[i] ?? 0);
    }
    for (let place = first, w = 0; place < first + stride; place++) {
      rows[place + stride] = (rows[all + w] ?? 0) & ~(rows[place] ?? 0);
      w = w + 1 === words ? 0 : w + 1;
    }
    const boundaries = table.boundaries[feature];
    if (boundaries === undefined) {
      return;
    }
    const { thresholds, inclusive, ids, count } = boundaries;
    let at = 0;
    for (let b = 0; b < count; b++) {
      const threshold = thresholds[b] ?? 0;
      if (inclusive[b] === 1) {
        while (at < known && (sorted[at] ?? 0) <= threshold) {
          at++;
        }
      } else {
        while (at < known && (sorted[at] ?? 0) < threshold) {
          at++;
        }
      }
      const id = ids[b] ?? 0;
      before[id] = first + at * words;
      behind[id] = first + stride + at * words;
    }
  }

  /** R13, R14, symbol by symbol, by the same functions as the explained judge. */
  #judge(condition: GeneralCondition, { values, symbols }: FeatureValues): void {
    const met = this.#used;
    const notMet = met + this.words;
    this.#used += 2 * this.words;
    this.met[condition.id] = met;
    this.notMet[condition.id] = notMet;
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

/** The feature's ready values in order, with the symbols that have them. */
function sortFeature(
  { values, symbols }: FeatureValues,
  feature: number,
): { readonly sorted: Float64Array; readonly bySymbol: Int32Array } {
  const own = values.subarray(feature * symbols, (feature + 1) * symbols);
  const sorted = own.filter((value) => !Number.isNaN(value)).sort();
  const bySymbol = new Int32Array(sorted.length);
  // Equal values share a first place; each symbol takes the next one free behind it.
  const taken = new Int32Array(sorted.length);
  for (let symbol = 0; symbol < symbols; symbol++) {
    const value = own[symbol] ?? Number.NaN;
    if (!Number.isNaN(value)) {
      const first = firstPlace(sorted, value);
      const offset = taken[first] ?? 0;
      taken[first] = offset + 1;
      bySymbol[first + offset] = symbol;
    }
  }
  return { sorted, bySymbol };
}

/** The first place of a value in a sorted array that holds it; -0 and 0 are one value. */
function firstPlace(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
