import type { Bar } from "../domain/bar.ts";
import { type Definition, type KernelKind, parameter, period, within } from "./definition.ts";
import type { Kernel } from "./indicator.ts";
import { WindowMaximum } from "./window-extreme.ts";
import { WindowSum } from "./window-sum.ts";

class Stochastic implements Kernel {
  readonly outputs: Float64Array = new Float64Array(2).fill(Number.NaN);
  private readonly k: number;
  private readonly s: number;
  private readonly d: number;
  private readonly highs: WindowMaximum;
  private readonly lows: WindowMaximum;
  private readonly raws: WindowSum;
  private readonly smoothed: WindowSum;
  private bars = 0;
  /** Raw values since the last one that had highest = lowest. */
  private clean = Number.POSITIVE_INFINITY;

  constructor(k: number, s: number, d: number) {
    this.k = k;
    this.s = s;
    this.d = d;
    this.highs = new WindowMaximum(k);
    this.lows = new WindowMaximum(k);
    this.raws = new WindowSum(s);
    this.smoothed = new WindowSum(d);
  }

  push(bar: Bar): void {
    const { k, s, d, outputs } = this;
    this.highs.push(bar.high);
    this.lows.push(-bar.low);
    this.bars++;
    if (this.bars < k) {
      return;
    }
    const highest = this.highs.value;
    const lowest = -this.lows.value;
    const flat = highest === lowest;
    this.clean = flat ? 0 : this.clean + 1;
    this.raws.push(flat ? 0 : 100 * ((bar.close - lowest) / (highest - lowest)));
    if (this.bars < k + s - 1) {
      return;
    }
    const smoothed = withinRange(this.raws.value / s);
    this.smoothed.push(smoothed);
    if (this.bars < k + s + d - 2) {
      return;
    }
    outputs[0] = this.clean >= s ? smoothed : Number.NaN;
    outputs[1] = this.clean >= s + d - 1 ? withinRange(this.smoothed.value / d) : Number.NaN;
  }
}

/**
 * Rounding must not carry an average of values within 0..100 out of it: R43 calls `STOCH_K > 100`
 * impossible.
 */
function withinRange(value: number): number {
  return Math.min(100, Math.max(0, value));
}

class Williams implements Kernel {
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
    if (this.missing > 1) {
      this.missing--;
      return;
    }
    const highest = this.highs.value;
    const lowest = -this.lows.value;
    this.outputs[0] = highest === lowest ? Number.NaN : 100 * ((bar.close - highest) / (highest - lowest));
  }
}

const STOCHASTIC_KERNEL: KernelKind = {
  name: "STOCH",
  create: (p) => new Stochastic(parameter(p, 0), parameter(p, 1), parameter(p, 2)),
};
const WILLIAMS: KernelKind = { name: "WILLR", create: (p) => new Williams(parameter(p, 0)) };

export const STOCHASTIC: readonly Definition[] = [
  {
    base: "STOCH_K",
    parameters: [period("k", 14), period("s", 3), period("d", 3)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0) + parameter(p, 1) + parameter(p, 2) - 3,
    kernel: STOCHASTIC_KERNEL,
    output: 0,
    formula: "SMA over s of 100·(close − lowest)/(highest − lowest) over k bars",
    undefinedWhere: "highest = lowest over k bars, in one of the last s bars",
    source: "TA-Lib STOCH",
  },
  {
    base: "STOCH_D",
    parameters: [period("k", 14), period("s", 3), period("d", 3)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0) + parameter(p, 1) + parameter(p, 2) - 3,
    kernel: STOCHASTIC_KERNEL,
    output: 1,
    formula: "SMA over d of STOCH_K",
    undefinedWhere: "highest = lowest over k bars, in one of the last s + d − 1 bars",
    source: "TA-Lib STOCH",
  },
  {
    base: "WILLR",
    parameters: [period("n", 14, 2)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(-100, 0),
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: WILLIAMS,
    output: 0,
    formula: "100·(close − highest)/(highest − lowest) over n bars",
    undefinedWhere: "highest = lowest over n bars",
    source: "TA-Lib WILLR",
  },
];
