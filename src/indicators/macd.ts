import type { Bar } from "../domain/bar.ts";
import { ANY_VALUE, type Definition, emaSettle, type KernelKind, parameter, period } from "./definition.ts";
import { ExponentialAverage } from "./exponential-average.ts";
import type { Kernel } from "./indicator.ts";
import { withoutRounding } from "./rounding.ts";

class Convergence implements Kernel {
  readonly outputs: Float64Array = new Float64Array(3).fill(Number.NaN);
  private readonly fast: ExponentialAverage;
  private readonly slow: ExponentialAverage;
  private readonly signal: ExponentialAverage;
  /**
   * Bars that the slow average takes and the fast one does not, so that both seeds end on the same
   * bar.
   */
  private head: number;

  constructor(fast: number, slow: number, signal: number) {
    this.fast = new ExponentialAverage(fast);
    this.slow = new ExponentialAverage(slow);
    this.signal = new ExponentialAverage(signal);
    this.head = slow - fast;
  }

  push(bar: Bar): void {
    const { close } = bar;
    const { outputs, signal } = this;
    this.slow.push(close);
    if (this.head > 0) {
      this.head--;
      return;
    }
    this.fast.push(close);
    const line = this.fast.value - this.slow.value;
    if (Number.isNaN(line)) {
      return;
    }
    signal.push(line);
    if (Number.isNaN(signal.value)) {
      return;
    }
    outputs[0] = withoutRounding(line, close);
    outputs[1] = withoutRounding(signal.value, close);
    outputs[2] = withoutRounding(line - signal.value, close);
  }
}

const MACD: KernelKind = {
  name: "MACD",
  create: (p) => new Convergence(parameter(p, 0), parameter(p, 1), parameter(p, 2)),
};

export const CONVERGENCE: readonly Definition[] = [
  {
    base: "MACD",
    parameters: [period("fast", 12, 2), period("slow", 26, 2), period("signal", 9)],
    family: "trend",
    unit: "price",
    range: ANY_VALUE,
    takesSource: true,
    firstIndex: (p) => parameter(p, 1) + parameter(p, 2) - 2,
    settleBars: (p) => emaSettle(parameter(p, 1)) + emaSettle(parameter(p, 2)),
    kernel: MACD,
    output: 0,
    formula: "EMA(fast) − EMA(slow) of close, both seeded to end on the same bar",
    zeroWhere: "within 1e-12 of close",
    source: "TA-Lib MACD",
  },
  {
    base: "MACD_SIGNAL",
    parameters: [period("fast", 12, 2), period("slow", 26, 2), period("signal", 9)],
    family: "trend",
    unit: "price",
    range: ANY_VALUE,
    takesSource: true,
    firstIndex: (p) => parameter(p, 1) + parameter(p, 2) - 2,
    settleBars: (p) => emaSettle(parameter(p, 1)) + emaSettle(parameter(p, 2)),
    kernel: MACD,
    output: 1,
    formula: "EMA(signal) of MACD",
    zeroWhere: "within 1e-12 of close",
    source: "TA-Lib MACD",
  },
  {
    base: "MACD_HIST",
    parameters: [period("fast", 12, 2), period("slow", 26, 2), period("signal", 9)],
    family: "trend",
    unit: "price",
    range: ANY_VALUE,
    takesSource: true,
    firstIndex: (p) => parameter(p, 1) + parameter(p, 2) - 2,
    settleBars: (p) => emaSettle(parameter(p, 1)) + emaSettle(parameter(p, 2)),
    kernel: MACD,
    output: 2,
    formula: "MACD − MACD_SIGNAL",
    zeroWhere: "within 1e-12 of close",
    source: "TA-Lib MACD",
  },
];
