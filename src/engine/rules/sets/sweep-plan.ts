import type { Pace } from "../../concurrency/pace.ts";
import type { CompiledCondition } from "../conditions/compiled-condition.ts";
import type { CompiledRule } from "../conditions/compiled-rule.ts";
import type { CompiledStrategy } from "../conditions/compiled-strategy.ts";
import { isSpared } from "../gates/gates.ts";
import { combine, type Lists, lengthOf, type Range, shapeOf, TREE } from "./combine.ts";
import { ConditionTable } from "./condition-table.ts";
import { GrowingInts } from "./growing-ints.ts";
import type { HitList } from "./hit-list.ts";
import type { ConditionMasks } from "./masks.ts";
import { listedIn, setRuleOf } from "./set-rule.ts";
import { pushProgram } from "./tree-walk.ts";

/**
 * Lists that no strategy has any more are kept until they are more than those in use, and than
 * these.
 */
const LEAST_WASTE = 1_024;

/**
 * Strategies as lists of conditions of one table: what a sweep needs of them, and nothing else. A
 * plan never changes; one with a few strategies exchanged is made from it in no time, and shares
 * with it the table and the lists, which only grow.
 */
export class SweepPlan {
  readonly strategies: readonly CompiledStrategy[];
  readonly table: ConditionTable;
  readonly #conditions: GrowingInts;
  readonly #firsts: Int32Array;
  readonly #shapes: Uint8Array;
  /**
   * By strategy: 1 where an open policy and market data are all that it needs; told without a look
   * at the strategy, which is far away in memory.
   */
  readonly #isOpen: Uint8Array;
  /** Entries of the lists that are in use. */
  #used = 0;
  /** How many strategies are open. */
  #open = 0;

  private constructor(strategies: readonly CompiledStrategy[], table: ConditionTable, conditions: GrowingInts) {
    this.strategies = strategies;
    this.table = table;
    this.#conditions = conditions;
    this.#firsts = new Int32Array(strategies.length);
    this.#shapes = new Uint8Array(strategies.length);
    this.#isOpen = new Uint8Array(strategies.length);
  }

  /** Made in slices: a hundred thousand strategies take some tenths of a second. */
  static async of(strategies: readonly CompiledStrategy[], pace: Pace): Promise<SweepPlan> {
    const plan = new SweepPlan(strategies, new ConditionTable(), new GrowingInts());
    for (let place = 0; place < strategies.length; place++) {
      if (pace.isLateAfter(1)) {
        await pace.rest();
      }
      plan.#put(place);
    }
    return plan;
  }

  /**
   * The plan of `strategies`, which are this plan's but for those at the places that changed.
   * Undefined where so much is worn that all is better made anew.
   */
  changed(strategies: readonly CompiledStrategy[], places: Iterable<number>): SweepPlan | undefined {
    const next = new SweepPlan(strategies, this.table, this.#conditions);
    next.#copy(this);
    for (const place of places) {
      if (place < strategies.length) {
        next.#put(place);
      }
    }
    const waste = next.#conditions.length - next.#used;
    return waste > Math.max(LEAST_WASTE, next.#used) ? undefined : next;
  }

  isOpen(place: number): boolean {
    return this.#isOpen[place] === 1;
  }

  /** Whether all are. */
  get areAllOpen(): boolean {
    return this.#open === this.strategies.length;
  }

  /**
   * R15 for the strategies from `from` to below `to` on all symbols at once. `symbolsOf` says on
   * which symbols a strategy is judged. Tells `hits` where they hold, and answers how often it
   * cannot be known.
   */
  judge(range: Range, masks: ConditionMasks, symbolsOf: (place: number) => Int32Array, hits: HitList): number {
    const lists: Lists = { conditions: this.#conditions.data, firsts: this.#firsts, shapes: this.#shapes };
    return combine(lists, range, masks, symbolsOf, hits);
  }

  #copy(from: SweepPlan): void {
    const kept = Math.min(this.strategies.length, from.strategies.length);
    this.#firsts.set(from.#firsts.subarray(0, kept));
    this.#shapes.set(from.#shapes.subarray(0, kept));
    this.#isOpen.set(from.#isOpen.subarray(0, kept));
    this.#open = this.#isOpen.reduce((sum, isOpen) => sum + isOpen, 0);
    this.#used = from.#used;
    for (let place = kept; place < from.strategies.length; place++) {
      this.#used -= from.#lengthAt(place);
    }
  }

  #put(place: number): void {
    const compiled = this.strategies[place] as CompiledStrategy;
    this.#used -= this.#lengthAt(place);
    this.#firsts[place] = this.#conditions.length;
    this.#shapes[place] = this.#push(compiled.entry);
    this.#used += this.#lengthAt(place);
    const isOpen = isSpared(compiled) ? 1 : 0;
    this.#open += isOpen - (this.#isOpen[place] as number);
    this.#isOpen[place] = isOpen;
  }

  /** Appends the numbers of a rule; answers its shape. */
  #push({ conditions, root }: CompiledRule): number {
    const rule = setRuleOf(root);
    const idOf = (at: number) => this.table.add(conditions[at] as CompiledCondition);
    const listed = listedIn(rule);
    if (listed === undefined) {
      pushProgram(rule, idOf, this.#conditions);
      return TREE;
    }
    for (const at of listed) {
      this.#conditions.push(idOf(at));
    }
    return shapeOf(listed.length, rule.kind === "or");
  }

  #lengthAt(place: number): number {
    return lengthOf(this.#shapes[place] as number, this.#conditions.data, this.#firsts[place] as number);
  }
}
