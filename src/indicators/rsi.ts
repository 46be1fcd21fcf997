import type { Bar } from "../domain/bar.ts";
import { type Definition, type KernelKind, parameter, period, wilderSettle, within } from "./definition.ts";
import type { Kernel } from "./indicator.ts";

class RelativeStrength implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly n: number;
  private previous = Number.NaN;
  private changes = 0;
  private gain = 0;
  private loss = 0;
  /** How many changes in a row were 0. */
  private still = 0;

  constructor(n: number) {
    this.n = n;
  }

  push(bar: Bar): void {
    const { n } = this;
    const change = bar.close - this.previous;
    this.previous = bar.close;
    if (Number.isNaN(change)) {
      return;
    }
    this.still = change === 0 ? this.still + 1 : 0;
    const rise = Math.max(change, 0);
    const fall = Math.max(-change, 0);
    if (this.changes < n) {
      this.changes++;
      this.gain += rise;
      this.loss += fall;
      if (this.changes < n) {
        return;
      }
      this.gain /= n;
      this.loss /= n;
    } else {
      this.gain = (this.gain * (n - 1) + rise) / n;
      this.loss = (this.loss * (n - 1) + fall) / n;
    }
    this.outputs[0] = this.still >= n ? Number.NaN : 100 * (this.gain / (this.gain + this.loss));
  }
}

const RSI: KernelKind = { name: "RSI", create: (p) => new RelativeStrength(parameter(p, 0)) };

export const RELATIVE_STRENGTH: readonly Definition[] = [
  {
    base: "RSI",
    parameters: [period("n", 14, 2)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(0, 100),
    takesSource: true,
    firstIndex: (p) => parameter(p, 0),
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: RSI,
    output: 0,
    formula: "100·gain/(gain + loss), Wilder's averages of the rises and falls of close",
    undefinedWhere: "the last n changes of close are all 0",
    source: "TA-Lib RSI",
  },
];
