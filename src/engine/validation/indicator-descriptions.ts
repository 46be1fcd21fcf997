import type { Definition, Parameter } from "../../indicators/definition.ts";
import type { Indicator } from "../../indicators/indicator.ts";
import { barsNeeded } from "../../indicators/readiness.ts";
import { DEFINITIONS, instantiate, usualParameters } from "../../indicators/registry.ts";

/** What there is to know of an indicator, for whoever writes conditions. */
export interface Description {
  readonly definition: Definition;
  /** With the parameters that a name without any has. */
  readonly usual: Indicator;
  /** Bars until it is defined, and until it is settled. */
  readonly firstBars: number;
  readonly settledBars: number;
  /** A condition that reads it. */
  readonly example: string;
}

/** All indicators by name. */
export function descriptions(): readonly Description[] {
  return DEFINITIONS.map(describe).toSorted((a, b) => (a.definition.base < b.definition.base ? -1 : 1));
}

function describe(definition: Definition): Description {
  const usual = instantiate(definition, usualParameters(definition));
  return {
    definition,
    usual,
    firstBars: barsNeeded(usual, false),
    settledBars: barsNeeded(usual, true),
    example: exampleOf(usual),
  };
}

/** The least value that a parameter may have: a factor has up to three decimals. */
export function leastValue({ kind, least }: Parameter): number {
  return kind === "period" ? least : 0.001;
}

/** Of prices that a close is always within, or is itself. */
const EXAMPLES: Readonly<Record<string, string>> = {
  CLOSE: "CLOSE > EMA_20",
  HIGH: "HIGH > HIGHEST_20",
  LOW: "LOW < LOWEST_20",
  HA_HIGH: "HA_HIGH > HIGHEST_20",
  HA_LOW: "HA_LOW < LOWEST_20",
  DONCHIAN_UPPER: "CLOSE >= DONCHIAN_UPPER_20",
};

/** In how large a part of its range an oscillator is low. */
const LOW = 0.3;

function exampleOf({ name, base, family, range, reference }: Indicator): string {
  switch (family) {
    case "oscillator":
      return `${name} < ${lowOf(reference ?? range)}`;
    case "trend":
      return `${name} > 0`;
    case "pattern":
      return range.high > 0 ? `${name} > 0` : `${name} < 0`;
    case "price":
    case "average":
    case "band":
    case "extreme":
      return EXAMPLES[base] ?? `CLOSE > ${name}`;
    case "other":
      return `${name} > ${otherSide(name, range)}`;
    default:
      return family satisfies never;
  }
}

function lowOf({ low, high }: { readonly low: number; readonly high: number }): number {
  return low + LOW * (high - low);
}

/** The middle of what it can be; where that has no end, what it was on the bar before. */
function otherSide(name: string, { low, high }: Indicator["range"]): string {
  return Number.isFinite(low) && Number.isFinite(high) ? String((low + high) / 2) : `${name}[1]`;
}
