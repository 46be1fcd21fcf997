import type { Violation } from "../../../domain/errors.ts";
import type { Timeframe } from "../../../domain/timeframe.ts";
import type { Reading } from "../../../expressions/expression.ts";
import { parseExpression } from "../../../expressions/parse-expression.ts";
import { isMeaningless } from "../../../expressions/readings.ts";
import type { Indicator } from "../../../indicators/indicator.ts";
import { canBe, valuesText } from "../../../indicators/range.ts";
import { partsOf } from "../../rules/conditions/compiled-condition.ts";
import type { CompiledStrategy } from "../../rules/conditions/compiled-strategy.ts";
import { partsOfLevels } from "../../rules/conditions/computed-levels.ts";

/** Faults of values reported at once; looking for the nearest name of each takes its time. */
const MOST_FAULTS = 20;

/** Values given in a request, by timeframe and canonical name. */
export interface InlineValues {
  get(timeframe: Timeframe, indicator: Indicator): number | undefined;
  /**
   * Whether every side of every condition is given: nothing has to be asked of the feed then (R48).
   */
  covers(compiled: CompiledStrategy): boolean;
  readonly size: number;
}

const NONE: InlineValues = { get: () => undefined, covers: () => false, size: 0 };

/** R48: reads `NAME` and `NAME@tf`; all that is wrong goes to `faults`. */
export function inlineValues(
  given: Readonly<Record<string, number>>,
  own: Timeframe,
  faults: Violation[],
): InlineValues {
  const texts = Object.keys(given);
  if (texts.length === 0) {
    return NONE;
  }
  const values = new Map<string, number>();
  const spelt = new Map<string, string>();
  const most = faults.length + MOST_FAULTS;
  for (const text of texts) {
    if (faults.length >= most) {
      break;
    }
    const value = given[text] ?? Number.NaN;
    const field = `indicators[${JSON.stringify(text)}]`;
    const read = readName(text, own);
    if ("fault" in read) {
      faults.push({ field, description: read.fault });
      continue;
    }
    const key = keyOf(read.timeframe, read.indicator);
    const twin = spelt.get(key);
    if (twin !== undefined) {
      faults.push({ field, description: `names the same indicator as ${JSON.stringify(twin)}; give it once` });
    }
    const fault = valueFault(read.indicator, value);
    if (fault !== undefined) {
      faults.push({ field, description: fault });
    }
    spelt.set(key, text);
    values.set(key, value);
  }
  const get: InlineValues["get"] = (timeframe, indicator) => values.get(keyOf(timeframe, indicator));
  return {
    get,
    size: values.size,
    covers: ({ entry, levels }) =>
      [...entry.conditions.flatMap(partsOf), ...partsOfLevels(levels)].every(
        ({ reading, timeframe }) => get(timeframe, reading) !== undefined,
      ),
  };
}

function keyOf(timeframe: Timeframe, indicator: Indicator): string {
  return `${indicator.name}@${timeframe}`;
}

type ReadName = { readonly indicator: Reading; readonly timeframe: Timeframe } | { readonly fault: string };

/** R48: `NAME`, `NAME@tf`, and what R52 calls a reading. */
function readName(text: string, own: Timeframe): ReadName {
  const parsed = parseExpression(text);
  if ("fault" in parsed) {
    return parsed;
  }
  const { expression } = parsed;
  if (expression.kind !== "reading") {
    return { fault: "is an expression: give the values of the indicators in it, each by itself" };
  }
  const { reading, timeframe = own } = expression;
  return isMeaningless(reading, timeframe)
    ? { fault: `${reading.name} exists only below 1d` }
    : { indicator: reading, timeframe };
}

function valueFault(indicator: Indicator, value: number): string | undefined {
  if (!Number.isFinite(value)) {
    return `is ${value}, must be finite`;
  }
  return canBe(indicator, value) ? undefined : `is ${value}; ${valuesText(indicator)}`;
}
