import type { Indicator } from "./indicator.ts";

/**
 * Whether an indicator can have a value: within its range, and one of its few values where they are
 * few (R9).
 */
export function canBe({ range, values }: Indicator, value: number): boolean {
  const aboveLow = range.lowOpen ? value > range.low : value >= range.low;
  return aboveLow && value <= range.high && (values === undefined || values.includes(value));
}

/** The values that an indicator can have, in words: "RSI_14 is from 0 to 100". */
export function valuesText({
  name,
  range: { low, high, lowOpen },
  values,
}: Pick<Indicator, "name" | "range" | "values">): string {
  if (values !== undefined) {
    return `${name} is ${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
  }
  if (Number.isFinite(high)) {
    return Number.isFinite(low)
      ? `${name} is ${lowOpen ? "above" : "from"} ${low} to ${high}`
      : `${name} is at most ${high}`;
  }
  if (Number.isFinite(low)) {
    return lowOpen ? `${name} is above ${low}` : `${name} is from ${low} up`;
  }
  return `${name} is a finite number`;
}
