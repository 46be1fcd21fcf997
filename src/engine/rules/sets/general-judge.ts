import { crosses, holds, order, tolerance } from "../conditions/comparison.ts";
import type { PlainCondition } from "../conditions/compiled-condition.ts";
import type { GeneralCondition, Slacks } from "./condition-table.ts";
import type { FeatureValues } from "./features.ts";

/**
 * R12 to R14 on the values of a sweep, one condition on one symbol, by the same functions as the
 * explained judge.
 */
export class GeneralJudge {
  readonly #input: FeatureValues;

  constructor(input: FeatureValues) {
    this.#input = input;
  }

  /** Undefined: unknown. */
  isMet(condition: GeneralCondition, symbol: number): boolean | undefined {
    const { compiled } = condition;
    const { symbols, values } = this.#input;
    const { operator } = compiled.condition;
    const { right } = compiled;
    // Read here, for a number that a function answers with is put on the heap.
    const l = values[condition.left * symbols + symbol] as number;
    const r = typeof right === "number" ? right : (values[condition.right * symbols + symbol] as number);
    if (Number.isNaN(l) || Number.isNaN(r)) {
      return undefined;
    }
    const close = condition.close < 0 ? Number.NaN : (values[condition.close * symbols + symbol] as number);
    const slack = compiled.isPlain ? slackOf(compiled, l, r, close) : this.#slack(condition.slacks, symbol);
    return operator === "crosses_above" || operator === "crosses_below"
      ? this.#isCrossed(condition, operator, symbol, order(l, r, slack))
      : holds(operator, l, r, slack);
  }

  /** R14; `current`: the order on the bar judged. */
  #isCrossed(
    condition: GeneralCondition,
    operator: "crosses_above" | "crosses_below",
    symbol: number,
    current: -1 | 0 | 1,
  ): boolean | undefined {
    const { compiled, previousLeft, previousRight } = condition;
    const { right } = compiled;
    const pl = this.#at(previousLeft, symbol);
    const pr = typeof right === "number" ? right : this.#at(previousRight, symbol);
    if (Number.isNaN(pl) || Number.isNaN(pr)) {
      return undefined;
    }
    const before = compiled.isPlain
      ? slackOf(compiled, pl, pr, this.#at(condition.previousClose, symbol))
      : this.#slack(condition.previousSlacks, symbol);
    return crosses(operator, order(pl, pr, before), current);
  }

  /** R13, of expressions: the sum of both sides. */
  #slack({ left, right }: Slacks, symbol: number): number {
    const own = this.#at(left, symbol);
    return right < 0 ? own : own + this.#at(right, symbol);
  }

  /** NaN where not ready, and where there is no such feature. */
  #at(feature: number, symbol: number): number {
    const { symbols, values } = this.#input;
    return feature < 0 ? Number.NaN : (values[feature * symbols + symbol] as number);
  }
}

/** R13. */
function slackOf({ left, right }: PlainCondition, l: number, r: number, close: number): number {
  return typeof right === "number" ? 0 : tolerance(left, right, l, r, close);
}
