import type { Bar } from "../../src/domain/bar.ts";

/** Takes the next bar and answers with the value as of it, where there is one. */
export type Feed = (bar: Bar) => number | null | undefined;

/** A rival's way to one of our indicators. */
export interface IndicatorRival {
  readonly name: "trading-signals" | "technicalindicators";
  /** How far its settled values may lie from ours, in parts of the larger. */
  readonly within: number;
  start(): Feed;
}

/** Rounding in another order of additions. */
export const ROUNDING = 1e-9;
/** technicalindicators rounds RSI and MFI to two decimals; ours lie far above 1. */
export const TWO_DECIMALS = 0.005;

export function signalsOf(start: () => Feed): IndicatorRival {
  return { name: "trading-signals", within: ROUNDING, start };
}

export function technicalOf(start: () => Feed, within = ROUNDING): IndicatorRival {
  return { name: "technicalindicators", within, start };
}

/** technicalindicators takes the history at once; here it begins with none. */
export const NO_CLOSES = { values: [] };
export const NO_BARS = { high: [], low: [], close: [] };

export function closes(indicator: { add(close: number): number | null }): Feed {
  return ({ close }) => indicator.add(close);
}

export function bars(indicator: { add(bar: Bar): number | null }): Feed {
  return (bar) => indicator.add(bar);
}

export function nextClose(indicator: { nextValue(close: number): number | undefined }): Feed {
  return ({ close }) => indicator.nextValue(close);
}

export function nextBar(indicator: { nextValue(bar: never): number | undefined }): Feed {
  return (bar) => indicator.nextValue(bar as never);
}
