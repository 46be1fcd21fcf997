import { isTimeframe, TIMEFRAMES, type Timeframe } from "../../domain/timeframe.ts";
import type { Findings } from "./findings.ts";
import { quoted } from "./texts.ts";

/** What a number must be, as a test and in words. */
export interface NumberRule {
  holds(value: number): boolean;
  readonly must: string;
  /** How a message writes the value; as ECMAScript does where absent. */
  text?(value: number): string;
}

export const FRACTION: NumberRule = { holds: (value) => value >= 0 && value <= 1, must: "from 0 to 1" };

export function wholeNumber(least: number, most: number): NumberRule {
  return {
    holds: (value) => Number.isInteger(value) && value >= least && value <= most,
    must: `a whole number from ${least} to ${most}`,
  };
}

/** The number where it is one and the rule holds, -0 as 0; undefined where it was refused. */
export function checkNumber(findings: Findings, field: string, value: number, rule: NumberRule): number | undefined {
  if (Number.isFinite(value) && rule.holds(value)) {
    return value + 0;
  }
  findings.refuse(field, `is ${rule.text?.(value) ?? value}, must be ${rule.must}`);
  return undefined;
}

/** One of a closed set; the fallback where the text is empty, and required where there is none. */
export function checkChoice<T extends string>(
  findings: Findings,
  field: string,
  text: string,
  choices: readonly T[],
  fallback?: T,
): T | undefined {
  if (text === "" && fallback !== undefined) {
    return fallback;
  }
  const choice = choices.find((known) => known === text);
  if (choice === undefined) {
    const known = choices.join(", ");
    findings.refuse(
      field,
      text === "" ? `is required: give one of ${known}` : `is ${quoted(text)}, must be one of ${known}`,
    );
  }
  return choice;
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
  const lower = text.toLowerCase();
  const hint = isTimeframe(lower) ? `: did you mean ${lower}?` : "";
  findings.refuse(field, `is ${quoted(text)}, must be one of ${TIMEFRAMES.join(" ")}, case-sensitive${hint}`);
  return undefined;
}
