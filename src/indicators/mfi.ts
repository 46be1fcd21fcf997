import type { Bar } from "../domain/bar.ts";
import { type Definition, type KernelKind, parameter, period, within } from "./definition.ts";
import type { Kernel } from "./indicator.ts";
import { typicalPrice } from "./typical-price.ts";
import { WindowSum } from "./window-sum.ts";

/**
 * Typical prices this near each other, relative to their sum, are equal: what is left is how (h + l
 * + c)/3 rounds (R9).
 */
const TIE = 1e-14;

class MoneyFlow implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly n: number;
  private readonly inflow: WindowSum;
  private readonly outflow: WindowSum;
  private previous = Number.NaN;
  private changes = 0;

  constructor(n: number) {
    this.n = n;
    this.inflow = new WindowSum(n);
    this.outflow = new WindowSum(n);
  }

  push(bar: Bar): void {
    const typical = typicalPrice(bar);
    const change = typical - this.previous;
    const tied = Math.abs(change) <= TIE * (typical + this.previous);
    this.previous = typical;
    if (Number.isNaN(change)) {
      return;
    }
    const flow = tied ? 0 : typical * bar.volume;
    this.inflow.push(change > 0 ? flow : 0);
    this.outflow.push(change < 0 ? flow : 0);
    this.changes++;
    if (this.changes < this.n) {
      return;
    }
    // Without flow both sums are exactly 0, and 0/0 is undefined as it should be.
    const rise = Math.max(0, this.inflow.value);
    this.outputs[0] = 100 * (rise / (rise + Math.max(0, this.outflow.value)));
  }
}

const MFI: KernelKind = { name: "MFI", create: (p) => new MoneyFlow(parameter(p, 0)) };

export const MONEY_FLOW: readonly Definition[] = [
  {
    base: "MFI",
    parameters: [period("n", 14, 2)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0),
    kernel: MFI,
    output: 0,
    formula: "100·inflow/(inflow + outflow); flow = typical·volume, in where typical rose, out where it fell",
    undefinedWhere: "no flow in n bars: typical price did not move (ties within 2e-14 included) or volume is 0",
    source: "TA-Lib MFI",
  },
];
