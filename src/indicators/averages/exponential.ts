import {
  ABOVE_ZERO,
  ANY_VALUE,
  type Definition,
  emaSettle,
  factor,
  parameter,
  period,
  wilderSettle,
} from "../definition.ts";
import { ExponentialAverage } from "../exponential-average.ts";
import { Lag } from "../lag.ts";
import { type Computation, ofClose } from "../of-close.ts";
import { WeightedRepetition } from "../repeated-average.ts";
import { WilderAverage } from "../wilder-average.ts";

/** An EMA of values from which the lag of the average was taken. */
class ZeroLag implements Computation {
  value: number = Number.NaN;
  private readonly average: ExponentialAverage;
  private readonly before: Lag;

  constructor(n: number) {
    this.average = new ExponentialAverage(n);
    this.before = new Lag(lagOf(n));
  }

  push(input: number): void {
    const ahead = 2 * input - this.before.push(input);
    if (!Number.isNaN(ahead)) {
      this.average.push(ahead);
      this.value = this.average.value;
    }
  }
}

class DoubleExponential implements Computation {
  value: number = Number.NaN;
  private readonly first: ExponentialAverage;
  private readonly second: ExponentialAverage;

  constructor(n: number) {
    this.first = new ExponentialAverage(n);
    this.second = new ExponentialAverage(n);
  }

  push(input: number): void {
    const { first, second } = this;
    first.push(input);
    if (!Number.isNaN(first.value)) {
      second.push(first.value);
      this.value = 2 * first.value - second.value;
    }
  }
}

function lagOf(n: number): number {
  return Math.floor((n - 1) / 2);
}

/** Weights of the third to the sixth average in Tillson's T3. */
function tillson(n: number, v: number): Computation {
  const square = v * v;
  const cube = square * v;
  return new WeightedRepetition(n, [
    0,
    0,
    1 + 3 * v + cube + 3 * square,
    -6 * square - 3 * (v + cube),
    3 * (square + cube),
    -cube,
  ]);
}

const DEMA = ofClose("DEMA", (p) => new DoubleExponential(parameter(p, 0)));
const TEMA = ofClose("TEMA", (p) => new WeightedRepetition(parameter(p, 0), [3, -3, 1]));
const T3 = ofClose("T3", (p) => tillson(parameter(p, 0), parameter(p, 1)));
const ZLEMA = ofClose("ZLEMA", (p) => new ZeroLag(parameter(p, 0)));
const RMA = ofClose("RMA", (p) => new WilderAverage(parameter(p, 0)));

/** Averages that are made of exponential ones; those with weights below 0 may overshoot 0. */
export const EXPONENTIAL_AVERAGES: readonly Definition[] = [
  {
    base: "DEMA",
    parameters: [period("n", 20)],
    family: "average",
    unit: "price",
    range: ANY_VALUE,
    takesSource: true,
    firstIndex: (p) => 2 * (parameter(p, 0) - 1),
    settleBars: (p) => 2 * emaSettle(parameter(p, 0)),
    kernel: DEMA,
    output: 0,
    formula: "2·EMA − EMA of EMA",
    source: "TA-Lib DEMA",
  },
  {
    base: "TEMA",
    parameters: [period("n", 20)],
    family: "average",
    unit: "price",
    range: ANY_VALUE,
    takesSource: true,
    firstIndex: (p) => 3 * (parameter(p, 0) - 1),
    settleBars: (p) => 3 * emaSettle(parameter(p, 0)),
    kernel: TEMA,
    output: 0,
    formula: "3·EMA − 3·EMA of EMA + EMA of EMA of EMA",
    source: "TA-Lib TEMA",
  },
  {
    base: "T3",
    parameters: [period("n", 5), factor("v", 0.7, 1)],
    family: "average",
    unit: "price",
    range: ANY_VALUE,
    takesSource: true,
    firstIndex: (p) => 6 * (parameter(p, 0) - 1),
    settleBars: (p) => 6 * emaSettle(parameter(p, 0)),
    kernel: T3,
    output: 0,
    formula: "three times over: (1 + v)·EMA − v·EMA of EMA",
    source: "TA-Lib T3",
  },
  {
    base: "ZLEMA",
    parameters: [period("n", 20)],
    family: "average",
    unit: "price",
    range: ANY_VALUE,
    takesSource: true,
    firstIndex: (p) => lagOf(parameter(p, 0)) + parameter(p, 0) - 1,
    settleBars: (p) => emaSettle(parameter(p, 0)),
    kernel: ZLEMA,
    output: 0,
    formula: "EMA of 2·close − close (n − 1)/2 bars ago, cut to whole bars",
    source: "TA-Lib ZLEMA",
  },
  {
    base: "RMA",
    parameters: [period("n", 14)],
    family: "average",
    unit: "price",
    range: ABOVE_ZERO,
    takesSource: true,
    rangeWithSource: "source",
    firstIndex: (p) => parameter(p, 0) - 1,
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: RMA,
    output: 0,
    formula: "Wilder's average of close, seeded with the SMA of the first n closes",
    source: "TA-Lib RMA",
  },
];
