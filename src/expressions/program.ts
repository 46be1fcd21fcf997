import type { Timeframe } from "../domain/timeframe.ts";
import type { Expression, Reading, Term } from "./expression.ts";
import { termsOf } from "./expression.ts";

/** A reading of an expression, once however often it stands there. */
export interface Part {
  readonly reading: Reading;
  /** Absent: that of the condition. */
  readonly timeframe?: Timeframe;
}

/** Where the values of a program's parts are: part `i` of place `p` is at `at[i] * step + p`. */
export interface Values {
  readonly values: Float64Array;
  readonly at: Int32Array;
  readonly step: number;
}

/** Steps of a program; those below 0 are followed by nothing. */
const NEGATE = -1;
const ADD = -2;
const SUBTRACT = -3;
const MULTIPLY = -4;
const DIVIDE = -5;
const ABS = -6;
const MIN = -7;
const MAX = -8;
/** From here on down: the numbers of the text, the first one first. */
const FIRST_NUMBER = -9;

const OPERATIONS = { "+": ADD, "-": SUBTRACT, "*": MULTIPLY, "/": DIVIDE } as const;
/** R52: no expression has more readings and numbers. */
export const MOST_OPERANDS = 32;
/** Values wait for the operation that they are for; programs run one after the other. */
const stack = new Float64Array(MOST_OPERANDS + 1);
const errors = new Float64Array(MOST_OPERANDS + 1);

/** R53: a result that is not finite is undefined; NaN stands for undefined. No result is -0. */
function defined(value: number): number {
  return value - value === 0 ? value + 0 : Number.NaN;
}

/**
 * R53: an expression as steps over the values of its readings. The same steps compute one value for
 * the explained judge and a column of them for a sweep, so that both are equal to the bit.
 */
export class Program {
  readonly parts: readonly Part[];
  readonly #steps: Int32Array;
  readonly #numbers: Float64Array;

  constructor(expression: Expression) {
    const steps: number[] = [];
    const numbers: number[] = [];
    const parts = partsOf(expression);
    const places = new Map(parts.map((part, place) => [partKey(part), place]));
    write(expression, steps, numbers, places);
    this.parts = parts;
    this.#steps = Int32Array.from(steps);
    this.#numbers = Float64Array.from(numbers);
  }

  /** The value at a place; NaN where undefined. */
  value({ values, at, step }: Values, place: number): number {
    const steps = this.#steps;
    let top = -1;
    for (let i = 0; i < steps.length; i++) {
      const code = steps[i] as number;
      if (code >= 0) {
        stack[++top] = values[(at[code] as number) * step + place] as number;
      } else if (code <= FIRST_NUMBER) {
        stack[++top] = this.#numbers[FIRST_NUMBER - code] as number;
      } else if (code === NEGATE || code === ABS) {
        const operand = stack[top] as number;
        stack[top] = code === NEGATE ? 0 - operand : Math.abs(operand);
      } else {
        const right = stack[top--] as number;
        stack[top] = operate(code, stack[top] as number, right);
      }
    }
    return stack[0] as number;
  }

  /**
   * R13, of an expression: how far the value at a place counts as equal, of the tolerances of the
   * parts. Of a value that is undefined it says nothing.
   */
  tolerance({ values, at, step }: Values, place: number, tolerances: Float64Array): number {
    const steps = this.#steps;
    let top = -1;
    for (let i = 0; i < steps.length; i++) {
      const code = steps[i] as number;
      if (code >= 0) {
        stack[++top] = values[(at[code] as number) * step + place] as number;
        errors[top] = tolerances[code] as number;
      } else if (code <= FIRST_NUMBER) {
        stack[++top] = this.#numbers[FIRST_NUMBER - code] as number;
        errors[top] = 0;
      } else if (code === NEGATE || code === ABS) {
        const operand = stack[top] as number;
        stack[top] = code === NEGATE ? 0 - operand : Math.abs(operand);
      } else {
        const right = stack[top] as number;
        const rightError = errors[top--] as number;
        const left = stack[top] as number;
        const value = operate(code, left, right);
        errors[top] = errorOf(code, left, errors[top] as number, right, rightError);
        stack[top] = value;
      }
    }
    return errors[0] as number;
  }
}

function operate(code: number, a: number, b: number): number {
  switch (code) {
    case ADD:
      return defined(a + b);
    case SUBTRACT:
      return defined(a - b);
    case MULTIPLY:
      return defined(a * b);
    case DIVIDE:
      return defined(a / b);
    case MIN:
      return Math.min(a, b);
    default:
      return Math.max(a, b);
  }
}

/** How far the result may be off where its operands are. */
function errorOf(code: number, a: number, errorA: number, b: number, errorB: number): number {
  switch (code) {
    case ADD:
    case SUBTRACT:
      return errorA + errorB;
    case MULTIPLY:
      return Math.abs(a) * errorB + Math.abs(b) * errorA;
    case DIVIDE:
      return (errorA + Math.abs(a / b) * errorB) / Math.abs(b);
    default:
      return Math.max(errorA, errorB);
  }
}

function write(expression: Expression, steps: number[], numbers: number[], places: ReadonlyMap<string, number>): void {
  switch (expression.kind) {
    case "number":
      steps.push(FIRST_NUMBER - numbers.length);
      numbers.push(expression.value);
      return;
    case "reading":
      steps.push(places.get(partKey(expression)) ?? 0);
      return;
    case "negative":
      write(expression.of, steps, numbers, places);
      steps.push(NEGATE);
      return;
    case "+":
    case "-":
    case "*":
    case "/":
      write(expression.left, steps, numbers, places);
      write(expression.right, steps, numbers, places);
      steps.push(OPERATIONS[expression.kind]);
      return;
    case "ABS":
      for (const operand of expression.operands) {
        write(operand, steps, numbers, places);
      }
      steps.push(ABS);
      return;
    case "MIN":
    case "MAX":
      expression.operands.forEach((operand, i) => {
        write(operand, steps, numbers, places);
        if (i > 0) {
          steps.push(expression.kind === "MIN" ? MIN : MAX);
        }
      });
      return;
    default:
      expression satisfies never;
  }
}

function partsOf(expression: Expression): readonly Part[] {
  const parts = new Map<string, Part>();
  for (const { reading, timeframe } of termsOf(expression)) {
    const part = { reading, ...(timeframe !== undefined && { timeframe }) };
    const key = partKey(part);
    parts.set(key, parts.get(key) ?? part);
  }
  return [...parts.values()];
}

function partKey({ reading, timeframe }: Pick<Term, "reading" | "timeframe">): string {
  return timeframe === undefined ? reading.name : `${reading.name}@${timeframe}`;
}
