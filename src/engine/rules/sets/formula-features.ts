import { edgeAbove, edgeBelow } from "../../../expressions/doubles.ts";
import { MOST_OPERANDS } from "../../../expressions/program.ts";
import { partTolerance } from "../conditions/comparison.ts";
import type { FormulaFeature } from "./features.ts";

const tolerances = new Float64Array(MOST_OPERANDS);

/**
 * What a feature says of its expression on the symbol at `place`, from those of its parts: feature
 * `f` of symbol `s` is at `f * step + s`.
 */
export function computeFormula(feature: FormulaFeature, values: Float64Array, step: number, place: number): number {
  const { formula, says, parts, value, slack } = feature;
  switch (says) {
    case "value":
      return formula.program.value({ values, at: parts, step }, place);
    case "slack":
      return slackOf(feature, values, step, place);
    case "least":
      return edgeBelow(values[value * step + place] as number, values[slack * step + place] as number);
    case "most":
      return edgeAbove(values[value * step + place] as number, values[slack * step + place] as number);
    default:
      return says satisfies never;
  }
}

/** R13. */
function slackOf(
  { formula, parts, closes }: FormulaFeature,
  values: Float64Array,
  step: number,
  place: number,
): number {
  for (let i = 0; i < parts.length; i++) {
    const { reading } = formula.parts[i] as (typeof formula.parts)[number];
    const close = closes[i] as number;
    tolerances[i] = partTolerance(
      reading.unit,
      values[(parts[i] as number) * step + place] as number,
      close < 0 ? Number.NaN : (values[close * step + place] as number),
    );
  }
  return formula.program.tolerance({ values, at: parts, step }, place, tolerances);
}
