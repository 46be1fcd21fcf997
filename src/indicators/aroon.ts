import type { Bar } from "../domain/bar.ts";
import { type Definition, type KernelKind, parameter, period, within } from "./definition.ts";
import type { Kernel } from "./indicator.ts";
import { WindowMaximum } from "./window-extreme.ts";

class Aroon implements Kernel {
  readonly outputs: Float64Array = new Float64Array(3).fill(Number.NaN);
  private readonly n: number;
  private readonly highs: WindowMaximum;
  private readonly lows: WindowMaximum;
  private missing: number;

  constructor(n: number) {
    this.n = n;
    this.highs = new WindowMaximum(n + 1);
    this.lows = new WindowMaximum(n + 1);
    this.missing = n;
  }

  push(bar: Bar): void {
    const { n, outputs } = this;
    this.highs.push(bar.high);
    this.lows.push(-bar.low);
    if (this.missing > 0) {
      this.missing--;
      return;
    }
    const sinceHigh = this.highs.age;
    const sinceLow = this.lows.age;
    outputs[0] = (100 * (sinceLow - sinceHigh)) / n;
    outputs[1] = (100 * (n - sinceHigh)) / n;
    outputs[2] = (100 * (n - sinceLow)) / n;
  }
}

const AROON_KERNEL: KernelKind = { name: "AROON", create: (p) => new Aroon(parameter(p, 0)) };

export const AROON: readonly Definition[] = [
  {
    base: "AROON_OSC",
    parameters: [period("n", 14, 2)],
    family: "trend",
    unit: "dimensionless",
    range: within(-100, 100),
    firstIndex: (p) => parameter(p, 0),
    kernel: AROON_KERNEL,
    output: 0,
    formula: "AROON_UP − AROON_DOWN",
    source: "TA-Lib AROONOSC",
  },
  {
    base: "AROON_UP",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0),
    kernel: AROON_KERNEL,
    output: 1,
    formula: "100·(n − bars since the highest high of n + 1 bars)/n",
    source: "TA-Lib AROON",
  },
  {
    base: "AROON_DOWN",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0),
    kernel: AROON_KERNEL,
    output: 2,
    formula: "100·(n − bars since the lowest low of n + 1 bars)/n",
    source: "TA-Lib AROON",
  },
];
