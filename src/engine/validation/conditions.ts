import { type Condition, type ConditionDraft, conditionText, OPERATORS, type Operator } from "../../domain/strategy.ts";
import { type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import { isFormula } from "../../expressions/formula.ts";
import type { Indicator } from "../../indicators/indicator.ts";
import { Interned } from "../rules/conditions/interned.ts";
import { positionReading } from "../rules/conditions/position-readings.ts";
import { checkSide } from "./expressions.ts";
import type { Findings } from "./findings.ts";
import { operatorMeant, operatorOtherwise } from "./operator-words.ts";
import { checkOtherKeys } from "./other-keys.ts";
import { checkChoice, checkNumber, checkTimeframe, choiceFault, wholeNumber } from "./scalars.ts";
import type { Comparison, Side } from "./side.ts";
import { quoted } from "./texts.ts";

type Window = Pick<Condition, "forBars" | "withinBars">;

/** A valid condition, with the indicators that its names stand for. */
export interface CheckedCondition extends Comparison, Window {
  /** In the contract's names: "entry_indicators[1]", "entry.all.rules[1].condition". */
  readonly path: string;
  /** Canonical text. */
  readonly text: string;
  /** Undefined where it was refused, or is the strategy's, which was. */
  readonly timeframe: Timeframe | undefined;
}

/**
 * Checks one condition by itself (R8, R42, R43's equal sides). Undefined where anything but its
 * timeframe was refused.
 */
export function checkCondition(
  findings: Findings,
  draft: ConditionDraft,
  path: string,
  strategyTimeframe: Timeframe | undefined,
  isExit = false,
): CheckedCondition | undefined {
  checkOtherKeys(findings, path, draft);
  const timeframe = checkConditionTimeframe(findings, path, draft, strategyTimeframe);
  const ofPosition = positionReading(draft.name);
  const left =
    ofPosition === undefined
      ? checkLeft(findings, `${path}.name`, draft.name, timeframe)
      : checkOfPosition(findings, path, draft, ofPosition, { isExit, timeframe, strategyTimeframe });
  const operator = checkOperator(findings, `${path}.operator`, draft.operator);
  const right = checkOperand(findings, path, draft, timeframe);
  const window = checkWindow(findings, path, draft);
  if (left === undefined || operator === undefined || right === undefined || window === undefined) {
    return undefined;
  }
  if (typeof right !== "number" && left.name === right.name) {
    findings.refuse(
      `${path}.indicator`,
      `is ${right.name}, as the left side: compare with another indicator or a number`,
    );
    return undefined;
  }
  const condition = { name: left.name, operator, operand: operandOf(right), ...window };
  return { path, text: conditionText(condition), left, operator, right, timeframe, ...window };
}

const BARS = wholeNumber(2, 500);

/** R58: over how many bars the condition is looked at; undefined where it was refused. */
function checkWindow(findings: Findings, path: string, { forBars, withinBars }: ConditionDraft): Window | undefined {
  if (forBars !== undefined && withinBars !== undefined) {
    findings.refuse(`${path}.within_bars`, `is ${withinBars} beside for_bars ${forBars}: give one of the two`);
    return undefined;
  }
  if (forBars !== undefined) {
    const checked = checkNumber(findings, `${path}.for_bars`, forBars, BARS);
    return checked === undefined ? undefined : { forBars: checked };
  }
  if (withinBars !== undefined) {
    const checked = checkNumber(findings, `${path}.within_bars`, withinBars, BARS);
    return checked === undefined ? undefined : { withinBars: checked };
  }
  return {};
}

/** Many strategies have equal conditions: they share one object. */
const CANONICAL = new Interned<Condition>();

/** The canonical form of a condition on a known timeframe. */
export function canonical(checked: CheckedCondition, timeframe: Timeframe): Condition {
  const { text, left, operator, right, forBars, withinBars } = checked;
  return CANONICAL.get(`${text} on ${timeframe}`, () => ({
    name: left.name,
    operator,
    operand: operandOf(right),
    timeframe,
    ...(forBars !== undefined && { forBars }),
    ...(withinBars !== undefined && { withinBars }),
  }));
}

function checkOperator(findings: Findings, field: string, text: string): Operator | undefined {
  const otherwise = operatorOtherwise(text);
  if (otherwise !== undefined) {
    findings.refuse(field, `${choiceFault(text, OPERATORS)}: ${otherwise}`);
    return undefined;
  }
  return checkChoice<Operator>(findings, field, text, OPERATORS, undefined, operatorMeant);
}

function operandOf(right: Side | number): number | string {
  return typeof right === "number" ? right : right.name;
}

function checkConditionTimeframe(
  findings: Findings,
  path: string,
  draft: ConditionDraft,
  strategyTimeframe: Timeframe | undefined,
): Timeframe | undefined {
  const timeframe = checkTimeframe(findings, `${path}.timeframe`, draft.timeframe, strategyTimeframe);
  if (timeframe === undefined || strategyTimeframe === undefined) {
    return timeframe;
  }
  if (timeframeMs(timeframe) < timeframeMs(strategyTimeframe)) {
    findings.refuse(
      `${path}.timeframe`,
      `is ${timeframe}, shorter than the strategy's ${strategyTimeframe}: give ${strategyTimeframe} or a longer one`,
    );
    return undefined;
  }
  return timeframe;
}

/** R83: what an exit rule may say of the position. */
function checkOfPosition(
  findings: Findings,
  path: string,
  { operator, value, forBars, withinBars }: ConditionDraft,
  reading: Indicator,
  scope: {
    readonly isExit: boolean;
    readonly timeframe?: Timeframe | undefined;
    readonly strategyTimeframe?: Timeframe | undefined;
  },
): Indicator | undefined {
  const { name } = reading;
  if (!scope.isExit) {
    findings.refuse(`${path}.name`, `is ${name}, which only exit may read: an entry has no position yet`);
    return undefined;
  }
  if (scope.timeframe !== scope.strategyTimeframe) {
    findings.refuse(`${path}.timeframe`, `is ${scope.timeframe}: ${name} is of the strategy's timeframe; leave it out`);
  }
  if (operator.startsWith("crosses")) {
    findings.refuse(`${path}.operator`, `is ${operator}: ${name} has no value before; give one of < <= > >= == !=`);
  }
  if (forBars !== undefined || withinBars !== undefined) {
    const field = forBars === undefined ? "within_bars" : "for_bars";
    findings.refuse(`${path}.${field}`, `is given, and ${name} has no value before: leave it out`);
  }
  if (value === undefined) {
    findings.refuse(`${path}.value`, `is required: ${name} is compared with a number`);
  }
  return reading;
}

/** R52: a condition needs an indicator on its left. */
function checkLeft(
  findings: Findings,
  field: string,
  text: string,
  timeframe: Timeframe | undefined,
): Side | undefined {
  const side = checkSide(findings, field, text, timeframe);
  if (typeof side === "number" || (side !== undefined && isFormula(side) && side.parts.length === 0)) {
    findings.refuse(field, `is ${quoted(text)}, a number: an indicator must stand on the left side`);
    return undefined;
  }
  return side;
}

function checkOperand(
  findings: Findings,
  path: string,
  { value, indicator }: ConditionDraft,
  timeframe: Timeframe | undefined,
): Side | number | undefined {
  if (value !== undefined && indicator !== undefined) {
    findings.refuse(
      `${path}.operand`,
      `is both the value ${value} and the indicator ${quoted(indicator)}: give one of them`,
    );
    return undefined;
  }
  if (value !== undefined) {
    return checkNumber(findings, `${path}.value`, value, { holds: () => true, must: "a finite number" });
  }
  if (indicator !== undefined) {
    return checkSide(findings, `${path}.indicator`, indicator, timeframe);
  }
  if (findings.isLost(`${path}.value`) || findings.isLost(`${path}.indicator`)) {
    return undefined;
  }
  findings.refuse(`${path}.operand`, "is required: give a value or an indicator to compare with");
  return undefined;
}
