import type { Bar } from "../domain/bar.ts";
import { type Definition, emaSettle, type KernelKind, parameter, period, within } from "./definition.ts";
import { ExponentialAverage } from "./exponential-average.ts";
import type { Kernel } from "./indicator.ts";
import { withoutRounding } from "./rounding.ts";
import { SimpleAverage } from "./simple-average.ts";

class SimpleCross implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly fast: SimpleAverage;
  private readonly slow: SimpleAverage;

  constructor(fast: number, slow: number) {
    this.fast = new SimpleAverage(fast);
    this.slow = new SimpleAverage(slow);
  }

  push(bar: Bar): void {
    this.fast.push(bar.close);
    this.slow.push(bar.close);
    this.outputs[0] = order(this.fast.value, this.slow.value);
  }
}

class ExponentialCross implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly fast: ExponentialAverage;
  private readonly slow: ExponentialAverage;

  constructor(fast: number, slow: number) {
    this.fast = new ExponentialAverage(fast);
    this.slow = new ExponentialAverage(slow);
  }

  push(bar: Bar): void {
    this.fast.push(bar.close);
    this.slow.push(bar.close);
    this.outputs[0] = order(this.fast.value, this.slow.value);
  }
}

/** −1, 0 or 1; NaN while an average is. */
function order(fast: number, slow: number): number {
  return Math.sign(withoutRounding(fast - slow, slow));
}

const SIGNS = [-1, 0, 1] as const;

const SMA_CROSS: KernelKind = { name: "SMA_CROSS", create: (p) => new SimpleCross(parameter(p, 0), parameter(p, 1)) };
const EMA_CROSS: KernelKind = {
  name: "EMA_CROSS",
  create: (p) => new ExponentialCross(parameter(p, 0), parameter(p, 1)),
};

export const CROSSES: readonly Definition[] = [
  {
    base: "SMA_CROSS",
    parameters: [period("fast", 20), period("slow", 50)],
    family: "trend",
    unit: "dimensionless",
    range: within(-1, 1),
    values: SIGNS,
    takesSource: true,
    firstIndex: (p) => parameter(p, 1) - 1,
    kernel: SMA_CROSS,
    output: 0,
    formula: "sign of SMA(fast) − SMA(slow); 0 within 1e-12 of slow",
    zeroWhere: "the averages differ by at most 1e-12 of slow",
    source: "R9, of TA-Lib SMA",
  },
  {
    base: "EMA_CROSS",
    parameters: [period("fast", 20), period("slow", 50)],
    family: "trend",
    unit: "dimensionless",
    range: within(-1, 1),
    values: SIGNS,
    takesSource: true,
    firstIndex: (p) => parameter(p, 1) - 1,
    settleBars: (p) => emaSettle(parameter(p, 1)),
    kernel: EMA_CROSS,
    output: 0,
    formula: "sign of EMA(fast) − EMA(slow); 0 within 1e-12 of slow",
    zeroWhere: "the averages differ by at most 1e-12 of slow",
    source: "R9, of TA-Lib EMA",
  },
];
