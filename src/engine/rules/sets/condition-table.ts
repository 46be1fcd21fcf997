import type { CompiledCondition, FormulaCondition, PlainCondition } from "../conditions/compiled-condition.ts";
import { Boundaries } from "./boundaries.ts";
import { type Feature, FeatureTable } from "./features.ts";
import { GrowingInts } from "./growing-ints.ts";
import { SweepMemory } from "./sweep-memory.ts";

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
  /**
   * What R13's tolerance is made of: of plain indicators the closes of the bars read, of expressions
   * the slack of each side; -1 where there is none.
   */
  readonly close: number;
  readonly previousClose: number;
  readonly slacks: Slacks;
  readonly previousSlacks: Slacks;
}

/** The features that say how far each side counts as equal; -1: not at all. */
export interface Slacks {
  readonly left: number;
  readonly right: number;
}

const NO_SLACKS: Slacks = { left: -1, right: -1 };

/**
 * The conditions of many strategies, each kept once, with the features that they read. Conditions
 * are never removed: strategies come and go, what they ask stays much the same.
 */
export class ConditionTable {
  /** By condition: the boundary that decides it; -1 for the general ones. */
  readonly boundaryOf = new GrowingInts();
  /** By condition: 1 where the symbols before the boundary meet it, 0 where those behind it do. */
  readonly metBefore = new GrowingInts();
  readonly general: GeneralCondition[] = [];
  /** By feature; empty for those that no threshold looks at. */
  readonly boundaries: Boundaries[] = [];
  boundaryCount = 0;
  #memory: SweepMemory | undefined;
  readonly #features = new FeatureTable(() => this.boundaries.push(new Boundaries()));
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

  get features(): readonly Feature[] {
    return this.#features.all;
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
    const { right, isCross } = compiled;
    const { operator } = compiled.condition;
    if (compiled.bars > 1) {
      this.boundaryOf.push(this.#boundary(this.#features.held(compiled), 1, 0));
      this.metBefore.push(0);
      return;
    }
    if (typeof right === "number" && !isCross && operator !== "==" && operator !== "!=") {
      // Those at the threshold come before it for `<=` and its opposite.
      const inclusive = operator === "<=" || operator === ">" ? 1 : 0;
      // Of an expression, all that counts as equal to a value is compared: its least with those that
      // it may be equal to, its most with those that it must be below (R13).
      const feature = compiled.isPlain
        ? this.#features.reading(compiled.timeframe, compiled.left, 0)
        : this.#features.formula(compiled.left, 0, inclusive === 1 ? "least" : "most");
      this.boundaryOf.push(this.#boundary(feature, right, inclusive));
      this.metBefore.push(operator === "<" || operator === "<=" ? 1 : 0);
      return;
    }
    this.boundaryOf.push(-1);
    this.metBefore.push(0);
    this.general.push(compiled.isPlain ? this.#plain(id, compiled) : this.#formulas(id, compiled));
  }

  #plain(id: number, compiled: PlainCondition): GeneralCondition {
    const { timeframe, left, right, isCross } = compiled;
    const features = this.#features;
    const isPair = typeof right !== "number";
    return {
      id,
      compiled,
      left: features.reading(timeframe, left, 0),
      right: isPair ? features.reading(timeframe, right, 0) : -1,
      previousLeft: isCross ? features.reading(timeframe, left, 1) : -1,
      previousRight: isCross && isPair ? features.reading(timeframe, right, 1) : -1,
      close: isPair ? features.close(timeframe, 0) : -1,
      previousClose: isPair && isCross ? features.close(timeframe, 1) : -1,
      slacks: NO_SLACKS,
      previousSlacks: NO_SLACKS,
    };
  }

  #formulas(id: number, compiled: FormulaCondition): GeneralCondition {
    const { left, right, isCross } = compiled;
    const features = this.#features;
    const isPair = typeof right !== "number";
    return {
      id,
      compiled,
      left: features.formula(left, 0),
      right: isPair ? features.formula(right, 0) : -1,
      previousLeft: isCross ? features.formula(left, 1) : -1,
      previousRight: isCross && isPair ? features.formula(right, 1) : -1,
      close: -1,
      previousClose: -1,
      slacks: this.#slacks(compiled, 0),
      previousSlacks: isCross ? this.#slacks(compiled, 1) : NO_SLACKS,
    };
  }

  #slacks({ left, right }: FormulaCondition, back: 0 | 1): Slacks {
    return {
      left: this.#features.formula(left, back, "slack"),
      right: typeof right === "number" ? -1 : this.#features.formula(right, back, "slack"),
    };
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
