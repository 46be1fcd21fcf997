import type { Bar } from "../../domain/bar.ts";
import { ANY_VALUE, type Definition, emaSettle, type KernelKind, parameter, period } from "../definition.ts";
import { ExponentialAverage } from "../exponential-average.ts";
import type { Kernel } from "../indicator.ts";
import { percentWithoutRounding, withoutRounding } from "../rounding.ts";

/** Two EMAs that are seeded each with its own first values. */
class TwoAverages {
  readonly fast: ExponentialAverage;
  readonly slow: ExponentialAverage;

  constructor(fast: number, slow: number) {
    this.fast = new ExponentialAverage(fast);
    this.slow = new ExponentialAverage(slow);
  }

  push(input: number): void {
    this.fast.push(input);
    this.slow.push(input);
  }

  get percent(): number {
    return 100 * ((this.fast.value - this.slow.value) / this.slow.value);
  }
}

class PriceDifference implements Kernel {
  readonly outputs: Float64Array = new Float64Array(2).fill(Number.NaN);
  private readonly averages: TwoAverages;

  constructor(fast: number, slow: number) {
    this.averages = new TwoAverages(fast, slow);
  }

  push({ close }: Bar): void {
    const { averages, outputs } = this;
    averages.push(close);
    outputs[0] = withoutRounding(averages.fast.value - averages.slow.value, close);
    outputs[1] = percentWithoutRounding(averages.percent);
  }
}

class VolumeDifference implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly slow: number;
  private readonly averages: TwoAverages;
  /** How many bars in a row had no volume. */
  private silent = 0;

  constructor(fast: number, slow: number) {
    this.slow = slow;
    this.averages = new TwoAverages(fast, slow);
  }

  push({ volume }: Bar): void {
    this.averages.push(volume);
    this.silent = volume === 0 ? this.silent + 1 : 0;
    this.outputs[0] = this.silent >= this.slow ? Number.NaN : this.averages.percent;
  }
}

const PRICE: KernelKind = { name: "PPO", create: (p) => new PriceDifference(parameter(p, 0), parameter(p, 1)) };
const VOLUME: KernelKind = { name: "PVO", create: (p) => new VolumeDifference(parameter(p, 0), parameter(p, 1)) };

const FAST_SLOW = {
  parameters: [period("fast", 12, 2), period("slow", 26, 2)],
  range: ANY_VALUE,
  firstIndex: (p: readonly number[]) => parameter(p, 1) - 1,
  settleBars: (p: readonly number[]) => emaSettle(parameter(p, 1)),
} as const;

export const DIFFERENCES: readonly Definition[] = [
  {
    ...FAST_SLOW,
    base: "APO",
    family: "trend",
    unit: "price",
    takesSource: true,
    kernel: PRICE,
    output: 0,
    formula: "EMA(fast) − EMA(slow) of close",
    zeroWhere: "within 1e-12 of close",
    source: "TA-Lib APO, EMA",
  },
  {
    ...FAST_SLOW,
    base: "PPO",
    family: "trend",
    unit: "dimensionless",
    takesSource: true,
    kernel: PRICE,
    output: 1,
    formula: "100·(EMA(fast) − EMA(slow))/EMA(slow) of close",
    zeroWhere: "within 1e-10 (percent)",
    source: "TA-Lib PPO, EMA",
  },
  {
    ...FAST_SLOW,
    base: "PVO",
    family: "other",
    unit: "dimensionless",
    kernel: VOLUME,
    output: 0,
    formula: "100·(EMA(fast) − EMA(slow))/EMA(slow) of volume",
    undefinedWhere: "the volume of the last slow bars is 0",
    source: "TA-Lib PVO, EMA",
  },
];
