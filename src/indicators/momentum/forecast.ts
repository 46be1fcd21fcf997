import { ANY_VALUE, type Definition, FROM_ZERO, parameter, period } from "../definition.ts";
import { Lag } from "../lag.ts";
import { Line } from "../line.ts";
import { type Computation, ofClose } from "../of-close.ts";
import { percentWithoutRounding, withoutRounding } from "../rounding.ts";
import { SimpleAverage } from "../simple-average.ts";
import { WindowMaximum } from "../window-extreme.ts";
import { WindowSum } from "../window-sum.ts";

/** How far the value lies from what the line of the values before foretold. */
class ForecastError implements Computation {
  value: number = Number.NaN;
  private readonly line: Line;
  private foretold = Number.NaN;

  constructor(n: number) {
    this.line = new Line(n);
  }

  push(input: number): void {
    this.value = percentWithoutRounding(100 * ((input - this.foretold) / input));
    this.line.push(input);
    this.foretold = this.line.next;
  }
}

class Detrended implements Computation {
  value: number = Number.NaN;
  private readonly average: SimpleAverage;
  private readonly before: Lag;

  constructor(n: number) {
    this.average = new SimpleAverage(n);
    this.before = new Lag(halfOf(n));
  }

  push(input: number): void {
    this.average.push(input);
    this.value = withoutRounding(this.before.push(input) - this.average.value, input);
  }
}

function halfOf(n: number): number {
  return Math.floor(n / 2) + 1;
}

class VerticalHorizontal implements Computation {
  value: number = Number.NaN;
  private readonly highest: WindowMaximum;
  private readonly lowest: WindowMaximum;
  private readonly way: WindowSum;
  private before = Number.NaN;
  private missing: number;

  constructor(n: number) {
    this.highest = new WindowMaximum(n);
    this.lowest = new WindowMaximum(n);
    this.way = new WindowSum(n);
    this.missing = n;
  }

  push(input: number): void {
    this.highest.push(input);
    this.lowest.push(-input);
    const move = Math.abs(input - this.before);
    this.before = input;
    if (Number.isNaN(move)) {
      return;
    }
    this.way.push(move);
    this.missing = Math.max(0, this.missing - 1);
    if (this.missing === 0) {
      const spread = this.highest.value + this.lowest.value;
      // 0/0, undefined, where nothing moved.
      this.value = spread / this.way.value;
    }
  }
}

const FOSC = ofClose("FOSC", (p) => new ForecastError(parameter(p, 0)));
const DPO = ofClose("DPO", (p) => new Detrended(parameter(p, 0)));
const VHF = ofClose("VHF", (p) => new VerticalHorizontal(parameter(p, 0)));

export const FORECASTS: readonly Definition[] = [
  {
    base: "FOSC",
    parameters: [period("n", 5, 2)],
    family: "trend",
    unit: "dimensionless",
    range: ANY_VALUE,
    takesSource: true,
    firstIndex: (p) => parameter(p, 0),
    kernel: FOSC,
    output: 0,
    formula: "100·(close − TSF of the bar before)/close",
    zeroWhere: "within 1e-10 (percent)",
    source: "TA-Lib FOSC",
  },
  {
    base: "DPO",
    parameters: [period("n", 20, 3)],
    family: "trend",
    unit: "price",
    range: ANY_VALUE,
    takesSource: true,
    firstIndex: (p) => Math.max(parameter(p, 0) - 1, halfOf(parameter(p, 0))),
    kernel: DPO,
    output: 0,
    formula: "close n/2 + 1 bars ago (n/2 cut to whole bars) − SMA of close",
    zeroWhere: "within 1e-12 of close",
    source: "TA-Lib DPO",
  },
  {
    base: "VHF",
    parameters: [period("n", 28, 2)],
    family: "other",
    unit: "dimensionless",
    range: FROM_ZERO,
    takesSource: true,
    firstIndex: (p) => parameter(p, 0),
    kernel: VHF,
    output: 0,
    formula: "(MAX − MIN of the last n closes)/sum of the last n moves of close, without signs",
    undefinedWhere: "the last n changes of close are all 0",
    source: "TA-Lib VHF",
  },
];
