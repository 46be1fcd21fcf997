import type { Condition, Rule } from "../../src/domain/strategy.ts";
import { type CompiledStrategy, compileStrategy } from "../../src/engine/rules/conditions/compiled-strategy.ts";
import { oneOf, randomOf } from "../harness/random.ts";
import { strategyOf } from "./strategies.ts";

/** Pairs of the rulebook's features on one scale, and how far apart they may be. */
const PAIRS: readonly (readonly [left: string, right: string, reach: number])[] = [
  ["RSI_7", "RSI_14", 100],
  ["RSI_7", "RSI_21", 100],
  ["RSI_14", "RSI_21", 100],
  ["STOCH_K_14_3_3", "STOCH_D_14_3_3", 100],
  ["MFI_14", "RSI_14", 100],
  ["PLUS_DI_14", "MINUS_DI_14", 50],
  ["MACD_12_26_9", "MACD_SIGNAL_12_26_9", 4],
];
const NAMES: readonly (readonly [name: string, high: number])[] = [
  ["RSI_7", 100],
  ["RSI_14", 100],
  ["RSI_21", 100],
  ["STOCH_K_14_3_3", 100],
  ["MFI_14", 100],
  ["ADX_14", 60],
  ["NATR_14", 5],
  ["AROON_UP_14", 100],
];
/** Thresholds lie on so many steps, as those of the rulebook. */
const STEPS = 50;
const TIMEFRAME = "1h";

/**
 * Trees of six conditions, two of which are expressions: what must hold, one of two, and nothing of
 * two more. About one pair in 500 holds.
 */
export function treesOf(count: number): readonly CompiledStrategy[] {
  const random = randomOf(3);
  return Array.from({ length: count }, (_, i) => {
    const part = (condition: Condition): Rule => ({ kind: "condition", condition });
    const entry: Rule = {
      kind: "all",
      rules: [
        part(plainOf(random, 5)),
        { kind: "any", rules: [part(plainOf(random, 10)), part(expressionOf(random, 10))] },
        { kind: "none", rules: [part(plainOf(random, 10)), part(expressionOf(random, 10))] },
        part(plainOf(random, 20)),
      ],
    };
    return compileStrategy({ ...strategyOf(`tree-${i}`, []), entry, version: 1, createdAt: 0, updatedAt: 0 });
  });
}

/** Passed by at most so many steps of the span. */
function plainOf(random: () => number, steps: number): Condition {
  const [name, high] = oneOf(random, NAMES);
  const position = (1 + Math.floor(random() * steps)) / STEPS;
  const operator = oneOf(random, ["<", ">"] as const);
  const operand = Number(((operator === "<" ? position : 1 - position) * high).toPrecision(6));
  return { name, operator, operand, timeframe: TIMEFRAME };
}

function expressionOf(random: () => number, steps: number): Condition {
  const [left, right, reach] = oneOf(random, PAIRS);
  const operator = oneOf(random, ["<", ">"] as const);
  const share = 1 - (1 + Math.floor(random() * steps)) / STEPS;
  const operand = Number(((operator === "<" ? -share : share) * reach).toPrecision(6));
  return { name: `${left} - ${right}`, operator, operand, timeframe: TIMEFRAME };
}
