import type { CompiledStrategy } from "../compile.ts";
import { popcount } from "./bits.ts";
import { combineRows } from "./combine.ts";
import { ConditionTable } from "./condition-table.ts";
import { GrowingInts } from "./growing.ts";
import type { ConditionMasks } from "./masks.ts";

/** How strategies came out over the symbols of a sweep, one entry a strategy of the range judged. */
export interface PlanCounts {
  /** Symbols on which the combined conditions hold. */
  readonly met: Int32Array;
  /** Symbols on which they cannot be known (R15). */
  readonly unknown: Int32Array;
}

/** Strategies as lists of conditions of one table: what a sweep needs of them, and nothing else. */
export class SweepPlan {
  readonly table = new ConditionTable();
  readonly #strategies: CompiledStrategy[] = [];
  /** By strategy: where its conditions begin in the lists, how many they are, and whether one is enough. */
  readonly #first = new GrowingInts();
  readonly #length = new GrowingInts();
  readonly #isAny = new GrowingInts();
  readonly #lists = new GrowingInts();
  readonly #isOpen = new GrowingInts();
  #counts: PlanCounts = { met: new Int32Array(0), unknown: new Int32Array(0) };

  constructor(strategies: Iterable<CompiledStrategy> = []) {
    for (const compiled of strategies) {
      this.add(compiled);
    }
  }

  get strategies(): readonly CompiledStrategy[] {
    return this.#strategies;
  }

  /** Whether a strategy is active, for all symbols and for any regime; told without a look at the strategy, which is far away in memory. */
  isOpen(place: number): boolean {
    return this.#isOpen.data[place] === 1;
  }

  /** For so many strategies, and until it is asked for again. What was counted before is still there. */
  counts(strategies: number): PlanCounts {
    if (this.#counts.met.length < strategies) {
      this.#counts = { met: new Int32Array(strategies), unknown: new Int32Array(strategies) };
    }
    return this.#counts;
  }

  add(compiled: CompiledStrategy): void {
    this.#strategies.push(compiled);
    this.#first.push(this.#lists.length);
    this.#length.push(compiled.conditions.length);
    this.#isAny.push(compiled.strategy.entryLogic === "ANY" ? 1 : 0);
    const { status } = compiled.strategy;
    const isActive = status === "LIVE" || status === "SHADOW";
    this.#isOpen.push(isActive && compiled.symbols.size === 0 && compiled.regimes.size === 0 ? 1 : 0);
    for (const condition of compiled.conditions) {
      this.#lists.push(this.table.add(condition));
    }
  }

  /**
   * R15 for the strategies from `from` to below `to` on all symbols at once. `masksOf[i]` says on which symbols strategy `i` is judged;
   * `onHits` is told of each strategy with symbols on which it holds.
   */
  judge(
    range: { readonly from: number; readonly to: number },
    masks: ConditionMasks,
    maskOf: (place: number) => Int32Array,
    counts: PlanCounts,
    onHits: (place: number, hits: Int32Array) => void,
  ): void {
    if (masks.words === 1) {
      this.#judgeWords(range, masks, maskOf, counts, onHits);
      return;
    }
    const { rows, rowsOf, words } = masks;
    const [firsts, lengths, lists, isAnys] = [this.#first.data, this.#length.data, this.#lists.data, this.#isAny.data];
    const conditions = { rows, rowsOf, lists };
    const [all, any] = [new Int32Array(words), new Int32Array(words)];
    for (let place = range.from; place < range.to; place++) {
      const isAny = isAnys[place] === 1 ? 1 : 0;
      combineRows(conditions, firsts[place] as number, lengths[place] as number, isAny, all, any);
      const hits = isAny === 1 ? any : all;
      const mask = maskOf(place);
      let met = 0;
      let unknown = 0;
      for (let w = 0; w < words; w++) {
        const wanted = mask[w] as number;
        const open = wanted & ~((all[w] as number) | (any[w] as number));
        const hit = (hits[w] as number) & wanted;
        hits[w] = hit;
        met += hit === 0 ? 0 : popcount(hit);
        unknown += open === 0 ? 0 : popcount(open);
      }
      counts.met[place - range.from] = met;
      counts.unknown[place - range.from] = unknown;
      if (met > 0) {
        onHits(place, hits);
      }
    }
  }
  /** The same for no more than 32 symbols, a word a row: without loops over words, twice as fast. */
  #judgeWords(
    { from, to }: { readonly from: number; readonly to: number },
    { rows, rowsOf }: ConditionMasks,
    maskOf: (place: number) => Int32Array,
    counts: PlanCounts,
    onHits: (place: number, hits: Int32Array) => void,
  ): void {
    const [firsts, lengths, lists, isAnys] = [this.#first.data, this.#length.data, this.#lists.data, this.#isAny.data];
    const hits = new Int32Array(1);
    for (let place = from; place < to; place++) {
      const isAny = isAnys[place] as number;
      const start = firsts[place] as number;
      const end = start + (lengths[place] as number);
      let all = -1;
      let any = 0;
      for (let i = start; i < end; i++) {
        const at = 2 * (lists[i] as number) + isAny;
        all &= rows[rowsOf[at] as number] as number;
        any |= rows[rowsOf[at ^ 1] as number] as number;
      }
      const wanted = maskOf(place)[0] as number;
      const hit = (isAny === 1 ? any : all) & wanted;
      const open = wanted & ~(all | any);
      counts.met[place - from] = hit === 0 ? 0 : popcount(hit);
      counts.unknown[place - from] = open === 0 ? 0 : popcount(open);
      if (hit !== 0) {
        hits[0] = hit;
        onHits(place, hits);
      }
    }
  }
}
