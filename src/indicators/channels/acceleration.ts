import type { Bar } from "../../domain/bar.ts";
import { ABOVE_ZERO, ANY_VALUE, type Definition, type KernelKind, parameter, period } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { SimpleAverage } from "../simple-average.ts";

/** Averages of highs and lows that are spread by the width of their bars. */
class AccelerationBands implements Kernel {
  readonly outputs: Float64Array = new Float64Array(3).fill(Number.NaN);
  private readonly upper: SimpleAverage;
  private readonly middle: SimpleAverage;
  private readonly lower: SimpleAverage;

  constructor(n: number) {
    this.upper = new SimpleAverage(n);
    this.middle = new SimpleAverage(n);
    this.lower = new SimpleAverage(n);
  }

  push({ high, low, close }: Bar): void {
    const { outputs } = this;
    const width = (4 * (high - low)) / (high + low);
    this.upper.push(high * (1 + width));
    this.middle.push(close);
    this.lower.push(low * (1 - width));
    outputs[0] = this.upper.value;
    outputs[1] = this.middle.value;
    outputs[2] = this.lower.value;
  }
}

const SHARED = {
  parameters: [period("n", 20, 2)],
  family: "band",
  unit: "price",
  firstIndex: (p: readonly number[]) => parameter(p, 0) - 1,
  kernel: { name: "ACCBANDS", create: (p) => new AccelerationBands(parameter(p, 0)) } satisfies KernelKind,
  source: "TA-Lib ACCBANDS",
} as const;

export const ACCELERATION: readonly Definition[] = [
  {
    ...SHARED,
    base: "ACCBANDS_UPPER",
    range: ABOVE_ZERO,
    output: 0,
    formula: "SMA of high·(1 + 4·(high − low)/(high + low))",
  },
  {
    ...SHARED,
    base: "ACCBANDS_MIDDLE",
    range: ABOVE_ZERO,
    takesSource: true,
    rangeWithSource: "source",
    output: 1,
    formula: "SMA of close",
  },
  {
    ...SHARED,
    base: "ACCBANDS_LOWER",
    range: ANY_VALUE,
    output: 2,
    formula: "SMA of low·(1 − 4·(high − low)/(high + low))",
  },
];
