import type { Bar } from "../domain/bar.ts";
import { ABOVE_ZERO, ANY_VALUE, type Definition, type KernelKind, parameter, period } from "./definition.ts";
import type { Kernel } from "./indicator.ts";
import { percentWithoutRounding, withoutRounding } from "./rounding.ts";

class Change implements Kernel {
  readonly outputs: Float64Array = new Float64Array(5).fill(Number.NaN);
  private readonly closes: Float64Array;
  private at = 0;
  private missing: number;

  constructor(n: number) {
    this.closes = new Float64Array(n);
    this.missing = n;
  }

  push(bar: Bar): void {
    const { closes, at, outputs } = this;
    const { close } = bar;
    const before = closes[at] as number;
    closes[at] = close;
    this.at = at + 1 === closes.length ? 0 : at + 1;
    if (this.missing > 0) {
      this.missing--;
      return;
    }
    outputs[0] = percentWithoutRounding((close / before - 1) * 100);
    outputs[1] = withoutRounding(close - before, close);
    outputs[2] = withoutRounding((close - before) / before, 1);
    outputs[3] = close / before;
    outputs[4] = (close / before) * 100;
  }
}

const CHANGE: KernelKind = { name: "CHANGE", create: (p) => new Change(parameter(p, 0)) };

export const MOMENTUM: readonly Definition[] = [
  {
    base: "ROC",
    parameters: [period("n", 10)],
    family: "trend",
    unit: "dimensionless",
    range: { low: -100, high: Number.POSITIVE_INFINITY, lowOpen: false },
    takesSource: true,
    firstIndex: (p) => parameter(p, 0),
    kernel: CHANGE,
    output: 0,
    formula: "100·(close/close n bars ago − 1)",
    zeroWhere: "within 1e-10 (percent)",
    source: "TA-Lib ROC",
  },
  {
    base: "MOM",
    parameters: [period("n", 10)],
    family: "trend",
    unit: "price",
    range: ANY_VALUE,
    takesSource: true,
    firstIndex: (p) => parameter(p, 0),
    kernel: CHANGE,
    output: 1,
    formula: "close − close n bars ago",
    zeroWhere: "within 1e-12 of close",
    source: "TA-Lib MOM",
  },
  {
    base: "ROCP",
    parameters: [period("n", 10)],
    family: "trend",
    unit: "dimensionless",
    range: { low: -1, high: Number.POSITIVE_INFINITY, lowOpen: false },
    takesSource: true,
    firstIndex: (p) => parameter(p, 0),
    kernel: CHANGE,
    output: 2,
    formula: "close/close n bars ago − 1: ROC as a fraction",
    zeroWhere: "within 1e-12",
    source: "TA-Lib ROCP",
  },
  {
    base: "ROCR",
    parameters: [period("n", 10)],
    family: "other",
    unit: "dimensionless",
    range: ABOVE_ZERO,
    takesSource: true,
    firstIndex: (p) => parameter(p, 0),
    kernel: CHANGE,
    output: 3,
    formula: "close/close n bars ago",
    source: "TA-Lib ROCR",
  },
  {
    base: "ROCR100",
    parameters: [period("n", 10)],
    family: "other",
    unit: "dimensionless",
    range: ABOVE_ZERO,
    takesSource: true,
    firstIndex: (p) => parameter(p, 0),
    kernel: CHANGE,
    output: 4,
    formula: "100·close/close n bars ago",
    source: "TA-Lib ROCR100",
  },
];
