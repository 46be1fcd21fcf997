import type { Definition, Parameter } from "./definition.ts";

/** What a parameter must be, in words. */
export function requirement(parameter: Parameter): string {
  return parameter.kind === "period"
    ? `a whole number from ${parameter.least} to ${parameter.most}`
    : `a number above 0 and at most ${parameter.most} with at most three decimals`;
}

/** Whether a parameter may have this value (R9). */
export function allows(parameter: Parameter, value: number): boolean {
  return parameter.kind === "period"
    ? Number.isInteger(value) && value >= parameter.least && value <= parameter.most
    : value > 0 && value <= parameter.most && Number(value.toFixed(3)) === value;
}

/** Where there is a fast and a slow period, they come first, and fast is below slow (R9). */
export function ordered({ parameters }: Definition, [fast = 0, slow = 0]: readonly number[]): boolean {
  return parameters[1]?.name !== "slow" || fast < slow;
}

/**
 * The canonical name with these values, one a parameter; undefined where a value is not allowed.
 */
export function nameWith(definition: Definition, values: readonly number[]): string | undefined {
  const fits = definition.parameters.every((parameter, index) => allows(parameter, values[index] ?? Number.NaN));
  return fits && ordered(definition, values) ? [definition.base, ...values].join("_") : undefined;
}
