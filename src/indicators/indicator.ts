import type { Bar } from "../domain/bar.ts";

/**
 * What an indicator's values are, for the rules on sides, margins and comparisons (R13, R17, R19).
 */
export type Family = "price" | "average" | "band" | "extreme" | "oscillator" | "trend" | "pattern" | "other";

/**
 * In what a value is measured: quote currency, nothing, units of the base asset (R13), or a product
 * of them.
 */
export type Unit = "price" | "dimensionless" | "volume" | "mixed";

/** An indicator with all its parameters: one row of R9's table made concrete. */
export interface Indicator {
  /** Canonical, with all parameters: "MACD_SIGNAL_12_26_9" (R8). */
  readonly name: string;
  /** Without parameters: "MACD_SIGNAL". */
  readonly base: string;
  readonly parameters: readonly number[];
  readonly family: Family;
  readonly unit: Unit;
  /**
   * The least and largest value that can be; infinite where there is none. `lowOpen`: `low` itself
   * cannot be (prices are above 0).
   */
  readonly range: { readonly low: number; readonly high: number; readonly lowOpen: boolean };
  /** The only values within the range that there are, where they are few: a sign is −1, 0 or 1. */
  readonly values?: readonly number[];
  /** Oscillators only: the range, or the reference range, in which R17 places a threshold. */
  readonly reference?: { readonly low: number; readonly high: number };
  /**
   * An oscillator whose range is bounded: its met conditions against numbers have a margin (R19).
   */
  readonly bounded: boolean;
  /** Index of the first defined value in a series (R10). */
  readonly firstIndex: number;
  /** Further bars until the value is settled (R10). */
  readonly settleBars: number;
  /** Starts anew at 00:00 UTC, so that it has a meaning on timeframes below 1d only (VWAP). */
  readonly intradayOnly: boolean;
  /** With intradayOnly: how many days it reads, where it is more than the current one. */
  readonly wholeDays?: number;
  /** Of how many bars values must be kept, a power of two, where the usual few are not enough. */
  readonly depth?: number;
  /** How it is computed, where that is from other indicators; absent: as the registry says. */
  readonly kernel?: KernelSource;
}

/**
 * Where an indicator's values come from. Indicators with equal keys are outputs of one and the same
 * kernel.
 */
export interface KernelSource {
  readonly key: string;
  readonly output: number;
  /** Indicators that it is computed from; their kernels take each bar before it does. */
  readonly inputs?: readonly Indicator[];
  /**
   * Present where the values before the bar tell when it is ready, and not their number alone (R54).
   */
  readonly readiness?: ReadinessOutputs;
  create(inputs: readonly KernelInput[]): Kernel;
}

/** Outputs of a kernel that say when the other one is ready. */
export interface ReadinessOutputs {
  /** The value once it is settled, NaN before. */
  readonly settled: number;
  /** Index of the bar from which on it is defined, or settled, as far as can be told by now. */
  readonly definedAt: number;
  readonly settledAt: number;
}

/** An indicator that another one is computed from, with its kernel. */
export interface KernelInput {
  readonly indicator: Indicator;
  readonly source: KernelSource;
  readonly outputs: Float64Array;
}

/** An indicator, or why the text names none: with the value at fault and the nearest known name. */
export type ParsedIndicator = { readonly indicator: Indicator } | { readonly fault: string };

/**
 * Computes one indicator, or several outputs of one, incrementally: a new bar costs O(1) or O(log
 * n). Outputs are NaN while undefined.
 */
export interface Kernel {
  /** Takes the next closed bar, which is valid (R3) and follows the last one. */
  push(bar: Bar): void;
  /** Values as of the last bar pushed, one an output; NaN where undefined. */
  readonly outputs: Float64Array;
}
