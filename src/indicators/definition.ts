import type { Family, Indicator, Kernel, Unit } from "./indicator.ts";

/** Largest period of any indicator (R9). */
export const LONGEST_PERIOD = 500;
/** Largest k of the bands, and of other factors that say nothing else (R9). */
export const LARGEST_FACTOR = 10;

/**
 * A parameter of R9's table: a whole number of bars, or a factor above 0 that may have a fraction.
 */
export interface Parameter {
  readonly name: string;
  readonly kind: "period" | "factor";
  /** Smallest period; a factor is only ever above 0. */
  readonly least: number;
  readonly most: number;
  /** Absent: the name always says it, as MAX_20 does. */
  readonly default?: number;
}

/**
 * A way of computing that several indicators can share: MACD, its signal and its histogram are
 * three outputs of one kernel.
 */
export interface KernelKind {
  /** Unique among the kinds; with the parameters it names one kernel of a series. */
  readonly name: string;
  create(parameters: readonly number[]): Kernel;
}

/** A row of R9's table: what an indicator is for any parameters, and how it is computed. */
export interface Definition {
  readonly base: string;
  readonly parameters: readonly Parameter[];
  readonly family: Family;
  readonly unit: Unit;
  readonly range: Indicator["range"];
  /** The only values there are, where they are few. */
  readonly values?: readonly number[];
  /** Oscillators whose range has no bounds: where R17 places a threshold. */
  readonly reference?: { readonly low: number; readonly high: number };
  readonly intradayOnly?: boolean;
  /** How many days from 00:00 UTC on it reads, the current one included; absent: that one alone. */
  readonly wholeDays?: number;
  /**
   * Its kernel reads the closes and nothing else of the bars, so that another series may stand in
   * their place (R54).
   */
  readonly takesSource?: true;
  /**
   * What its values can be with a source: what the source can be, as of averages without negative
   * weights and of extremes, or n times that. Absent: its own range where it is an oscillator or
   * has few values, else any.
   */
  readonly rangeWithSource?: "source" | "sum";
  readonly firstIndex: (parameters: readonly number[]) => number;
  /** Absent: 0. */
  readonly settleBars?: (parameters: readonly number[]) => number;
  readonly kernel: KernelKind;
  /** Which of the kernel's outputs. */
  readonly output: number;
  /**
   * For docs/indicators.md: the formula in one line, and the TA-Lib function or R9's own
   * definition.
   */
  readonly formula: string;
  /** Where it has no value although there are bars enough: the divisor of its formula is 0 (R9). */
  readonly undefinedWhere?: string;
  /** What counts as rounding and is exactly 0 (R9). */
  readonly zeroWhere?: string;
  readonly source: string;
}

export const ABOVE_ZERO: Indicator["range"] = { low: 0, high: Number.POSITIVE_INFINITY, lowOpen: true };
export const FROM_ZERO: Indicator["range"] = { low: 0, high: Number.POSITIVE_INFINITY, lowOpen: false };
export const ANY_VALUE: Indicator["range"] = {
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
  lowOpen: false,
};

export function within(low: number, high: number): Indicator["range"] {
  return { low, high, lowOpen: false };
}

export function period(name: string, standard: number, least = 1): Parameter {
  return { name, kind: "period", least, most: LONGEST_PERIOD, default: standard };
}

/** A period that a name always says. */
export function namedPeriod(name: string, least = 1): Parameter {
  return { name, kind: "period", least, most: LONGEST_PERIOD };
}

export function factor(name: string, standard: number, most = LARGEST_FACTOR): Parameter {
  return { name, kind: "factor", least: 0, most, default: standard };
}

/** The nth parameter, which the grammar has filled in. */
export function parameter(parameters: readonly number[], index: number): number {
  const value = parameters[index];
  if (value === undefined) {
    throw new RangeError(
      `parameter ${index} of [${parameters.join(", ")}] is missing; only parsed indicators are computed`,
    );
  }
  return value;
}

/** The weight that is left of a seed once an average is settled (R10). */
const SETTLED = 1e-12;

/** Bars until the seed of an average is forgotten whose newest value has this weight (R10). */
export function settle(alpha: number): number {
  return alpha === 1 ? 0 : Math.ceil(Math.log(SETTLED) / Math.log(1 - alpha));
}

/** Bars until the seed of an EMA of `n` is forgotten (R10). */
export function emaSettle(n: number): number {
  return settle(2 / (n + 1));
}

/** Bars until the seed of Wilder's average of `n` is forgotten (R10). */
export function wilderSettle(n: number): number {
  return settle(1 / n);
}
