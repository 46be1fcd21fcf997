import type { Bar } from "../../domain/bar.ts";
import { timeframeMs } from "../../domain/timeframe.ts";
import { ABOVE_ZERO, ANY_VALUE, type Definition, type KernelKind } from "../definition.ts";
import type { Kernel } from "../indicator.ts";

const DAY_MS = timeframeMs("1d");

/** Levels of a day, from the range and the last close of the day before, which must be a whole one. */
class Pivots implements Kernel {
  readonly outputs: Float64Array = new Float64Array(7).fill(Number.NaN);
  private anchored = false;
  private high = Number.NaN;
  private low = Number.NaN;
  private close = Number.NaN;

  push(bar: Bar): void {
    if (bar.openTime % DAY_MS === 0) {
      if (this.anchored) {
        this.draw();
      }
      this.anchored = true;
      this.high = bar.high;
      this.low = bar.low;
    } else {
      this.high = Math.max(this.high, bar.high);
      this.low = Math.min(this.low, bar.low);
    }
    this.close = bar.close;
  }

  private draw(): void {
    const { outputs, high, low, close } = this;
    const pivot = (high + low + close) / 3;
    const range = high - low;
    outputs[0] = pivot;
    outputs[1] = 2 * pivot - low;
    outputs[2] = pivot + range;
    outputs[3] = high + 2 * (pivot - low);
    outputs[4] = 2 * pivot - high;
    outputs[5] = pivot - range;
    outputs[6] = low - 2 * (high - pivot);
  }
}

const PIVOTS_KERNEL: KernelKind = { name: "PIVOTS", create: () => new Pivots() };

const SHARED = {
  parameters: [],
  family: "other",
  unit: "price",
  intradayOnly: true,
  wholeDays: 2,
  firstIndex: () => 1,
  kernel: PIVOTS_KERNEL,
  undefinedWhere: "the series has not held a whole day from 00:00 UTC to 00:00 UTC yet",
} as const;

const FLOOR = "floor traders' pivots, as TradingView Traditional";
const RESISTANCE = { ...SHARED, range: ABOVE_ZERO, source: FLOOR } as const;
const SUPPORT = { ...SHARED, range: ANY_VALUE, source: FLOOR } as const;

/** Pivot points of the UTC day before; high, low and close in the formulas are that day's. */
export const PIVOTS: readonly Definition[] = [
  {
    ...RESISTANCE,
    base: "PIVOT",
    output: 0,
    formula: "(high + low + close)/3 of the UTC day before",
    source: `${FLOOR}; Fibonacci's levels are \`PIVOT + 0.382*(PIVOT_R2 - PIVOT)\` and so on`,
  },
  { ...RESISTANCE, base: "PIVOT_R1", output: 1, formula: "2·PIVOT − low of the day before" },
  { ...RESISTANCE, base: "PIVOT_R2", output: 2, formula: "PIVOT + (high − low) of the day before" },
  { ...RESISTANCE, base: "PIVOT_R3", output: 3, formula: "high + 2·(PIVOT − low) of the day before" },
  { ...SUPPORT, base: "PIVOT_S1", output: 4, formula: "2·PIVOT − high of the day before" },
  { ...SUPPORT, base: "PIVOT_S2", output: 5, formula: "PIVOT − (high − low) of the day before" },
  { ...SUPPORT, base: "PIVOT_S3", output: 6, formula: "low − 2·(high − PIVOT) of the day before" },
];
