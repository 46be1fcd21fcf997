import type { Bar } from "../domain/bar.ts";
import { type Definition, type KernelKind, parameter, period, wilderSettle, within } from "./definition.ts";
import type { Kernel } from "./indicator.ts";
import { Lag } from "./lag.ts";

/** Wilder's averages of the rises and falls of close over `m` bars each. */
export class RelativeStrength implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly n: number;
  private readonly closes: Lag;
  private changes = 0;
  private gain = 0;
  private loss = 0;
  /** How many changes in a row were 0. */
  private still = 0;

  constructor(n: number, m = 1) {
    this.n = n;
    this.closes = new Lag(m);
  }

  push(bar: Bar): void {
    const { n } = this;
    const change = bar.close - this.closes.push(bar.close);
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
const RMI: KernelKind = { name: "RMI", create: (p) => new RelativeStrength(parameter(p, 0), parameter(p, 1)) };

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
  {
    base: "RMI",
    parameters: [period("n", 20, 2), period("m", 5)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(0, 100),
    takesSource: true,
    firstIndex: (p) => parameter(p, 0) + parameter(p, 1) - 1,
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: RMI,
    output: 0,
    formula: "as RSI, of the rises and falls of close over m bars; m = 1 is RSI. Some smooth with an EMA of n instead",
    undefinedWhere: "the last n changes of close over m bars are all 0",
    source: "R. Altman, Relative Momentum Index, TASC Feb. 1993",
  },
];
