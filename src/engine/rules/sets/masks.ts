import type { Pace } from "../../concurrency/pace.ts";
import { setBit, wordsFor } from "./bits.ts";
import type { Boundaries } from "./boundaries.ts";
import type { ConditionTable, GeneralCondition } from "./condition-table.ts";
import { type Feature, type FeatureValues, isComputed } from "./features.ts";
import { computeColumn } from "./formula-features.ts";
import { GeneralJudge } from "./general-judge.ts";
import type { SweepMemory } from "./sweep-memory.ts";

/**
 * Boundaries of a feature up to which each is compared with each symbol, where these fit in one
 * word.
 */
const FEW_BOUNDARIES = 64;

/**
 * Rows that each boundary has: of the symbols before it, and of those behind it, and of both with
 * the unknown ones (R12).
 */
const ROWS_A_BOUNDARY = 4;

/**
 * Which symbols meet each condition of a table, and which may, the unknown ones among them (R12),
 * as rows of bits.
 *
 * Every symbol is placed among a feature's thresholds once. From one threshold to the next some
 * symbols more are below, and where none are, both have the same rows: conditions only point at
 * rows.
 */
export class ConditionMasks {
  readonly words: number;
  /** Rows of `words` words. */
  readonly rows: Int32Array;
  /**
   * By condition the offset in `rows` of those that meet it; the row of those that may is right
   * behind it.
   */
  readonly rowOf: Int32Array;
  /** Conditions there are. */
  readonly size: number;
  readonly #input: FeatureValues;
  readonly #general: GeneralJudge;
  readonly #memory: SweepMemory;
  /** By boundary the offset of its rows. */
  readonly #rowOfBoundary: Int32Array;
  #used = 0;

  private constructor(table: ConditionTable, input: FeatureValues, memory: SweepMemory) {
    this.#input = input;
    this.#general = new GeneralJudge(input);
    this.#memory = memory;
    this.words = wordsFor(input.symbols);
    this.size = table.size;
    this.rowOf = memory.rowOf(table.size);
    this.rows = memory.rows(rowsNeeded(table, input.symbols) * this.words);
    this.#rowOfBoundary = memory.rowOfBoundary(table.boundaryCount);
  }

  /** Made at once, where there is too little of it to let other work go between. */
  static ofFew(table: ConditionTable, input: FeatureValues, memory: SweepMemory): ConditionMasks {
    const masks = new ConditionMasks(table, input, memory);
    for (let feature = 0; feature < input.features; feature++) {
      masks.#compute(table.features[feature] as Feature, feature);
      masks.#place(table.boundaries[feature] as Boundaries, feature);
    }
    masks.#point(table);
    for (const condition of table.general) {
      masks.#judge(condition);
    }
    return masks;
  }

  /**
   * Made in slices. What the table gets meanwhile is left out: it is for plans that are made later.
   */
  static async of(
    table: ConditionTable,
    input: FeatureValues,
    memory: SweepMemory,
    pace: Pace,
  ): Promise<ConditionMasks> {
    const general = table.general.length;
    const masks = new ConditionMasks(table, input, memory);
    let divided: readonly Boundaries[] = table.boundaries.slice(0, input.features);
    let isOwn = false;
    for (let feature = 0; feature < divided.length; feature++) {
      masks.#compute(table.features[feature] as Feature, feature);
      masks.#place(divided[feature] as Boundaries, feature);
      if (pace.isLateAfter(input.symbols)) {
        // A threshold that is put between others moves them.
        divided = isOwn ? divided : divided.map((boundaries) => boundaries.copy());
        isOwn = true;
        await pace.rest();
      }
    }
    masks.#point(table);
    for (let i = 0; i < general; i++) {
      masks.#judge(table.general[i] as GeneralCondition);
      if (pace.isLateAfter(input.symbols)) {
        await pace.rest();
      }
    }
    return masks;
  }

  /**
   * Where all symbols are in one word: every condition's two words side by side, so that its number
   * alone says where they are.
   */
  wordPairs(): Int32Array {
    const pairs = this.#memory.wordPairs(this.size);
    for (let id = 0; id < this.size; id++) {
      const row = this.rowOf[id] as number;
      pairs[2 * id] = this.rows[row] as number;
      pairs[2 * id + 1] = this.rows[row + 1] as number;
    }
    return pairs;
  }

