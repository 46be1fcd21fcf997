import type { Pace } from "../../concurrency/pace.ts";
import type { CompiledStrategy } from "../conditions/compiled-strategy.ts";
import { SweepPlan } from "./sweep-plan.ts";

/** A plan of other strategies, and the places at which they differ. */
interface Base {
  readonly plan: SweepPlan;
  /** One may come more than once. */
  readonly places: readonly number[];
}

/**
 * Ways of parting a set that are remembered: more than one come only where series reach back
 * differently.
 */
const MOST_PARTINGS = 8;

/**
 * Strategies that are swept together, as they are at one moment. It never changes, so a sweep that
 * rests meets no other version.
 */
export class StrategySet {
  readonly strategies: readonly CompiledStrategy[];
  #base: Base | undefined;
  #plan: SweepPlan | undefined;
  #making: Promise<SweepPlan> | undefined;
  readonly #partings = new Map<string, readonly [StrategySet, StrategySet]>();

  constructor(strategies: readonly CompiledStrategy[]) {
    this.strategies = strategies;
  }

  /** The plan, where it is made already. */
  get made(): SweepPlan | undefined {
    return this.#plan;
  }

  /**
   * What sweeping them as sets takes: made when first asked for, from the plan of the set before
   * where there is one.
   */
  async plan(pace: Pace): Promise<SweepPlan> {
    if (this.#plan === undefined) {
      this.#making ??= this.#make(pace);
      this.#plan = await this.#making;
      this.#base = undefined;
      this.#making = undefined;
    }
    return this.#plan;
  }

  /** The set of `strategies`, which are these but for the places named. */
  changed(strategies: readonly CompiledStrategy[], places: readonly number[]): StrategySet {
    const next = new StrategySet(strategies);
    const plan = this.#plan ?? this.#base?.plan;
    const differing = this.#base === undefined ? places : [...this.#base.places, ...places];
    // With more of them the plan is better made anew; between two closes of 1d, a million may come.
    if (plan !== undefined && differing.length <= strategies.length) {
      next.#base = { plan, places: differing };
    }
    return next;
  }

  /** Those that are not to be set apart, and those that are; looked at once for each key. */
  parted(key: string, isApart: (compiled: CompiledStrategy) => boolean): readonly [StrategySet, StrategySet] {
    const known = this.#partings.get(key);
    if (known !== undefined) {
      return known;
    }
    const apart = this.strategies.filter(isApart);
    const rest = apart.length === 0 ? this : new StrategySet(this.strategies.filter((one) => !isApart(one)));
    const parting = [rest, new StrategySet(apart)] as const;
    if (this.#partings.size >= MOST_PARTINGS) {
      this.#partings.clear();
    }
    this.#partings.set(key, parting);
    return parting;
  }

  async #make(pace: Pace): Promise<SweepPlan> {
    const { strategies } = this;
    return this.#base?.plan.changed(strategies, this.#base.places) ?? (await SweepPlan.of(strategies, pace));
  }
}
