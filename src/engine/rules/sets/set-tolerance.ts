import { MOST_OPERANDS } from "../../../expressions/program.ts";
import { partTolerance } from "../conditions/comparison.ts";
import type { FormulaCondition } from "../conditions/compiled-condition.ts";
import { type Feature, type FeatureValues, isComputed } from "./features.ts";

const tolerances = new Float64Array(MOST_OPERANDS);

/** R13 on the values of a sweep: how far the sides of a condition count as equal. */
export class SetTolerance {
  readonly #features: readonly Feature[];
  readonly #input: FeatureValues;

  constructor(features: readonly Feature[], input: FeatureValues) {
    this.#features = features;
    this.#input = input;
  }

  /** Of the features that the sides are on one bar. */
  of({ right }: FormulaCondition, leftId: number, rightId: number, symbol: number): number {
    const own = this.#ofFormula(leftId, symbol);
    return typeof right === "number" ? own : own + this.#ofFormula(rightId, symbol);
  }

  #ofFormula(id: number, symbol: number): number {
    const feature = this.#features[id];
    if (feature === undefined || !isComputed(feature)) {
      return 0;
    }
    const { formula, parts, closes } = feature;
    const { values, symbols } = this.#input;
    for (const [i, { reading }] of formula.parts.entries()) {
      const value = values[(parts[i] as number) * symbols + symbol] as number;
      const close = closes[i] as number;
      const size = close < 0 ? Number.NaN : (values[close * symbols + symbol] as number);
      tolerances[i] = partTolerance(reading.unit, value, size);
    }
    return formula.program.tolerance({ values, at: parts, step: symbols }, symbol, tolerances);
  }
}
