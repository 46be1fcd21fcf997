import { ANY_VALUE, type Definition, emaSettle, parameter, period, within } from "../definition.ts";
import { ExponentialAverage } from "../exponential-average.ts";
import { Lag } from "../lag.ts";
import { type Computation, ofClose } from "../of-close.ts";
import { RepeatedExponential } from "../repeated-average.ts";
import { percentWithoutRounding } from "../rounding.ts";
import { WeightedAverage } from "../weighted-average.ts";

/** The change of an EMA of an EMA of an EMA. */
class Trix implements Computation {
  value: number = Number.NaN;
  private readonly averages: RepeatedExponential;
  private before = Number.NaN;

  constructor(n: number) {
    this.averages = new RepeatedExponential(n, 3);
  }

  push(input: number): void {
    this.averages.push(input);
    const average = this.averages.at(3);
    this.value = percentWithoutRounding(100 * (average / this.before - 1));
    this.before = average;
  }
}

/** An EMA of an EMA of what goes in. */
class Twice {
  value: number = Number.NaN;
  private readonly first: ExponentialAverage;
  private readonly second: ExponentialAverage;

  constructor(first: number, second: number) {
    this.first = new ExponentialAverage(first);
    this.second = new ExponentialAverage(second);
  }

  push(input: number): void {
    this.first.push(input);
    if (!Number.isNaN(this.first.value)) {
      this.second.push(this.first.value);
      this.value = this.second.value;
    }
  }
}

class TrueStrength implements Computation {
  value: number = Number.NaN;
  private readonly first: number;
  private readonly moves: Twice;
  private readonly sizes: Twice;
  private before = Number.NaN;
  /** How many moves in a row were 0. */
  private still = 0;

  constructor(first: number, second: number) {
    this.first = first;
    this.moves = new Twice(first, second);
    this.sizes = new Twice(first, second);
  }

  push(input: number): void {
    const move = input - this.before;
    this.before = input;
    if (Number.isNaN(move)) {
      return;
    }
    this.still = move === 0 ? this.still + 1 : 0;
    this.moves.push(move);
    this.sizes.push(Math.abs(move));
    const strength = 100 * (this.moves.value / this.sizes.value);
    // Rounding of both averages must not carry it out of its range.
    this.value = this.still >= this.first ? Number.NaN : Math.min(100, Math.max(-100, strength));
  }
}

class Coppock implements Computation {
  value: number = Number.NaN;
  private readonly average: WeightedAverage;
  private readonly first: Lag;
  private readonly second: Lag;

  constructor(n: number, first: number, second: number) {
    this.average = new WeightedAverage(n);
    this.first = new Lag(first);
    this.second = new Lag(second);
  }

  push(input: number): void {
    const first = 100 * (input / this.first.push(input) - 1);
    const second = 100 * (input / this.second.push(input) - 1);
    const sum = first + second;
    if (!Number.isNaN(sum)) {
      this.average.push(sum);
      this.value = percentWithoutRounding(this.average.value);
    }
  }
}

const TRIX = ofClose("TRIX", (p) => new Trix(parameter(p, 0)));
const TSI = ofClose("TSI", (p) => new TrueStrength(parameter(p, 0), parameter(p, 1)));
const COPPOCK = ofClose("COPPOCK", (p) => new Coppock(parameter(p, 0), parameter(p, 1), parameter(p, 2)));

export const SMOOTHED: readonly Definition[] = [
  {
    base: "TRIX",
    parameters: [period("n", 15)],
    family: "trend",
    unit: "dimensionless",
    range: ANY_VALUE,
    takesSource: true,
    firstIndex: (p) => 3 * (parameter(p, 0) - 1) + 1,
    settleBars: (p) => 3 * emaSettle(parameter(p, 0)),
    kernel: TRIX,
    output: 0,
    formula: "change in percent from bar to bar of an EMA of an EMA of an EMA of close",
    zeroWhere: "within 1e-10 (percent)",
    source: "TA-Lib TRIX",
  },
  {
    base: "TSI",
    parameters: [period("first", 25, 2), period("second", 13, 2)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(-100, 100),
    takesSource: true,
    firstIndex: (p) => parameter(p, 0) + parameter(p, 1) - 1,
    settleBars: (p) => emaSettle(parameter(p, 0)) + emaSettle(parameter(p, 1)),
    kernel: TSI,
    output: 0,
    formula: "100·EMA(second) of EMA(first) of the changes of close/the same of their sizes",
    undefinedWhere: "the last first changes of close are all 0",
    source: "TA-Lib TSI",
  },
  {
    base: "COPPOCK",
    parameters: [period("n", 10, 2), period("first", 11), period("second", 14)],
    family: "trend",
    unit: "dimensionless",
    range: ANY_VALUE,
    takesSource: true,
    firstIndex: (p) => Math.max(parameter(p, 1), parameter(p, 2)) + parameter(p, 0) - 1,
    kernel: COPPOCK,
    output: 0,
    formula: "WMA over n of ROC(first) + ROC(second)",
    zeroWhere: "within 1e-10 (percent)",
    source: "TA-Lib COPPOCK",
  },
];
