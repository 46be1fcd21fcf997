import type { Bar } from "../../domain/bar.ts";
import { ANY_VALUE, type Definition, type KernelKind, parameter, period } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { withoutRounding } from "../rounding.ts";
import { SimpleAverage } from "../simple-average.ts";

/** Bill Williams' oscillator: two SMAs of the middle of each bar. */
class Awesome {
  value: number = Number.NaN;
  private readonly fast: SimpleAverage;
  private readonly slow: SimpleAverage;

  constructor(fast: number, slow: number) {
    this.fast = new SimpleAverage(fast);
    this.slow = new SimpleAverage(slow);
  }

  push({ high, low }: Bar): void {
    const middle = (high + low) / 2;
    this.fast.push(middle);
    this.slow.push(middle);
    this.value = this.fast.value - this.slow.value;
  }
}

class AwesomeKernel implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly awesome: Awesome;

  constructor(fast: number, slow: number) {
    this.awesome = new Awesome(fast, slow);
  }

  push(bar: Bar): void {
    this.awesome.push(bar);
    this.outputs[0] = withoutRounding(this.awesome.value, bar.close);
  }
}

class Acceleration implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly awesome: Awesome;
  private readonly signal: SimpleAverage;

  constructor(fast: number, slow: number, signal: number) {
    this.awesome = new Awesome(fast, slow);
    this.signal = new SimpleAverage(signal);
  }

  push(bar: Bar): void {
    const { awesome, signal } = this;
    awesome.push(bar);
    if (!Number.isNaN(awesome.value)) {
      signal.push(awesome.value);
      this.outputs[0] = withoutRounding(awesome.value - signal.value, bar.close);
    }
  }
}

const AO: KernelKind = { name: "AO", create: (p) => new AwesomeKernel(parameter(p, 0), parameter(p, 1)) };
const AC: KernelKind = {
  name: "AC",
  create: (p) => new Acceleration(parameter(p, 0), parameter(p, 1), parameter(p, 2)),
};

export const MEDIAN_PRICE: readonly Definition[] = [
  {
    base: "AO",
    parameters: [period("fast", 5), period("slow", 34)],
    family: "trend",
    unit: "price",
    range: ANY_VALUE,
    firstIndex: (p) => parameter(p, 1) - 1,
    kernel: AO,
    output: 0,
    formula: "SMA(fast) − SMA(slow) of (high + low)/2",
    zeroWhere: "within 1e-12 of close",
    source: "TA-Lib AO",
  },
  {
    base: "AC",
    parameters: [period("fast", 5), period("slow", 34), period("signal", 5)],
    family: "trend",
    unit: "price",
    range: ANY_VALUE,
    firstIndex: (p) => parameter(p, 1) + parameter(p, 2) - 2,
    kernel: AC,
    output: 0,
    formula: "AO − SMA(signal) of AO",
    zeroWhere: "within 1e-12 of close",
    source: "TA-Lib AC",
  },
];
