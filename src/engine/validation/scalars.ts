import { isTimeframe, TIMEFRAMES, type Timeframe } from "../../domain/timeframe.ts";
import { timeframeMeant } from "../../domain/timeframe-spelling.ts";
import type { Findings } from "./findings.ts";
import { quoted } from "./texts.ts";

/** What a number must be, as a test and in words. */
export interface NumberRule {
  holds(value: number): boolean;
  readonly must: string;
  /** How a message writes the value; as ECMAScript does where absent. */
  text?(value: number): string;
  /** What a refused value probably means. */
  meant?(value: number): number | undefined;
}

/** From 0 to 1, or a percentage that is meant as one. */
export const FRACTION: NumberRule = {
  holds: (value) => value >= 0 && value <= 1,
  must: "from 0 to 1",
  meant: (value) => (value > 1 && value <= 100 ? hundredth(value) : undefined),
};

/** A percentage as a fraction, without the digits that dividing a double adds. */
export function hundredth(percent: number): number {
  return Number((percent / 100).toPrecision(15));
}

export function wholeNumber(least: number, most: number): NumberRule {
  return {
    holds: (value) => Number.isInteger(value) && value >= least && value <= most,
    must: `a whole number from ${least} to ${most}`,
  };
}

/** What is wrong with a number, and what it probably means; undefined where nothing is. */
export function numberFault(value: number, rule: NumberRule): string | undefined {
  if (Number.isFinite(value) && rule.holds(value)) {
    return undefined;
  }
  const meant = rule.meant?.(value);
  const hint = meant === undefined ? "" : `: did you mean ${meant}?`;
  return `is ${rule.text?.(value) ?? value}, must be ${rule.must}${hint}`;
}

/** The number where it is one and the rule holds, -0 as 0; undefined where it was refused. */
export function checkNumber(findings: Findings, field: string, value: number, rule: NumberRule): number | undefined {
  return findings.accept(field, numberFault(value, rule)) ? value + 0 : undefined;
}

/**
 * One of a closed set; the fallback where the text is empty, and required where there is none.
 * `meantBy` knows what others call the members.
 */
export function checkChoice<T extends string>(
  findings: Findings,
  field: string,
  text: string,
  choices: readonly T[],
  fallback?: T,
  meantBy?: (text: string) => T | undefined,
): T | undefined {
  if (text === "" && fallback !== undefined) {
    return fallback;
  }
  const choice = choices.find((known) => known === text);
  if (choice === undefined) {
    findings.refuse(field, choiceFault(text, choices, meantBy?.(text) ?? inAnyCase(text, choices)));
  }
  return choice;
}

/** Rows that others write may have `live` for LIVE. */
function inAnyCase<T extends string>(text: string, choices: readonly T[]): T | undefined {
  return choices.find((known) => known.toLowerCase() === text.toLowerCase());
}

/** What is wrong with a text that is none of the choices, with the one that it probably means. */
export function choiceFault(text: string, choices: readonly string[], meant?: string): string {
  const known = choices.join(", ");
  const hint = meant === undefined ? "" : `: did you mean ${meant}?`;
  // A number of an enumeration that the contract does not know stands here as its digits.
  const given = /^-?\d{1,10}$/.test(text) ? text : quoted(text);
  return text === "" ? `is required: give one of ${known}` : `is ${given}, must be one of ${known}${hint}`;
}

/** R1, case-sensitive; the fallback where the text is empty, which may be unknown itself. */
export function checkTimeframe(
  findings: Findings,
  field: string,
  text: string,
  fallback: Timeframe | undefined,
): Timeframe | undefined {
  if (text === "") {
    return fallback;
  }
  if (isTimeframe(text)) {
    return text;
  }
  const meant = timeframeMeant(text);
  const hint = meant === undefined ? "" : `: did you mean ${meant}?`;
  findings.refuse(field, `is ${quoted(text)}, must be one of ${TIMEFRAMES.join(" ")}, case-sensitive${hint}`);
  return undefined;
}
