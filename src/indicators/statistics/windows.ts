import { ABOVE_ZERO, type Definition, namedPeriod, parameter, period, within } from "../definition.ts";
import { type Computation, ofClose } from "../of-close.ts";
import { WindowMaximum } from "../window-extreme.ts";
import { WindowSum } from "../window-sum.ts";

/** Largest or, with a sign of −1, smallest of the last `n` values; NaN before there are as many. */
class Extreme implements Computation {
  value: number = Number.NaN;
  /** How many values ago it came; among equals the newest. */
  age: number = Number.NaN;
  private readonly window: WindowMaximum;
  private readonly sign: 1 | -1;
  private missing: number;

  constructor(n: number, sign: 1 | -1) {
    this.window = new WindowMaximum(n);
    this.sign = sign;
    this.missing = n;
  }

  push(input: number): void {
    const { window, sign } = this;
    window.push(sign * input);
    this.missing = Math.max(0, this.missing - 1);
    if (this.missing === 0) {
      this.value = sign * window.value;
      this.age = window.age;
    }
  }
}

class Age implements Computation {
  private readonly extreme: Extreme;

  constructor(n: number, sign: 1 | -1) {
    this.extreme = new Extreme(n, sign);
  }

  push(input: number): void {
    this.extreme.push(input);
  }

  get value(): number {
    return this.extreme.age;
  }
}

class Sum implements Computation {
  value: number = Number.NaN;
  private readonly sum: WindowSum;
  private missing: number;

  constructor(n: number) {
    this.sum = new WindowSum(n);
    this.missing = n;
  }

  push(input: number): void {
    this.sum.push(input);
    this.missing = Math.max(0, this.missing - 1);
    if (this.missing === 0) {
      this.value = this.sum.value;
    }
  }
}

class Midpoint implements Computation {
  private readonly highest: Extreme;
  private readonly lowest: Extreme;

  constructor(n: number) {
    this.highest = new Extreme(n, 1);
    this.lowest = new Extreme(n, -1);
  }

  push(input: number): void {
    this.highest.push(input);
    this.lowest.push(input);
  }

  get value(): number {
    return (this.highest.value + this.lowest.value) / 2;
  }
}

const MAX = ofClose("MAX", (p) => new Extreme(parameter(p, 0), 1));
const MIN = ofClose("MIN", (p) => new Extreme(parameter(p, 0), -1));
const SUM = ofClose("SUM", (p) => new Sum(parameter(p, 0)));
const SINCE_MAX = ofClose("BARS_SINCE_MAX", (p) => new Age(parameter(p, 0), 1));
const SINCE_MIN = ofClose("BARS_SINCE_MIN", (p) => new Age(parameter(p, 0), -1));
const MIDPOINT = ofClose("MIDPOINT", (p) => new Midpoint(parameter(p, 0)));

const OF_N = {
  parameters: [namedPeriod("n")],
  family: "other",
  unit: "price",
  range: ABOVE_ZERO,
  takesSource: true,
  firstIndex: (p: readonly number[]) => parameter(p, 0) - 1,
  output: 0,
} as const;

/** MAX, MIN and SUM are also functions of expressions, so their names always say n. */
export const WINDOWS: readonly Definition[] = [
  {
    ...OF_N,
    base: "MAX",
    rangeWithSource: "source",
    kernel: MAX,
    formula: "largest of the last n closes, this one included",
    source: "TA-Lib MAX",
  },
  {
    ...OF_N,
    base: "MIN",
    rangeWithSource: "source",
    kernel: MIN,
    formula: "smallest of the last n closes, this one included",
    source: "TA-Lib MIN",
  },
  {
    ...OF_N,
    base: "SUM",
    rangeWithSource: "sum",
    kernel: SUM,
    formula: "sum of the last n closes, this one included",
    source: "TA-Lib SUM",
  },
  {
    ...OF_N,
    base: "BARS_SINCE_MAX",
    parameters: [period("n", 20)],
    unit: "dimensionless",
    range: within(0, 499),
    kernel: SINCE_MAX,
    formula: "bars since the largest of the last n closes; among equals since the newest",
    source: "TA-Lib MAXINDEX, counted back from the current bar",
  },
  {
    ...OF_N,
    base: "BARS_SINCE_MIN",
    parameters: [period("n", 20)],
    unit: "dimensionless",
    range: within(0, 499),
    kernel: SINCE_MIN,
    formula: "bars since the smallest of the last n closes; among equals since the newest",
    source: "TA-Lib MININDEX, counted back from the current bar",
  },
  {
    ...OF_N,
    base: "MIDPOINT",
    rangeWithSource: "source",
    parameters: [period("n", 14)],
    family: "average",
    kernel: MIDPOINT,
    formula: "(MAX + MIN)/2 of the last n closes",
    source: "TA-Lib MIDPOINT",
  },
];
