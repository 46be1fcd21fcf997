import type { CompiledStrategy } from "../compile.ts";
import { popcount } from "./bits.ts";
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

  constructor(strategies: Iterable<CompiledStrategy> = []) {
    for (const compiled of strategies) {
      this.add(compiled);
    }
  }

  get strategies(): readonly CompiledStrategy[] {
    return this.#strategies;
  }

  add(compiled: CompiledStrategy): void {
    this.#strategies.push(compiled);
    this.#first.push(this.#lists.length);
    this.#length.push(compiled.conditions.length);
    this.#isAny.push(compiled.strategy.entryLogic === "ANY" ? 1 : 0);
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
    const hits = new Int32Array(masks.words);
    const { rows, words } = masks;
    const [firsts, lengths, lists, isAnys] = [this.#first.data, this.#length.data, this.#lists.data, this.#isAny.data];
    for (let place = range.from; place < range.to; place++) {
      const isAny = isAnys[place] === 1;
      // ANY is ALL of the opposite: it fails where all fail, and holds where one does not.
      const both = isAny ? masks.notMet : masks.met;
      const either = isAny ? masks.met : masks.notMet;
      const mask = maskOf(place);
      const start = firsts[place] ?? 0;
      const end = start + (lengths[place] ?? 0);
      const a = both[lists[start] ?? 0] ?? 0;
      const b = either[lists[start] ?? 0] ?? 0;
      let met = 0;
      let unknown = 0;
      for (let w = 0; w < words; w++) {
        let all = rows[a + w] ?? 0;
        let any = rows[b + w] ?? 0;
        for (let i = start + 1; i < end; i++) {
          const id = lists[i] ?? 0;
          all &= rows[(both[id] ?? 0) + w] ?? 0;
          any |= rows[(either[id] ?? 0) + w] ?? 0;
        }
        const wanted = mask[w] ?? 0;
        const hit = (isAny ? any : all) & wanted;
        const open = wanted & ~(all | any);
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
}
