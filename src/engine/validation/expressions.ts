import { type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import { canonicalText } from "../../expressions/canonical.ts";
import { type Expression, termsOf } from "../../expressions/expression.ts";
import { type Formula, formulaOf } from "../../expressions/formula.ts";
import { isName, parseExpression } from "../../expressions/parse-expression.ts";
import { rangeOf } from "../../expressions/ranges.ts";
import { isMeaningless } from "../../expressions/readings.ts";
import { unitOf } from "../../expressions/units.ts";
import { parseIndicator } from "../../indicators/grammar.ts";
import { nameWith } from "../../indicators/parameters.ts";
import { definitionOf } from "../../indicators/registry.ts";
import { POSITION_READINGS } from "../rules/conditions/position-readings.ts";
import type { Findings } from "./findings.ts";
import type { Side } from "./side.ts";

/** Longest of all timeframes: where the condition's own is not known, nothing is shorter. */
const ANY_TIMEFRAME: Timeframe = "1s";

/**
 * R52 to R56: what a side's text says on the condition's timeframe, which is undefined where it was
 * refused. A side that is a number, sign included, is one (R52).
 */
export function checkSide(
  findings: Findings,
  field: string,
  text: string,
  timeframe: Timeframe | undefined,
): Side | number | undefined {
  if (text === "") {
    findings.refuse(field, "is required: give an indicator such as RSI_14 or CLOSE");
    return undefined;
  }
  const parsed = parseExpression(text);
  if ("fault" in parsed) {
    findings.refuse(field, positionFault(text) ?? parsed.fault);
    return undefined;
  }
  const { expression } = parsed;
  const number = numberIn(expression);
  if (number !== undefined) {
    return number;
  }
  const formula = formulaOf(expression, timeframe ?? ANY_TIMEFRAME);
  if (timeframe !== undefined && !checkTimeframes(findings, field, formula, timeframe)) {
    return undefined;
  }
  for (const warning of warningsOf(text)) {
    findings.warn(`${field}: ${warning}`);
  }
  for (const source of sourcesNeedingVolume(formula)) {
    findings.warn(
      `${field}: the source ${source} is undefined on bars without volume, behind which its series begins afresh`,
    );
  }
  return isName(formula.name) ? indicatorIn(formula) : formula;
}

/** R83: what a position is stands in no expression, and on no right side. */
function positionFault(text: string): string | undefined {
  const name = POSITION_READINGS.find((each) => new RegExp(`\\b${each}\\b`, "i").test(text));
  return name && `has ${name}, which stands alone in the name of a condition of exit, and is compared with a number`;
}

/** A number with or without a sign; undefined for any other expression. */
function numberIn(expression: Expression): number | undefined {
  if (expression.kind === "negative") {
    return expression.of.kind === "number" ? 0 - expression.of.value : undefined;
  }
  return expression.kind === "number" ? expression.value : undefined;
}

function indicatorIn({ name }: Formula): Side | undefined {
  const parsed = parseIndicator(name);
  return "fault" in parsed ? undefined : parsed.indicator;
}

/** R56, and R9's indicators that start afresh every day. */
function checkTimeframes(findings: Findings, field: string, formula: Formula, own: Timeframe): boolean {
  const before = findings.violations.length;
  for (const { reading, timeframe } of formula.parts) {
    if (timeframeMs(timeframe) < timeframeMs(own)) {
      findings.refuse(
        field,
        `has ${reading.name} on ${timeframe}, shorter than the condition's ${own}: give ${own} or a longer one`,
      );
    } else if (isMeaningless(reading, timeframe)) {
      findings.refuse(
        field,
        `is ${reading.name} on ${timeframe}, which starts afresh every day: use a timeframe below 1d`,
      );
    }
  }
  return findings.violations.length === before;
}

/** Texts that are expressions, and look like the period of an indicator. */
const LIKE_PERIOD = /([A-Za-z][A-Za-z_]*)(-|\s*\[\s*)([1-9][0-9]{0,2})(?![0-9.])/g;

/** What is allowed in a text and looks like something else. */
function warningsOf(text: string): readonly string[] {
  return isName(text)
    ? []
    : [...text.matchAll(LIKE_PERIOD)].flatMap(([written, name = "", sign = "", number = ""]) => {
        const definition = definitionOf(name.toUpperCase());
        const [first, ...others] = definition?.parameters ?? [];
        if (definition === undefined || first?.kind !== "period") {
          return [];
        }
        const defaults = others.map((parameter) => parameter.default ?? Number.NaN);
        const said = nameWith(definition, [first.default ?? Number.NaN, ...defaults]);
        const meant = nameWith(definition, [Number(number), ...defaults]);
        if (said === undefined || meant === undefined) {
          return [];
        }
        return sign === "-"
          ? [`${written} is ${said} less ${number}: write ${meant} where its period is meant`]
          : [`${written}] is ${said} ${number} bars before: write ${meant} where its period is meant`];
      });
}

/** The canonical texts of the sources of a side that are undefined on bars without volume (R54). */
function sourcesNeedingVolume(formula: Formula): readonly string[] {
  return termsOf(formula.expression).flatMap(({ reading }) => {
    const source = reading.derived?.source;
    return source !== undefined && needsVolume(source) ? [canonicalText(source)] : [];
  });
}

/** Whether an expression is undefined where nothing was traded. */
function needsVolume(expression: Expression): boolean {
  switch (expression.kind) {
    case "number":
      return false;
    case "reading": {
      const { base, derived } = expression.reading;
      const isOfVolume = definitionOf(base)?.undefinedWhere?.includes("volume") === true;
      return isOfVolume || (derived?.source !== undefined && needsVolume(derived.source));
    }
    case "negative":
      return needsVolume(expression.of);
    case "/":
      return isVolume(expression.right) || needsVolume(expression.left) || needsVolume(expression.right);
    case "+":
    case "-":
    case "*":
      return needsVolume(expression.left) || needsVolume(expression.right);
    case "ABS":
    case "MIN":
    case "MAX":
      return expression.operands.some(needsVolume);
    default:
      return expression satisfies never;
  }
}

/** Whether an expression may be 0 because nothing was traded. */
function isVolume(divisor: Expression): boolean {
  const { low, high } = rangeOf(divisor);
  return unitOf(divisor) === "volume" && low <= 0 && high >= 0;
}
