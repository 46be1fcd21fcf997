import type { Bar } from "../../domain/bar.ts";
import { ANY_VALUE, type Definition, type KernelKind, parameter, period, within } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { withoutRounding } from "../rounding.ts";
import { SimpleAverage } from "../simple-average.ts";
import { WindowSum } from "../window-sum.ts";

/** As RSI, of the bodies of the last `n` bars. */
class Intraday implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly gains: WindowSum;
  private readonly losses: WindowSum;
  private missing: number;

  constructor(n: number) {
    this.gains = new WindowSum(n);
    this.losses = new WindowSum(n);
    this.missing = n;
  }

  push({ open, close }: Bar): void {
    this.gains.push(Math.max(0, close - open));
    this.losses.push(Math.max(0, open - close));
    this.missing = Math.max(0, this.missing - 1);
    if (this.missing === 0) {
      const gain = Math.max(0, this.gains.value);
      // Without bodies both sums are exactly 0, and 0/0 is undefined as it should be.
      this.outputs[0] = 100 * (gain / (gain + Math.max(0, this.losses.value)));
    }
  }
}

class MeanBody implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly average: SimpleAverage;

  constructor(n: number) {
    this.average = new SimpleAverage(n);
  }

  push({ open, close }: Bar): void {
    this.average.push(close - open);
    this.outputs[0] = withoutRounding(this.average.value, close);
  }
}

const IMI: KernelKind = { name: "IMI", create: (p) => new Intraday(parameter(p, 0)) };
const QSTICK: KernelKind = { name: "QSTICK", create: (p) => new MeanBody(parameter(p, 0)) };

export const BODIES: readonly Definition[] = [
  {
    base: "IMI",
    parameters: [period("n", 14)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: IMI,
    output: 0,
    formula: "100·gain/(gain + loss), sums of close − open over the last n bars that rose, that fell",
    undefinedWhere: "open = close on all of the last n bars",
    source: "TA-Lib IMI",
  },
  {
    base: "QSTICK",
    parameters: [period("n", 10)],
    family: "trend",
    unit: "price",
    range: ANY_VALUE,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: QSTICK,
    output: 0,
    formula: "SMA of close − open",
    zeroWhere: "within 1e-12 of close",
    source: "TA-Lib QSTICK",
  },
];
