import type { Bar } from "../../domain/bar.ts";
import { ANY_VALUE, type Definition, emaSettle, FROM_ZERO, type KernelKind, parameter, period } from "../definition.ts";
import { ExponentialAverage } from "../exponential-average.ts";
import type { Kernel } from "../indicator.ts";
import { WindowSum } from "../window-sum.ts";
import { accumulated } from "./increments.ts";

/** A fast less a slow average of AD, each by its distance from AD: AD itself is in neither. */
class ChaikinOscillator implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly fast: number;
  private readonly slow: number;
  private toFast = 0;
  private toSlow = 0;
  private isFirst = true;
  private missing: number;

  constructor(fast: number, slow: number) {
    this.fast = (fast - 1) / (fast + 1);
    this.slow = (slow - 1) / (slow + 1);
    this.missing = slow;
  }

  push(bar: Bar): void {
    if (this.isFirst) {
      this.isFirst = false;
    } else {
      const part = accumulated(bar, undefined);
      this.toFast = this.fast * (this.toFast + part);
      this.toSlow = this.slow * (this.toSlow + part);
    }
    this.missing = Math.max(0, this.missing - 1);
    if (this.missing === 0) {
      this.outputs[0] = this.toSlow - this.toFast;
    }
  }
}

class Force implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly average: ExponentialAverage;
  private before = Number.NaN;

  constructor(n: number) {
    this.average = new ExponentialAverage(n);
  }

  push({ close, volume }: Bar): void {
    const change = close - this.before;
    this.before = close;
    if (!Number.isNaN(change)) {
      this.average.push(change * volume);
      this.outputs[0] = this.average.value;
    }
  }
}

class Facilitation implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);

  push({ high, low, volume }: Bar): void {
    this.outputs[0] = volume === 0 ? Number.NaN : (high - low) / volume;
  }
}

/** The volume against that of the bars before. */
class RelativeVolume implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly n: number;
  private readonly before: WindowSum;
  private missing: number;

  constructor(n: number) {
    this.n = n;
    this.before = new WindowSum(n);
    this.missing = n;
  }

  push({ volume }: Bar): void {
    if (this.missing > 0) {
      this.missing--;
    } else {
      const sum = Math.max(0, this.before.value);
      this.outputs[0] = sum === 0 ? Number.NaN : volume / (sum / this.n);
    }
    this.before.push(volume);
  }
}

const ADOSC: KernelKind = { name: "ADOSC", create: (p) => new ChaikinOscillator(parameter(p, 0), parameter(p, 1)) };
const EFI: KernelKind = { name: "EFI", create: (p) => new Force(parameter(p, 0)) };
const MARKETFI: KernelKind = { name: "MARKETFI", create: () => new Facilitation() };
const RVOL: KernelKind = { name: "RVOL", create: (p) => new RelativeVolume(parameter(p, 0)) };

export const FLOWS: readonly Definition[] = [
  {
    base: "ADOSC",
    parameters: [period("fast", 3, 2), period("slow", 10, 2)],
    family: "trend",
    unit: "volume",
    range: ANY_VALUE,
    firstIndex: (p) => parameter(p, 1) - 1,
    settleBars: (p) => emaSettle(parameter(p, 1)),
    kernel: ADOSC,
    output: 0,
    formula: "EMA(fast) − EMA(slow) of AD, both seeded with its first value",
    source: "TA-Lib ADOSC",
  },
  {
    base: "EFI",
    parameters: [period("n", 13)],
    family: "trend",
    unit: "mixed",
    range: ANY_VALUE,
    firstIndex: (p) => parameter(p, 0),
    settleBars: (p) => emaSettle(parameter(p, 0)),
    kernel: EFI,
    output: 0,
    formula: "EMA of (close − close before)·volume",
    source: "TA-Lib EFI",
  },
  {
    base: "MARKETFI",
    parameters: [],
    family: "other",
    unit: "mixed",
    range: FROM_ZERO,
    firstIndex: () => 0,
    kernel: MARKETFI,
    output: 0,
    formula: "(high − low)/volume",
    undefinedWhere: "the volume is 0",
    source: "TA-Lib MARKETFI",
  },
  {
    base: "RVOL",
    parameters: [period("n", 20)],
    family: "other",
    unit: "dimensionless",
    range: FROM_ZERO,
    firstIndex: (p) => parameter(p, 0),
    kernel: RVOL,
    output: 0,
    formula: "volume/mean of the n volumes before",
    undefinedWhere: "the n volumes before are 0",
    source: "TA-Lib RVOL",
  },
];
