import type { Bar } from "../domain/bar.ts";
import { ABOVE_ZERO, type Definition, type KernelKind, parameter, period } from "./definition.ts";
import type { Kernel } from "./indicator.ts";
import { WindowMaximum } from "./window-extreme.ts";

class Extremes implements Kernel {
  readonly outputs: Float64Array = new Float64Array(2).fill(Number.NaN);
  private readonly highs: WindowMaximum;
  private readonly lows: WindowMaximum;
  private missing: number;

  constructor(n: number) {
    this.highs = new WindowMaximum(n);
    this.lows = new WindowMaximum(n);
    this.missing = n;
  }

  push(bar: Bar): void {
    if (this.missing > 0) {
      this.missing--;
    } else {
      // Read before the current bar enters: a close can only break out of the bars before it.
      this.outputs[0] = this.highs.value;
      this.outputs[1] = -this.lows.value;
    }
    this.highs.push(bar.high);
    this.lows.push(-bar.low);
  }
}

class MiddlePrice implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly highs: WindowMaximum;
  private readonly lows: WindowMaximum;
  private missing: number;

  constructor(n: number) {
    this.highs = new WindowMaximum(n);
    this.lows = new WindowMaximum(n);
    this.missing = n;
  }

  push(bar: Bar): void {
    this.highs.push(bar.high);
    this.lows.push(-bar.low);
    this.missing = Math.max(0, this.missing - 1);
    if (this.missing === 0) {
      this.outputs[0] = (this.highs.value - this.lows.value) / 2;
    }
  }
}

const EXTREME: KernelKind = { name: "EXTREME", create: (p) => new Extremes(parameter(p, 0)) };

const MIDPRICE: KernelKind = { name: "MIDPRICE", create: (p) => new MiddlePrice(parameter(p, 0)) };

export const EXTREMES: readonly Definition[] = [
  {
    base: "HIGHEST",
    parameters: [period("n", 20)],
    family: "extreme",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: (p) => parameter(p, 0),
    kernel: EXTREME,
    output: 0,
    formula: "largest high of the n bars before the current one",
    source: "TA-Lib MAX of high, one bar back",
  },
  {
    base: "LOWEST",
    parameters: [period("n", 20)],
    family: "extreme",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: (p) => parameter(p, 0),
    kernel: EXTREME,
    output: 1,
    formula: "smallest low of the n bars before the current one",
    source: "TA-Lib MIN of low, one bar back",
  },
  {
    base: "MIDPRICE",
    parameters: [period("n", 14)],
    family: "average",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: MIDPRICE,
    output: 0,
    formula: "middle of the largest high and the smallest low of the last n bars, this one included",
    source: "TA-Lib MIDPRICE",
  },
];
