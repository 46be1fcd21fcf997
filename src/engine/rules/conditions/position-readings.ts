import type { Indicator } from "../../../indicators/indicator.ts";

/** What exit rules may read of the position besides the market (R83). */
export const POSITION_READINGS = ["POSITION_PNL", "POSITION_BARS", "POSITION_DRAWDOWN"] as const;
export type PositionReading = (typeof POSITION_READINGS)[number];

/** No bar tells of it: whoever judges a position gives the value. */
function reading(name: PositionReading, low: number): Indicator {
  return {
    name,
    base: name,
    parameters: [],
    family: "other",
    unit: "dimensionless",
    range: { low, high: Number.POSITIVE_INFINITY, lowOpen: false },
    bounded: false,
    firstIndex: 0,
    settleBars: 0,
    intradayOnly: false,
    kernel: { key: name, output: 0, create: () => ({ push: () => {}, outputs: Float64Array.of(Number.NaN) }) },
  };
}

const READINGS: ReadonlyMap<string, Indicator> = new Map([
  ["POSITION_PNL", reading("POSITION_PNL", Number.NEGATIVE_INFINITY)],
  ["POSITION_BARS", reading("POSITION_BARS", 1)],
  ["POSITION_DRAWDOWN", reading("POSITION_DRAWDOWN", 0)],
]);

/** The reading of a position that a text names, in any case. */
export function positionReading(text: string): Indicator | undefined {
  return READINGS.get(text.trim().toUpperCase());
}

export function isPositionReading({ base }: Pick<Indicator, "base">): boolean {
  return READINGS.has(base);
}
