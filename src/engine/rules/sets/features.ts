import { type Timeframe, timeframeMs } from "../../../domain/timeframe.ts";
import type { Formula } from "../../../expressions/formula.ts";
import { indicatorNamed } from "../../../indicators/grammar.ts";
import type { Indicator } from "../../../indicators/indicator.ts";
import type { CompiledCondition } from "../conditions/compiled-condition.ts";

/**
 * What the features are on each symbol; NaN where not ready. Feature `f` of symbol `s` is at `f *
 * symbols + s`.
 */
export interface FeatureValues {
  readonly features: number;
  readonly symbols: number;
  /** May be longer. */
  readonly values: Float64Array;
}

/** One reading of one timeframe, on the bar judged or on the one before it. */
export interface SeriesFeature {
  readonly timeframe: Timeframe;
  readonly indicator: Indicator;
  readonly back: 0 | 1;
  /** The timeframe whose bar is the one before, where it is another one (R56). */
  readonly step?: Timeframe;
}

/**
 * Of an expression, all that is computed from features: its value, how far that counts as equal
 * (R13), and the least and the most that does.
 */
export interface FormulaFeature {
  readonly formula: Formula;
  readonly says: "value" | "slack" | "least" | "most";
  /** Numbers of the features of its parts; all are below its own. */
  readonly parts: Int32Array;
  /** Of the closes of their bars, by part; -1 where the part is measured in something else. */
  readonly closes: Int32Array;
  /** Numbers of the features that say its value and its slack; -1 where it needs none. */
  readonly value: number;
  readonly slack: number;
}

/** Whether a condition that is looked at over several bars is met: 1, 0, or NaN (R58). */
export interface HeldFeature {
  readonly held: CompiledCondition;
}

export type Feature = SeriesFeature | FormulaFeature | HeldFeature;

export function isRead(feature: Feature): feature is SeriesFeature {
  return "indicator" in feature;
}

export function isComputed(feature: Feature): feature is FormulaFeature {
  return "formula" in feature;
}

const CLOSE = indicatorNamed("CLOSE");

/** What a table reads of each symbol, each once. A feature's number is its place. */
export class FeatureTable {
  readonly all: Feature[] = [];
  readonly #ids = new Map<string, number>();
  readonly #added: () => void;

  /** `added` is called for each new one. */
  constructor(added: () => void) {
    this.#added = added;
  }

  /** An indicator on a timeframe; steps to the bar before are of that timeframe. */
  reading(timeframe: Timeframe, indicator: Indicator, back: 0 | 1): number {
    return this.#get(`${indicator.name}@${timeframe}/${back}`, () => ({ timeframe, indicator, back }));
  }

  close(timeframe: Timeframe, back: 0 | 1): number {
    return this.reading(timeframe, CLOSE, back);
  }

  formula(formula: Formula, back: 0 | 1, says: FormulaFeature["says"] = "value"): number {
    const { name, timeframe: step, parts } = formula;
    return this.#get(`(${name})@${step}/${back} ${says}`, () => ({
      formula,
      says,
      parts: Int32Array.from(parts, ({ reading, timeframe }) => this.#part(timeframe, reading, back, step)),
      closes: Int32Array.from(parts, ({ reading, timeframe }) =>
        says === "slack" && reading.unit === "price" ? this.#part(timeframe, CLOSE, back, step) : -1,
      ),
      value: says === "least" || says === "most" ? this.formula(formula, back) : -1,
      slack: says === "least" || says === "most" ? this.formula(formula, back, "slack") : -1,
    }));
  }

  held(compiled: CompiledCondition): number {
    return this.#get(`${compiled.text}@${compiled.timeframe}?`, () => ({ held: compiled }));
  }

  #part(timeframe: Timeframe, indicator: Indicator, back: 0 | 1, step: Timeframe): number {
    if (back === 0 || timeframeMs(step) === timeframeMs(timeframe)) {
      return this.reading(timeframe, indicator, back);
    }
    return this.#get(`${indicator.name}@${timeframe}/${back}*${step}`, () => ({ timeframe, indicator, back, step }));
  }

  #get(key: string, make: () => Feature): number {
    const known = this.#ids.get(key);
    if (known !== undefined) {
      return known;
    }
    const feature = make();
    const id = this.all.length;
    this.all.push(feature);
    this.#ids.set(key, id);
    this.#added();
    return id;
  }
}
