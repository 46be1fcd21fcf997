import type { Bar } from "../../domain/bar.ts";
import { ANY_VALUE, type Definition, emaSettle, type KernelKind, parameter, period } from "../definition.ts";
import { ExponentialAverage } from "../exponential-average.ts";
import type { Kernel } from "../indicator.ts";
import { withoutRounding } from "../rounding.ts";

/** How far the bar reaches above and below the average. */
class ElderRay implements Kernel {
  readonly outputs: Float64Array = new Float64Array(2).fill(Number.NaN);
  private readonly average: ExponentialAverage;

  constructor(n: number) {
    this.average = new ExponentialAverage(n);
  }

  push({ high, low, close }: Bar): void {
    this.average.push(close);
    this.outputs[0] = withoutRounding(high - this.average.value, close);
    this.outputs[1] = withoutRounding(low - this.average.value, close);
  }
}

const SHARED = {
  parameters: [period("n", 13)],
  family: "trend",
  unit: "price",
  range: ANY_VALUE,
  firstIndex: (p: readonly number[]) => parameter(p, 0) - 1,
  settleBars: (p: readonly number[]) => emaSettle(parameter(p, 0)),
  kernel: { name: "ERI", create: (p) => new ElderRay(parameter(p, 0)) } satisfies KernelKind,
  zeroWhere: "within 1e-12 of close",
  source: "TA-Lib ERI",
} as const;

export const ELDER: readonly Definition[] = [
  { ...SHARED, base: "BULL_POWER", output: 0, formula: "high − EMA of close" },
  { ...SHARED, base: "BEAR_POWER", output: 1, formula: "low − EMA of close" },
];
