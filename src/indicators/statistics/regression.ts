import type { Bar } from "../../domain/bar.ts";
import { ANY_VALUE, type Definition, type KernelKind, parameter, period, within } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { Line } from "../line.ts";

const DEGREES = 180 / Math.PI;

/** The line nearest to the last `n` closes, by least squares. */
export class Regression implements Kernel {
  readonly outputs: Float64Array = new Float64Array(5).fill(Number.NaN);
  private readonly line: Line;

  constructor(n: number) {
    this.line = new Line(n);
  }

  push(bar: Bar): void {
    const { line, outputs } = this;
    line.push(bar.close);
    outputs[0] = line.last;
    outputs[1] = line.slope;
    outputs[2] = DEGREES * Math.atan(line.slope);
    outputs[3] = line.first;
    outputs[4] = line.next;
  }
}

const REGRESSION: KernelKind = { name: "LINEARREG", create: (p) => new Regression(parameter(p, 0)) };

const SHARED = {
  parameters: [period("n", 14, 2)],
  takesSource: true,
  firstIndex: (p: readonly number[]) => parameter(p, 0) - 1,
  kernel: REGRESSION,
} as const;

/** The line's value on the current bar, on the first of the n and on the next one, and its slope. */
export const REGRESSIONS: readonly Definition[] = [
  {
    ...SHARED,
    base: "LINEARREG",
    family: "average",
    unit: "price",
    range: ANY_VALUE,
    output: 0,
    formula: "value on the current bar of the line nearest to the last n closes, by least squares",
    source: "TA-Lib LINEARREG",
  },
  {
    ...SHARED,
    base: "LINEARREG_SLOPE",
    family: "trend",
    unit: "price",
    range: ANY_VALUE,
    output: 1,
    formula: "rise of that line a bar",
    zeroWhere: "within 1e-12 of close",
    source: "TA-Lib LINEARREG_SLOPE",
  },
  {
    ...SHARED,
    base: "LINEARREG_ANGLE",
    family: "trend",
    unit: "dimensionless",
    range: within(-90, 90),
    output: 2,
    formula: "arc tangent of LINEARREG_SLOPE, in degrees; depends on the price's size",
    zeroWhere: "LINEARREG_SLOPE is 0",
    source: "TA-Lib LINEARREG_ANGLE",
  },
  {
    ...SHARED,
    base: "LINEARREG_INTERCEPT",
    family: "other",
    unit: "price",
    range: ANY_VALUE,
    output: 3,
    formula: "value of that line on the first of the n bars",
    source: "TA-Lib LINEARREG_INTERCEPT",
  },
  {
    ...SHARED,
    base: "TSF",
    family: "average",
    unit: "price",
    range: ANY_VALUE,
    output: 4,
    formula: "value of that line on the next bar",
    source: "TA-Lib TSF",
  },
];
