import type { Timeframe } from "../../../domain/timeframe.ts";
import { indicatorNamed } from "../../../indicators/grammar.ts";
import type { Indicator } from "../../../indicators/indicator.ts";
import type { CompiledCondition } from "../conditions/compiled-strategy.ts";
import { GrowingInts } from "./growing-ints.ts";
import { SweepMemory } from "./sweep-memory.ts";

/** One indicator of one timeframe, on the bar judged or on the one before it. */
export interface Feature {
  readonly timeframe: Timeframe;
  readonly indicator: Indicator;
  readonly back: 0 | 1;
}

/** A condition that is judged symbol by symbol. */
export interface GeneralCondition {
  /** Its number among all conditions. */
  readonly id: number;
  readonly compiled: CompiledCondition;
  readonly left: number;
  /** -1 where the right side is a number. */
  readonly right: number;
  /** Features on the bar before, for crosses; else -1. */
  readonly previousLeft: number;
  readonly previousRight: number;
  /** The closes of the bars read, for R13's tolerance; -1 where the right side is a number. */
  readonly close: number;
  readonly previousClose: number;
}

/**
 * Where the symbols, in order of a feature, divide: those with a value below the threshold (or at
 * it, where `inclusive`) come before. Sorted by threshold, exclusive first.
 */
export class Boundaries {
  thresholds = new Float64Array(8);
  inclusive = new Uint8Array(8);
  /** Number of each boundary, by which conditions know it. */
  ids = new Int32Array(8);
  count = 0;

  insert(threshold: number, inclusive: 0 | 1, id: number): void {
    if (this.count === this.ids.length) {
      this.#grow();
    }
    const place = this.#place(threshold, inclusive);
    this.thresholds.copyWithin(place + 1, place, this.count);
    this.inclusive.copyWithin(place + 1, place, this.count);
    this.ids.copyWithin(place + 1, place, this.count);
    this.thresholds[place] = threshold;
    this.inclusive[place] = inclusive;
    this.ids[place] = id;
    this.count++;
  }

  /** As it is now, whatever is inserted later. */
  copy(): Boundaries {
    const copy = new Boundaries();
    const { thresholds, inclusive, ids, count } = this;
    return Object.assign(copy, {
      thresholds: thresholds.slice(),
      inclusive: inclusive.slice(),
      ids: ids.slice(),
      count,
    });
  }

  /** Place of the first boundary that a value comes before; `count` where it comes before none. */
  firstBehind(value: number): number {
    const { thresholds, inclusive } = this;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const threshold = thresholds[middle] ?? 0;
      if (value < threshold || (value === threshold && inclusive[middle] === 1)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  #place(threshold: number, inclusive: 0 | 1): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.thresholds[middle] ?? 0;
      if (at < threshold || (at === threshold && (this.inclusive[middle] ?? 0) < inclusive)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  #grow(): void {
    const size = this.ids.length * 2;
    const grown = { thresholds: new Float64Array(size), inclusive: new Uint8Array(size), ids: new Int32Array(size) };
    grown.thresholds.set(this.thresholds);
    grown.inclusive.set(this.inclusive);
    grown.ids.set(this.ids);
    Object.assign(this, grown);
  }
}

const CLOSE = indicatorNamed("CLOSE");

/**
 * The conditions of many strategies, each kept once, with the features that they read. Conditions
 * are never removed: strategies come and go, what they ask stays much the same.
 */
export class ConditionTable {
  readonly features: Feature[] = [];
  /** By condition: the boundary that decides it; -1 for the general ones. */
  readonly boundaryOf = new GrowingInts();
  /** By condition: 1 where the symbols before the boundary meet it, 0 where those behind it do. */
  readonly metBefore = new GrowingInts();
  readonly general: GeneralCondition[] = [];
  /** By feature; empty for those that no threshold looks at. */
  readonly boundaries: Boundaries[] = [];
  boundaryCount = 0;
  #memory: SweepMemory | undefined;
  readonly #featureIds = new Map<string, number>();
  readonly #conditionIds = new Map<string, number>();
  /** The same, found without making a key: equal conditions mostly are one object. */
  readonly #idOf = new WeakMap<CompiledCondition, number>();
  readonly #boundaryIds = new Map<string, number>();

  /**
   * Memory for a sweep of these conditions; whoever takes it has it for itself, until it is given
   * back.
   */
  takeMemory(): SweepMemory {
    const memory = this.#memory ?? new SweepMemory();
    this.#memory = undefined;
    return memory;
  }

  giveBack(memory: SweepMemory): void {
    this.#memory = memory;
  }

  /** Conditions known. */
  get size(): number {
    return this.boundaryOf.length;
  }

  /** The number of the condition, the same for equal ones. */
  add(compiled: CompiledCondition): number {
    const known = this.#idOf.get(compiled);
    if (known !== undefined) {
      return known;
    }
    const key = `${compiled.text}@${compiled.timeframe}`;
    const id = this.#conditionIds.get(key) ?? this.size;
    this.#idOf.set(compiled, id);
    if (id === this.size) {
      this.#conditionIds.set(key, id);
      this.#compile(id, compiled);
    }
    return id;
  }

  #compile(id: number, compiled: CompiledCondition): void {
    const { timeframe, left, right } = compiled;
    const { operator } = compiled.condition;
    const feature = this.#feature(timeframe, left, 0);
    if (typeof right === "number" && !compiled.isCross && operator !== "==" && operator !== "!=") {
      // Those at the threshold come before it for `<=` and its opposite.
      const inclusive = operator === "<=" || operator === ">" ? 1 : 0;
      this.boundaryOf.push(this.#boundary(feature, right, inclusive));
      this.metBefore.push(operator === "<" || operator === "<=" ? 1 : 0);
      return;
    }
    this.boundaryOf.push(-1);
    this.metBefore.push(0);
    const isPair = typeof right !== "number";
    this.general.push({
      id,
      compiled,
      left: feature,
      right: isPair ? this.#feature(timeframe, right, 0) : -1,
      previousLeft: compiled.isCross ? this.#feature(timeframe, left, 1) : -1,
      previousRight: compiled.isCross && isPair ? this.#feature(timeframe, right, 1) : -1,
      close: isPair ? this.#feature(timeframe, CLOSE, 0) : -1,
      previousClose: isPair && compiled.isCross ? this.#feature(timeframe, CLOSE, 1) : -1,
    });
  }

  #feature(timeframe: Timeframe, indicator: Indicator, back: 0 | 1): number {
    const key = `${indicator.name}@${timeframe}/${back}`;
    const known = this.#featureIds.get(key);
    if (known !== undefined) {
      return known;
    }
    const id = this.features.length;
    this.features.push({ timeframe, indicator, back });
    this.boundaries.push(new Boundaries());
    this.#featureIds.set(key, id);
    return id;
  }

  #boundary(feature: number, threshold: number, inclusive: 0 | 1): number {
    const key = `${feature}/${threshold}/${inclusive}`;
    const known = this.#boundaryIds.get(key);
    if (known !== undefined) {
      return known;
    }
    const id = this.boundaryCount++;
    this.boundaries[feature]?.insert(threshold, inclusive, id);
    this.#boundaryIds.set(key, id);
    return id;
  }
}
