import { AROON } from "./aroon.ts";
import { BAR_FIELDS } from "./bar-fields.ts";
import { BOLLINGER } from "./bollinger.ts";
import { COMMODITY_CHANNEL } from "./cci.ts";
import { CROSSES } from "./crosses.ts";
import type { Definition } from "./definition.ts";
import { DIRECTIONAL } from "./directional.ts";
import { EXTREMES } from "./extremes.ts";
import type { Indicator, KernelSource } from "./indicator.ts";
import { CONVERGENCE } from "./macd.ts";
import { MONEY_FLOW } from "./mfi.ts";
import { MOMENTUM } from "./momentum.ts";
import { MOVING_AVERAGES } from "./moving-averages.ts";
import { RELATIVE_STRENGTH } from "./rsi.ts";
import { STOCHASTIC } from "./stochastic.ts";
import { TRUE_RANGE } from "./true-range.ts";
import { VWAP } from "./vwap.ts";

/** R9's table, in its order. A new indicator is a family file and its line here. */
export const DEFINITIONS: readonly Definition[] = [
  ...BAR_FIELDS,
  ...MOVING_AVERAGES,
  ...VWAP,
  ...BOLLINGER,
  ...EXTREMES,
  ...RELATIVE_STRENGTH,
  ...STOCHASTIC,
  ...MONEY_FLOW,
  ...COMMODITY_CHANNEL,
  ...CONVERGENCE,
  ...CROSSES,
  ...MOMENTUM,
  ...AROON,
  ...DIRECTIONAL,
  ...TRUE_RANGE,
];

/** All base names, without aliases. */
export const INDICATOR_NAMES: readonly string[] = DEFINITIONS.map((definition) => definition.base);

/** Other names that R9 gives an indicator; never in a canonical name. */
export const ALIASES: ReadonlyMap<string, string> = new Map([["PRICE", "CLOSE"]]);

const BY_BASE: ReadonlyMap<string, Definition> = new Map(DEFINITIONS.map((d) => [d.base, d]));

/** The definition of a base name or an alias. */
export function definitionOf(name: string): Definition | undefined {
  return BY_BASE.get(ALIASES.get(name) ?? name);
}

/** The indicator that a definition makes of parameters, which must be valid ones. */
export function instantiate(definition: Definition, parameters: readonly number[]): Indicator {
  const { base, family, unit, range, values } = definition;
  const bounded = family === "oscillator" && definition.reference === undefined;
  const reference =
    family === "oscillator" ? (definition.reference ?? { low: range.low, high: range.high }) : undefined;
  return Object.freeze({
    name: [base, ...parameters].join("_"),
    base,
    parameters: Object.freeze([...parameters]),
    family,
    unit,
    range,
    ...(values && { values }),
    ...(reference && { reference }),
    bounded,
    firstIndex: definition.firstIndex(parameters),
    settleBars: definition.settleBars?.(parameters) ?? 0,
    intradayOnly: definition.intradayOnly ?? false,
  });
}

/** How an indicator is computed. */
export function kernelSource(indicator: Indicator): KernelSource {
  if (indicator.kernel !== undefined) {
    return indicator.kernel;
  }
  const definition = definitionOf(indicator.base);
  if (definition === undefined) {
    throw new RangeError(`indicator "${indicator.name}" is not in the registry; make indicators with parseIndicator`);
  }
  const { kernel, output } = definition;
  const { parameters } = indicator;
  return { key: [kernel.name, ...parameters].join("_"), output, create: () => kernel.create(parameters) };
}