  #point(table: ConditionTable): void {
    const boundaryOf = table.boundaryOf.data;
    const metBefore = table.metBefore.data;
    for (let id = 0; id < this.size; id++) {
      const boundary = boundaryOf[id] as number;
      if (boundary >= 0) {
        this.rowOf[id] = (this.#rowOfBoundary[boundary] as number) + (metBefore[id] === 1 ? 0 : 2 * this.words);
      }
    }
  }

  /** An expression's features stand behind those that it is computed from. */
  #compute(feature: Feature, id: number): void {
    if (isComputed(feature)) {
      computeColumn(feature, id, this.#input);
    }
  }

  /** Makes the rows of one feature, before and behind each of its boundaries. */
  #place(boundaries: Boundaries, feature: number): void {
    if (boundaries.count === 0) {
      return;
    }
    if (this.words === 1 && boundaries.count <= FEW_BOUNDARIES) {
      this.#compare(boundaries, feature);
    } else {
      this.#divide(boundaries, feature);
    }
  }

  /**
   * For few symbols and boundaries: all of their comparisons take less time than to find each
   * symbol's place.
   */
  #compare({ thresholds, inclusive, ids, count }: Boundaries, feature: number): void {
    const { rows } = this;
    const { symbols, values } = this.#input;
    const own = feature * symbols;
    let known = 0;
    for (let symbol = 0; symbol < symbols; symbol++) {
      known |= (Number.isNaN(values[own + symbol] as number) ? 0 : 1) << symbol;
    }
    let row = -1;
    for (let b = 0; b < count; b++) {
      const threshold = thresholds[b] as number;
      const atIt = inclusive[b] as number;
      let before = 0;
      for (let symbol = 0; symbol < symbols; symbol++) {
        const value = values[own + symbol] as number;
        before |= (value < threshold ? 1 : value === threshold ? atIt : 0) << symbol;
      }
      if (row < 0 || rows[row] !== before) {
        row = this.#addRow(before, known, this.#take(1));
      }
      this.#rowOfBoundary[ids[b] as number] = row;
    }
  }

  /** For many: each symbol is placed among the boundaries once. */
  #divide(boundaries: Boundaries, feature: number): void {
    const { ids, count } = boundaries;
    const { symbols, values } = this.#input;
    const { known, before, first, following } = this.#memory.division(symbols, count);
    for (let symbol = 0; symbol < symbols; symbol++) {
      const value = values[feature * symbols + symbol] as number;
      if (Number.isNaN(value)) {
        continue;
      }
      setBit(known, 0, symbol);
      const place = boundaries.firstBehind(value);
      if (place < count) {
        following[symbol] = first[place] as number;
        first[place] = symbol;
      }
    }
    let row = -1;
    for (let b = 0; b < count; b++) {
      const added = first[b] as number;
      if (row < 0 || added >= 0) {
        for (let symbol = added; symbol >= 0; symbol = following[symbol] as number) {
          setBit(before, 0, symbol);
        }
        row = this.#addRows(before, known);
      }
      this.#rowOfBoundary[ids[b] as number] = row;
    }
  }

  /** The rows of a boundary with these symbols before it. */
  #addRows(before: Int32Array, known: Int32Array): number {
    const { words } = this;
    const first = this.#take(words);
    for (let w = 0; w < words; w++) {
      this.#addRow(before[w] as number, known[w] as number, first + w);
    }
    return first;
  }

  /** A word of each row of a boundary; answers where the first is. */
  #addRow(before: number, known: number, at: number): number {
    const { rows, words } = this;
    rows[at] = before;
    rows[at + words] = before | ~known;
    rows[at + 2 * words] = known & ~before;
    rows[at + 3 * words] = ~before;
    return at;
  }

  /** Room for the rows of a boundary. */
  #take(words: number): number {
    const first = this.#used;
    this.#used += ROWS_A_BOUNDARY * words;
    return first;
  }

  /** R13, R14, symbol by symbol. */
  #judge(condition: GeneralCondition): void {
    const met = this.#used;
    const may = met + this.words;
    this.#used += 2 * this.words;
    this.rowOf[condition.id] = met;
    this.rows.fill(0, met, met + 2 * this.words);
    for (let symbol = 0; symbol < this.#input.symbols; symbol++) {
      const isMet = this.#general.isMet(condition, symbol);
      if (isMet !== false) {
        setBit(this.rows, may, symbol);
      }
      if (isMet === true) {
        setBit(this.rows, met, symbol);
      }
    }
  }
}

function rowsNeeded(table: ConditionTable, symbols: number): number {
  const divided = table.boundaries.reduce((sum, { count }) => sum + Math.min(count, symbols + 1), 0);
  return ROWS_A_BOUNDARY * divided + 2 * table.general.length;
}
