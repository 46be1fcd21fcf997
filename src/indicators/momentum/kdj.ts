import type { Bar } from "../../domain/bar.ts";
import { ANY_VALUE, type Definition, type KernelKind, parameter, period, wilderSettle, within } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { WilderAverage } from "../wilder-average.ts";
import { WindowMaximum } from "../window-extreme.ts";

/** The stochastic whose averages are Wilder's, and J, which runs ahead of both. */
class Kdj implements Kernel {
  readonly outputs: Float64Array = new Float64Array(3).fill(Number.NaN);
  private readonly n: number;
  private readonly highs: WindowMaximum;
  private readonly lows: WindowMaximum;
  private readonly k: WilderAverage;
  private readonly d: WilderAverage;
  private readonly memory: number;
  private bars = 0;
  /** Raw values since the last one that had highest = lowest. */
  private clean = Number.POSITIVE_INFINITY;

  constructor(n: number, s: number, d: number) {
    this.n = n;
    this.highs = new WindowMaximum(n);
    this.lows = new WindowMaximum(n);
    this.k = new WilderAverage(s);
    this.d = new WilderAverage(d);
    this.memory = memoryOf(s, d);
  }

  push({ high, low, close }: Bar): void {
    const { k, d, outputs } = this;
    this.highs.push(high);
    this.lows.push(-low);
    this.bars++;
    if (this.bars < this.n) {
      return;
    }
    const highest = this.highs.value;
    const lowest = -this.lows.value;
    const flat = highest === lowest;
    this.clean = flat ? 0 : this.clean + 1;
    k.push(flat ? 0 : 100 * ((close - lowest) / (highest - lowest)));
    if (Number.isNaN(k.value)) {
      return;
    }
    d.push(k.value);
    if (Number.isNaN(d.value)) {
      return;
    }
    const known = this.clean > this.memory;
    outputs[0] = known ? Math.min(100, k.value) : Number.NaN;
    outputs[1] = known ? Math.min(100, d.value) : Number.NaN;
    outputs[2] = known ? 3 * k.value - 2 * d.value : Number.NaN;
  }
}

/** Bars until both averages have forgotten a value. */
function memoryOf(s: number, d: number): number {
  return wilderSettle(s) + wilderSettle(d);
}

const KDJ: KernelKind = { name: "KDJ", create: (p) => new Kdj(parameter(p, 0), parameter(p, 1), parameter(p, 2)) };

const OF_BARS = {
  parameters: [period("k", 9), period("s", 3), period("d", 3)],
  family: "oscillator",
  unit: "dimensionless",
  range: within(0, 100),
  firstIndex: (p: readonly number[]) => parameter(p, 0) + parameter(p, 1) + parameter(p, 2) - 3,
  settleBars: (p: readonly number[]) => memoryOf(parameter(p, 1), parameter(p, 2)),
  kernel: KDJ,
  undefinedWhere: "highest = lowest over k bars, until the averages have forgotten that",
} as const;

export const WILDER_STOCHASTICS: readonly Definition[] = [
  {
    ...OF_BARS,
    base: "KDJ_K",
    output: 0,
    formula: "Wilder's average over s of 100·(close − lowest)/(highest − lowest) over k bars",
    source: "TA-Lib KDJ",
  },
  { ...OF_BARS, base: "KDJ_D", output: 1, formula: "Wilder's average over d of KDJ_K", source: "TA-Lib KDJ" },
  {
    ...OF_BARS,
    base: "KDJ_J",
    range: ANY_VALUE,
    reference: { low: 0, high: 100 },
    output: 2,
    formula: "3·KDJ_K − 2·KDJ_D",
    source: "TA-Lib KDJ",
  },
];
