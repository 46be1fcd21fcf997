import type { Bar } from "../../domain/bar.ts";
import { ANY_VALUE, type Definition, type KernelKind, parameter, period } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { percentWithoutRounding } from "../rounding.ts";
import { WindowSum } from "../window-sum.ts";
import { accumulated, byChange, type Increment, onBalance, whileLess, whileMore, williams } from "./increments.ts";

/** What the last `n` bars added. */
class Change implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly increment: Increment;
  private readonly read: (sum: number) => number;
  private readonly sum: WindowSum;
  private before: Bar | undefined;
  private missing: number;

  constructor(n: number, increment: Increment, read: (sum: number) => number) {
    this.increment = increment;
    this.read = read;
    this.sum = new WindowSum(n);
    // A change over n bars begins at the bar before them, also where a bar's part needs none.
    this.missing = n + 1;
  }

  push(bar: Bar): void {
    const part = this.increment(bar, this.before);
    this.before = bar;
    this.missing = Math.max(0, this.missing - 1);
    if (!Number.isNaN(part)) {
      this.sum.push(part);
    }
    if (this.missing === 0) {
      this.outputs[0] = this.read(this.sum.value);
    }
  }
}

/** The slope of the line nearest to the last `n` levels, from what the bars between them added. */
class Slope implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly increment: Increment;
  private readonly parts: Float64Array;
  private readonly spread: number;
  private at = 0;
  private before: Bar | undefined;
  private missing: number;

  constructor(n: number, increment: Increment) {
    this.increment = increment;
    this.parts = new Float64Array(n - 1);
    this.spread = (n * (n * n - 1)) / 6;
    this.missing = n;
  }

  push(bar: Bar): void {
    const { parts } = this;
    const part = this.increment(bar, this.before);
    const isFirst = this.before === undefined;
    this.before = bar;
    this.missing = Math.max(0, this.missing - 1);
    if (isFirst) {
      return;
    }
    parts[this.at] = part;
    this.at = this.at + 1 === parts.length ? 0 : this.at + 1;
    if (this.missing > 0) {
      return;
    }
    // A part that lies between the first m and the other levels weighs m·(n − m).
    let sum = 0;
    let at = this.at;
    for (let m = 1; m <= parts.length; m++) {
      sum += m * (parts.length + 1 - m) * (parts[at] as number);
      at = at + 1 === parts.length ? 0 : at + 1;
    }
    this.outputs[0] = sum / this.spread;
  }
}

function change(name: string, increment: Increment): KernelKind {
  return { name, create: (p) => new Change(parameter(p, 0), increment, (sum) => sum) };
}

function percent(name: string, increment: Increment): KernelKind {
  const read = (sum: number) => percentWithoutRounding(100 * Math.expm1(sum));
  return { name, create: (p) => new Change(parameter(p, 0), increment, read) };
}

function slope(name: string, increment: Increment): KernelKind {
  return { name, create: (p) => new Slope(parameter(p, 0), increment) };
}

const OVER_N = {
  parameters: [period("n", 20)],
  family: "trend",
  unit: "volume",
  range: ANY_VALUE,
  firstIndex: (p: readonly number[]) => parameter(p, 0),
  output: 0,
} as const;

const SLOPE_OVER_N = {
  ...OVER_N,
  parameters: [period("n", 20, 2)],
  firstIndex: (p: readonly number[]) => parameter(p, 0) - 1,
} as const;

/**
 * Of sums that begin with history, what does not depend on where that is: how much they changed,
 * and how steeply they rise.
 */
export const CHANGES: readonly Definition[] = [
  {
    ...OVER_N,
    base: "OBV_CHANGE",
    kernel: change("OBV_CHANGE", onBalance),
    formula: "OBV − OBV n bars ago: sum of the last n volumes, with the sign of the change of close",
    source: "TA-Lib OBV",
  },
  {
    ...SLOPE_OVER_N,
    base: "OBV_SLOPE",
    kernel: slope("OBV_SLOPE", onBalance),
    formula: "LINEARREG_SLOPE of OBV",
    source: "TA-Lib OBV, LINEARREG_SLOPE",
  },
  {
    ...OVER_N,
    base: "AD_CHANGE",
    kernel: change("AD_CHANGE", accumulated),
    formula:
      "AD − AD n bars ago: sum of the last n ((close − low) − (high − close))/(high − low)·volume, 0 at high = low",
    source: "TA-Lib AD",
  },
  {
    ...SLOPE_OVER_N,
    base: "AD_SLOPE",
    kernel: slope("AD_SLOPE", accumulated),
    formula: "LINEARREG_SLOPE of AD",
    source: "TA-Lib AD, LINEARREG_SLOPE",
  },
  {
    ...OVER_N,
    base: "PVT_CHANGE",
    kernel: change("PVT_CHANGE", byChange),
    formula: "PVT − PVT n bars ago: sum of the last n volumes, each times the relative change of close",
    source: "TA-Lib PVT",
  },
  {
    ...OVER_N,
    base: "WAD_CHANGE",
    unit: "price",
    kernel: change("WAD_CHANGE", williams),
    formula: "WAD − WAD n bars ago: how far rising closes are above the true low, falling ones below the true high",
    source: "TA-Lib WAD",
  },
  {
    ...OVER_N,
    base: "NVI_ROC",
    unit: "dimensionless",
    range: { low: -100, high: Number.POSITIVE_INFINITY, lowOpen: false },
    kernel: percent("NVI_ROC", whileLess),
    formula:
      "ROC of NVI: change in percent of close over those of the last n bars that traded less than the bar before",
    zeroWhere: "within 1e-10 (percent)",
    source: "TA-Lib NVI",
  },
  {
    ...OVER_N,
    base: "PVI_ROC",
    unit: "dimensionless",
    range: { low: -100, high: Number.POSITIVE_INFINITY, lowOpen: false },
    kernel: percent("PVI_ROC", whileMore),
    formula:
      "ROC of PVI: change in percent of close over those of the last n bars that traded more than the bar before",
    zeroWhere: "within 1e-10 (percent)",
    source: "TA-Lib PVI",
  },
];
