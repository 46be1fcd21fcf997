import type { Bar } from "../../domain/bar.ts";
import { type Definition, type KernelKind, parameter, period, within } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { Lag } from "../lag.ts";
import { WindowMaximum } from "../window-extreme.ts";

/**
 * Whether the value `right` bars ago is larger than the `left` before and all since: known on this
 * bar, of no bar to come.
 */
class Swing {
  private readonly right: number;
  private readonly middle: Lag;
  private readonly before: Lag;
  private readonly left: WindowMaximum;
  private readonly since: WindowMaximum;

  constructor(left: number, right: number) {
    this.right = right;
    this.middle = new Lag(right);
    this.before = new Lag(right + 1);
    this.left = new WindowMaximum(left);
    this.since = new WindowMaximum(right);
  }

  push(value: number): number {
    const middle = this.middle.push(value);
    const before = this.before.push(value);
    if (!Number.isNaN(before)) {
      this.left.push(before);
    }
    if (this.right > 0) {
      this.since.push(value);
    }
    return middle > this.left.value && middle > this.since.value ? 100 : 0;
  }
}

class Fractal implements Kernel {
  readonly outputs: Float64Array = new Float64Array(2).fill(Number.NaN);
  private readonly highs: Swing;
  private readonly lows: Swing;
  private missing: number;

  constructor(left: number, right: number) {
    this.highs = new Swing(left, right);
    this.lows = new Swing(left, right);
    this.missing = left + right;
  }

  push({ high, low }: Bar): void {
    const isHigh = this.highs.push(high);
    const isLow = this.lows.push(-low);
    if (this.missing > 0) {
      this.missing--;
      return;
    }
    this.outputs[0] = isHigh;
    this.outputs[1] = isLow;
  }
}

const SHARED = {
  parameters: [period("left", 2), period("right", 2)],
  family: "other",
  unit: "dimensionless",
  range: within(0, 100),
  values: [0, 100],
  firstIndex: (p: readonly number[]) => parameter(p, 0) + parameter(p, 1),
  kernel: { name: "FRACTAL", create: (p) => new Fractal(parameter(p, 0), parameter(p, 1)) } satisfies KernelKind,
  source: "TA-Lib FRACTAL",
} as const;

export const FRACTALS: readonly Definition[] = [
  {
    ...SHARED,
    base: "FRACTAL_HIGH",
    output: 0,
    formula: "100 where the high right bars ago is above those of the left bars before and of all since, else 0",
  },
  {
    ...SHARED,
    base: "FRACTAL_LOW",
    output: 1,
    formula: "100 where the low right bars ago is below those of the left bars before and of all since, else 0",
  },
];
