import type { Bar } from "../../domain/bar.ts";
import { Channel } from "../channel.ts";
import { type Definition, type KernelKind, parameter, period, wilderSettle, within } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { RelativeStrength } from "../rsi.ts";
import { WindowSum } from "../window-sum.ts";

/** Two values of an RSI that are so near are equal but for rounding: 1e-12 of 100 (R9). */
const ROUNDING = 1e-10;

/** Mean of the last `n` values that are all defined; NaN where one is not. */
class MeanOfDefined {
  value: number = Number.NaN;
  private readonly n: number;
  private readonly sum: WindowSum;
  private defined = 0;

  constructor(n: number) {
    this.n = n;
    this.sum = new WindowSum(n);
  }

  push(value: number): void {
    const missing = Number.isNaN(value);
    this.defined = missing ? 0 : this.defined + 1;
    this.sum.push(missing ? 0 : value);
    // Rounding must not carry a mean of values within 0..100 out of it.
    this.value = this.defined < this.n ? Number.NaN : Math.min(100, Math.max(0, this.sum.value / this.n));
  }
}

/** Where the RSI stands in its range of the last `k` bars, smoothed once and twice. */
class StochasticOfStrength implements Kernel {
  readonly outputs: Float64Array = new Float64Array(3).fill(Number.NaN);
  private readonly strength: RelativeStrength;
  private readonly channel: Channel;
  private readonly k: number;
  private readonly once: MeanOfDefined;
  private readonly twice: MeanOfDefined;
  private defined = 0;

  constructor(n: number, k: number, s: number) {
    this.strength = new RelativeStrength(n);
    this.channel = new Channel(k);
    this.k = k;
    this.once = new MeanOfDefined(s);
    this.twice = new MeanOfDefined(s);
  }

  push(bar: Bar): void {
    this.strength.push(bar);
    const raw = this.rawOf(this.strength.outputs[0] as number);
    this.once.push(raw);
    this.twice.push(this.once.value);
    this.outputs[0] = raw;
    this.outputs[1] = this.once.value;
    this.outputs[2] = this.twice.value;
  }

  private rawOf(strength: number): number {
    if (Number.isNaN(strength)) {
      this.defined = 0;
      return Number.NaN;
    }
    this.defined++;
    this.channel.push(strength, strength);
    const { upper, lower } = this.channel;
    if (this.defined < this.k || upper - lower <= ROUNDING) {
      return Number.NaN;
    }
    if (strength - lower <= ROUNDING) {
      return 0;
    }
    return upper - strength <= ROUNDING ? 100 : 100 * ((strength - lower) / (upper - lower));
  }
}

const KERNEL: KernelKind = {
  name: "STOCHRSI",
  create: (p) => new StochasticOfStrength(parameter(p, 0), parameter(p, 1), p[2] ?? 1),
};

const RSI_LENGTH = period("n", 14, 2);
const SHARED = {
  family: "oscillator",
  unit: "dimensionless",
  range: within(0, 100),
  takesSource: true,
  settleBars: (p: readonly number[]) => wilderSettle(parameter(p, 0)),
  kernel: KERNEL,
} as const;

function smoothedFrom(times: number): (p: readonly number[]) => number {
  return (p) => parameter(p, 0) + parameter(p, 1) - 1 + times * ((p[2] ?? 1) - 1);
}

/** The two usual forms: TA-Lib's, of which the first line is not smoothed, and TradingView's. */
export const STOCHASTIC_RSI: readonly Definition[] = [
  {
    ...SHARED,
    base: "STOCHRSI_FASTK",
    parameters: [RSI_LENGTH, period("k", 5)],
    firstIndex: smoothedFrom(0),
    output: 0,
    formula: "100·(RSI of n − lowest)/(highest − lowest) of that RSI over k bars",
    undefinedWhere: "the RSI moved by no more than rounding over k bars, or is undefined on one of them",
    source: "TA-Lib STOCHRSI",
  },
  {
    ...SHARED,
    base: "STOCHRSI_FASTD",
    parameters: [RSI_LENGTH, period("k", 5), period("d", 3)],
    firstIndex: smoothedFrom(1),
    output: 1,
    formula: "SMA over d of STOCHRSI_FASTK",
    undefinedWhere: "STOCHRSI_FASTK is on one of the last d bars",
    source: "TA-Lib STOCHRSI",
  },
  {
    ...SHARED,
    base: "STOCHRSI_K",
    parameters: [RSI_LENGTH, period("k", 14), period("s", 3)],
    firstIndex: smoothedFrom(1),
    output: 1,
    formula: "SMA over s of 100·(RSI of n − lowest)/(highest − lowest) of that RSI over k bars",
    undefinedWhere: "STOCHRSI_FASTK of n and k is on one of the last s bars",
    source: "TradingView Stoch RSI",
  },
  {
    ...SHARED,
    base: "STOCHRSI_D",
    parameters: [RSI_LENGTH, period("k", 14), period("s", 3)],
    firstIndex: smoothedFrom(2),
    output: 2,
    formula: "SMA over s of STOCHRSI_K; of another length it is `SMA_5(STOCHRSI_K_14_14_3)`",
    undefinedWhere: "STOCHRSI_K is on one of the last s bars",
    source: "TradingView Stoch RSI",
  },
];
