import { AROON } from "./aroon.ts";
import { EXPONENTIAL_AVERAGES } from "./averages/exponential.ts";
import { KAUFMAN } from "./averages/kaufman.ts";
import { WEIGHTED_AVERAGES } from "./averages/weighted.ts";
import { BAR_FIELDS } from "./bar-fields.ts";
import { BOLLINGER } from "./bollinger.ts";
import { COMMODITY_CHANNEL } from "./cci.ts";
import { ACCELERATION } from "./channels/acceleration.ts";
import { DONCHIAN } from "./channels/donchian.ts";
import { FRACTALS } from "./channels/fractal.ts";
import { ICHIMOKU } from "./channels/ichimoku.ts";
import { KELTNER } from "./channels/keltner.ts";
import { PARABOLIC } from "./channels/parabolic.ts";
import { SUPERTREND } from "./channels/supertrend.ts";
import { CROSSES } from "./crosses.ts";
import { MESA } from "./cycle/adaptive.ts";
import { CYCLE } from "./cycle/dominant.ts";
import type { Definition } from "./definition.ts";
import { DIRECTIONAL } from "./directional.ts";
import { EXTREMES } from "./extremes.ts";
import type { Indicator, KernelSource } from "./indicator.ts";
import { CONVERGENCE } from "./macd.ts";
import { MONEY_FLOW } from "./mfi.ts";
import { BALANCE } from "./momentum/balance.ts";
import { BLAU } from "./momentum/blau.ts";
import { BODIES } from "./momentum/bodies.ts";
import { CHANDE } from "./momentum/chande.ts";
import { CHOPPINESS } from "./momentum/choppiness.ts";
import { DIFFERENCES } from "./momentum/differences.ts";
import { ELDER } from "./momentum/elder.ts";
import { FORECASTS } from "./momentum/forecast.ts";
import { WILDER_STOCHASTICS } from "./momentum/kdj.ts";
import { MEDIAN_PRICE } from "./momentum/median-price.ts";
import { RANGES } from "./momentum/ranges.ts";
import { SMOOTHED } from "./momentum/smoothed.ts";
import { STOCHASTIC_RSI } from "./momentum/stochastic-rsi.ts";
import { MOMENTUM } from "./momentum.ts";
import { MOVING_AVERAGES } from "./moving-averages.ts";
import { CANDLE_PATTERNS } from "./patterns/all.ts";
import { HEIKIN_ASHI } from "./prices/heikin-ashi.ts";
import { TRANSFORMS } from "./prices/transforms.ts";
import { RELATIVE_STRENGTH } from "./rsi.ts";
import { PIVOTS } from "./session/pivots.ts";
import { CORRELATION } from "./statistics/correlation.ts";
import { CORRELATION_TREND } from "./statistics/correlation-trend.ts";
import { RANKS } from "./statistics/ranks.ts";
import { REGRESSIONS } from "./statistics/regression.ts";
import { SPREAD } from "./statistics/spread.ts";
import { MATH_TRANSFORMS } from "./statistics/transforms.ts";
import { WINDOWS } from "./statistics/windows.ts";
import { STOCHASTIC } from "./stochastic.ts";
import { TRUE_RANGE } from "./true-range.ts";
import { BAR_RANGES } from "./volatility/bar-ranges.ts";
import { RELATIVE } from "./volatility/relative.ts";
import { CHANGES } from "./volume/changes.ts";
import { FLOWS } from "./volume/flows.ts";
import { VOLUME_WEIGHTED } from "./volume/weighted.ts";
import { VWAP } from "./vwap.ts";

/** R9's table, in its order. A new indicator is a family file and its line here. */
export const DEFINITIONS: readonly Definition[] = [
  ...BAR_FIELDS,
  ...TRANSFORMS,
  ...HEIKIN_ASHI,
  ...MOVING_AVERAGES,
  ...EXPONENTIAL_AVERAGES,
  ...WEIGHTED_AVERAGES,
  ...KAUFMAN,
  ...MESA,
  ...VWAP,
  ...PIVOTS,
  ...VOLUME_WEIGHTED,
  ...BOLLINGER,
  ...EXTREMES,
  ...DONCHIAN,
  ...KELTNER,
  ...SUPERTREND,
  ...ICHIMOKU,
  ...ACCELERATION,
  ...PARABOLIC,
  ...FRACTALS,
  ...WINDOWS,
  ...REGRESSIONS,
  ...SPREAD,
  ...RANKS,
  ...CORRELATION,
  ...RELATIVE_STRENGTH,
  ...CHANDE,
  ...STOCHASTIC,
  ...STOCHASTIC_RSI,
  ...WILDER_STOCHASTICS,
  ...BLAU,
  ...MONEY_FLOW,
  ...COMMODITY_CHANNEL,
  ...RANGES,
  ...BODIES,
  ...CONVERGENCE,
  ...DIFFERENCES,
  ...SMOOTHED,
  ...MEDIAN_PRICE,
  ...CROSSES,
  ...MOMENTUM,
  ...BALANCE,
  ...CORRELATION_TREND,
  ...CHOPPINESS,
  ...ELDER,
  ...FORECASTS,
  ...AROON,
  ...DIRECTIONAL,
  ...TRUE_RANGE,
  ...BAR_RANGES,
  ...RELATIVE,
  ...CHANGES,
  ...FLOWS,
  ...CYCLE,
  ...MATH_TRANSFORMS,
  ...CANDLE_PATTERNS,
];

/** All base names, without aliases. */
export const INDICATOR_NAMES: readonly string[] = DEFINITIONS.map((definition) => definition.base);

/** Other names that R9 gives an indicator; never in a canonical name. */
export const ALIASES: ReadonlyMap<string, string> = new Map([
  ["PRICE", "CLOSE"],
  ...CANDLE_PATTERNS.map(({ base }) => [base.replace("_", ""), base] as const),
]);

const BY_BASE: ReadonlyMap<string, Definition> = new Map(DEFINITIONS.map((d) => [d.base, d]));

/** The definition of a base name or an alias. */
export function definitionOf(name: string): Definition | undefined {
  return BY_BASE.get(ALIASES.get(name) ?? name);
}

/** The indicator that a definition makes of parameters, which must be valid ones. */
export function instantiate(definition: Definition, parameters: readonly number[]): Indicator {
  const { base, family, unit, range, values, wholeDays } = definition;
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
    ...(wholeDays !== undefined && { wholeDays }),
  });
}

/** For names that always say their n: what an example has. */
const EXAMPLE_PERIOD = 20;

/** The parameters that a definition has where a name says none. */
export function usualParameters({ parameters }: Definition): readonly number[] {
  return parameters.map((parameter) => parameter.default ?? EXAMPLE_PERIOD);
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
