import { type Condition, conditionText } from "../../../domain/strategy.ts";
import type { Timeframe } from "../../../domain/timeframe.ts";
import { type Formula, type FormulaPart, formulaNamed } from "../../../expressions/formula.ts";
import { isName } from "../../../expressions/parse-expression.ts";
import { indicatorNamed } from "../../../indicators/grammar.ts";
import type { Indicator } from "../../../indicators/indicator.ts";
import { positionReading } from "./position-readings.ts";

interface Compiled {
  readonly condition: Condition;
  /** "RSI_14 < 30" (R8). */
  readonly text: string;
  readonly timeframe: Timeframe;
  readonly isCross: boolean;
  /** How many bars are looked at, 1 by default, and whether one of them is enough (R58). */
  readonly bars: number;
  readonly isWithin: boolean;
}

/** A condition of plain indicators and numbers alone (R55). */
export interface PlainCondition extends Compiled {
  readonly isPlain: true;
  readonly left: Indicator;
  readonly right: Indicator | number;
}

/** A condition with an expression on a side; a plain side is computed like one, too. */
export interface FormulaCondition extends Compiled {
  readonly isPlain: false;
  readonly left: Formula;
  readonly right: Formula | number;
}

/**
 * A condition with its names resolved to indicators. One for each canonical condition, which
 * strategies share.
 */
export type CompiledCondition = PlainCondition | FormulaCondition;

const CONDITIONS = new WeakMap<Condition, CompiledCondition>();

export function compileCondition(condition: Condition): CompiledCondition {
  const known = CONDITIONS.get(condition);
  if (known !== undefined) {
    return known;
  }
  const compiled: CompiledCondition = {
    condition,
    text: conditionText(condition),
    timeframe: condition.timeframe,
    ...sidesOf(condition),
    isCross: condition.operator === "crosses_above" || condition.operator === "crosses_below",
    bars: condition.forBars ?? condition.withinBars ?? 1,
    isWithin: condition.withinBars !== undefined,
  };
  CONDITIONS.set(condition, compiled);
  return compiled;
}

function sidesOf({ name, operand, timeframe }: Condition) {
  const isNumber = typeof operand === "number";
  return isName(name) && (isNumber || isName(operand))
    ? {
        isPlain: true as const,
        left: positionReading(name) ?? indicatorNamed(name),
        right: isNumber ? operand : indicatorNamed(operand),
      }
    : {
        isPlain: false as const,
        left: formulaNamed(name, timeframe),
        right: isNumber ? operand : formulaNamed(operand, timeframe),
      };
}

/** How many bars before the one judged are looked at, those of crosses among them. */
export function barsBefore({ bars, isCross }: CompiledCondition): number {
  return bars - 1 + (isCross ? 1 : 0);
}

/** What both sides of a condition read. */
export function partsOf(compiled: CompiledCondition): readonly FormulaPart[] {
  const { timeframe } = compiled;
  if (!compiled.isPlain) {
    return typeof compiled.right === "number" ? compiled.left.parts : [...compiled.left.parts, ...compiled.right.parts];
  }
  const left = { reading: compiled.left, timeframe };
  return typeof compiled.right === "number" ? [left] : [left, { reading: compiled.right, timeframe }];
}
