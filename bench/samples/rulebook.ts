import type { Condition, EntryLogic } from "../../src/domain/strategy.ts";
import { type CompiledStrategy, compileStrategy } from "../../src/engine/rules/conditions/compiled-strategy.ts";
import { indicatorNamed } from "../../src/indicators/grammar.ts";
import { oneOf, randomOf } from "../harness/random.ts";
import { strategyOf } from "./strategies.ts";

/** What conditions read: canonical names, and the span in which their values lie, evenly spread. */
const FEATURES: readonly (readonly [name: string, low: number, high: number])[] = [
  ["RSI_7", 0, 100],
  ["RSI_14", 0, 100],
  ["RSI_21", 0, 100],
  ["STOCH_K_14_3_3", 0, 100],
  ["STOCH_D_14_3_3", 0, 100],
  ["MFI_14", 0, 100],
  ["WILLR_14", -100, 0],
  ["CCI_20", -200, 200],
  ["BB_PERCENT_20_2", 0, 1],
  ["BB_WIDTH_20_2", 0, 0.2],
  ["MACD_12_26_9", -2, 2],
  ["MACD_SIGNAL_12_26_9", -2, 2],
  ["MACD_HIST_12_26_9", -1, 1],
  ["SMA_CROSS_20_50", -1, 1],
  ["ROC_4", -3, 3],
  ["ROC_10", -5, 5],
  ["MOM_10", -5, 5],
  ["AROON_OSC_14", -100, 100],
  ["AROON_UP_14", 0, 100],
  ["ADX_14", 0, 60],
  ["PLUS_DI_14", 0, 50],
  ["MINUS_DI_14", 0, 50],
  ["NATR_14", 0, 5],
  ["STDDEV_20", 0, 5],
];
export const FEATURE_NAMES: readonly string[] = FEATURES.map(([name]) => name);

/** One value in a hundred is undefined. */
const UNDEFINED_SHARE = 0.01;
/**
 * Thresholds lie on so many steps of a feature's span: generators favour round numbers, so
 * conditions repeat.
 */
const STEPS = 50;
/**
 * A value somewhere in the span passes a condition in a tenth of the cases: strategies wait for
 * something rare.
 */
const MOST_STEPS = 10;
/** Strategies that want any of their conditions, each of which then is rarer still. */
const ANY_SHARE = 0.1;
const RARER = 10;

/** A strategy for all judges: compiled for ours, and as plain data for the rivals. */
export interface Rule {
  readonly compiled: CompiledStrategy;
  readonly logic: EntryLogic;
  readonly conditions: readonly {
    readonly feature: number;
    readonly operator: "<" | "<=" | ">" | ">=";
    readonly threshold: number;
  }[];
}

/**
 * Strategies of 2 to 4 conditions against numbers; about one pair in a hundred holds. The first
 * ones are the same whatever the count.
 */
export function rulesOf(count: number): readonly Rule[] {
  const random = randomOf(1);
  return Array.from({ length: count }, (_, i) => {
    const logic = random() < ANY_SHARE ? "ANY" : "ALL";
    const conditions = Array.from({ length: 2 + Math.floor(random() * 3) }, () => conditionOf(random, logic));
    const config = strategyOf(`rule-${i}`, conditions.map(toCondition), { entryLogic: logic });
    return { compiled: compileStrategy({ ...config, version: 1, createdAt: 0, updatedAt: 0 }), logic, conditions };
  });
}

function conditionOf(random: () => number, logic: EntryLogic): Rule["conditions"][number] {
  const feature = Math.floor(random() * FEATURES.length);
  const [, low, high] = FEATURES[feature] ?? ["", 0, 0];
  const operator = oneOf(random, ["<", "<=", ">", ">="] as const);
  const steps = 1 + Math.floor(random() * MOST_STEPS);
  const share = steps / STEPS / (logic === "ANY" ? RARER : 1);
  const position = operator.startsWith("<") ? share : 1 - share;
  return { feature, operator, threshold: Number((low + position * (high - low)).toPrecision(6)) };
}

function toCondition({ feature, operator, threshold }: Rule["conditions"][number]): Omit<Condition, "timeframe"> {
  return { name: indicatorNamed(FEATURE_NAMES[feature] ?? "").name, operator, operand: threshold };
}

/** Values by symbol, then by feature; NaN where undefined. */
export function valuesOf(symbols: number): readonly Float64Array[] {
  const random = randomOf(2);
  return Array.from({ length: symbols }, () =>
    Float64Array.from(FEATURES, ([, low, high]) =>
      random() < UNDEFINED_SHARE ? Number.NaN : low + random() * (high - low),
    ),
  );
}
