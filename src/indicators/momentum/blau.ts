import type { Bar } from "../../domain/bar.ts";
import { type Definition, emaSettle, type KernelKind, parameter, period, within } from "../definition.ts";
import { ExponentialAverage } from "../exponential-average.ts";
import type { Kernel } from "../indicator.ts";
import { WindowMaximum } from "../window-extreme.ts";

/** An average of an average, slow before fast. */
class SlowFast {
  value: number = Number.NaN;
  private readonly slow: ExponentialAverage;
  private readonly fast: ExponentialAverage;

  constructor(fast: number, slow: number) {
    this.slow = new ExponentialAverage(slow);
    this.fast = new ExponentialAverage(fast);
  }

  push(input: number): void {
    this.slow.push(input);
    if (!Number.isNaN(this.slow.value)) {
      this.fast.push(this.slow.value);
      this.value = this.fast.value;
    }
  }
}

/** How far the close is from the middle of the last bars, in parts of their half range. */
class StochasticMomentum implements Kernel {
  readonly outputs: Float64Array = new Float64Array(2).fill(Number.NaN);
  private readonly highs: WindowMaximum;
  private readonly lows: WindowMaximum;
  private readonly distances: SlowFast;
  private readonly ranges: SlowFast;
  private readonly signal: ExponentialAverage;
  private missing: number;

  constructor(n: number, fast: number, slow: number) {
    this.highs = new WindowMaximum(n);
    this.lows = new WindowMaximum(n);
    this.distances = new SlowFast(fast, slow);
    this.ranges = new SlowFast(fast, slow);
    this.signal = new ExponentialAverage(SIGNAL);
    this.missing = n;
  }

  push({ high, low, close }: Bar): void {
    const { outputs, distances, ranges, signal } = this;
    this.highs.push(high);
    this.lows.push(-low);
    this.missing = Math.max(0, this.missing - 1);
    if (this.missing > 0) {
      return;
    }
    const range = this.highs.value + this.lows.value;
    distances.push(close - (this.highs.value - this.lows.value) / 2);
    ranges.push(range);
    if (Number.isNaN(ranges.value)) {
      return;
    }
    const value = ranges.value > 0 ? withinRange(100 * (distances.value / (ranges.value / 2))) : 0;
    signal.push(value);
    if (!Number.isNaN(signal.value)) {
      outputs[0] = range > 0 ? value : Number.NaN;
      outputs[1] = range > 0 ? withinRange(signal.value) : Number.NaN;
    }
  }
}

/** Rounding of both averages must not carry it out of its range. */
function withinRange(value: number): number {
  return Math.min(100, Math.max(-100, value));
}

/** Names have three parameters at most, and this one is as good as always 9. */
const SIGNAL = 9;

const SMI_KERNEL: KernelKind = {
  name: "SMI",
  create: (p) => new StochasticMomentum(parameter(p, 0), parameter(p, 1), parameter(p, 2)),
};

const SHARED = {
  parameters: [period("n", 13), period("fast", 2), period("slow", 25)],
  family: "oscillator",
  unit: "dimensionless",
  range: within(-100, 100),
  firstIndex: (p: readonly number[]) => parameter(p, 0) + parameter(p, 1) + parameter(p, 2) + SIGNAL - 4,
  settleBars: (p: readonly number[]) => emaSettle(parameter(p, 1)) + emaSettle(parameter(p, 2)) + emaSettle(SIGNAL),
  kernel: SMI_KERNEL,
  undefinedWhere: "highest = lowest over n bars",
} as const;

export const BLAU: readonly Definition[] = [
  {
    ...SHARED,
    base: "SMI",
    output: 0,
    formula:
      "100·(close − middle)/half of the range of the last n bars, both as EMA(fast) of EMA(slow); defined with its signal",
    source: "TA-Lib SMI",
  },
  { ...SHARED, base: "SMI_SIGNAL", output: 1, formula: "EMA(9) of SMI", source: "TA-Lib SMI, signal of 9" },
];
