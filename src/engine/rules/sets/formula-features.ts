import { edgeAbove, edgeBelow } from "../../../expressions/doubles.ts";
import { MOST_OPERANDS } from "../../../expressions/program.ts";
import { partTolerance } from "../conditions/comparison.ts";
import type { FeatureValues, FormulaFeature } from "./features.ts";

const tolerances = new Float64Array(MOST_OPERANDS);

/** What feature `id` says of its expression on every symbol, from the features of its parts. */
export function computeColumn(feature: FormulaFeature, id: number, { values, symbols }: FeatureValues): void {
  const { formula, says, parts, value, slack } = feature;
  const columns = { values, at: parts, step: symbols };
  const own = id * symbols;
  for (let symbol = 0; symbol < symbols; symbol++) {
    switch (says) {
      case "value":
        values[own + symbol] = formula.program.value(columns, symbol);
        break;
      case "slack":
        readTolerances(feature, values, symbols, symbol);
        values[own + symbol] = formula.program.tolerance(columns, symbol, tolerances);
        break;
      case "least":
      case "most": {
        const edge = says === "least" ? edgeBelow : edgeAbove;
        values[own + symbol] = edge(
          values[value * symbols + symbol] as number,
          values[slack * symbols + symbol] as number,
        );
        break;
      }
      default:
        says satisfies never;
    }
  }
}

/** R13, of each part. */
function readTolerances(
  { formula, parts, closes }: FormulaFeature,
  values: Float64Array,
  symbols: number,
  symbol: number,
): void {
  for (let i = 0; i < parts.length; i++) {
    const { reading } = formula.parts[i] as (typeof formula.parts)[number];
    const close = closes[i] as number;
    tolerances[i] = partTolerance(
      reading.unit,
      values[(parts[i] as number) * symbols + symbol] as number,
      close < 0 ? Number.NaN : (values[close * symbols + symbol] as number),
    );
  }
}
