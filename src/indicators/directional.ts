import type { Bar } from "../domain/bar.ts";
import { type Definition, FROM_ZERO, type KernelKind, parameter, period, wilderSettle, within } from "./definition.ts";
import type { Kernel } from "./indicator.ts";
import { Lag } from "./lag.ts";
import { trueRange } from "./true-range.ts";

class Directional implements Kernel {
  readonly outputs: Float64Array = new Float64Array(7).fill(Number.NaN);
  private readonly n: number;
  private high = Number.NaN;
  private low = Number.NaN;
  private close = Number.NaN;
  private moves = 0;
  private up = 0;
  private down = 0;
  private range = 0;
  private adx = 0;
  /** How many true ranges in a row were 0. */
  private still = 0;
  private readonly before: Lag;

  constructor(n: number) {
    this.n = n;
    this.before = new Lag(n - 1);
  }

  push(bar: Bar): void {
    const rise = bar.high - this.high;
    const fall = this.low - bar.low;
    const range = trueRange(bar, this.close);
    this.high = bar.high;
    this.low = bar.low;
    this.close = bar.close;
    if (Number.isNaN(range)) {
      return;
    }
    this.moves++;
    this.still = range === 0 ? this.still + 1 : 0;
    this.smooth(rise > 0 && rise > fall ? rise : 0, fall > 0 && fall > rise ? fall : 0, range);
    const { outputs } = this;
    if (this.moves >= this.n - 1) {
      outputs[3] = Math.max(0, this.up);
      outputs[4] = Math.max(0, this.down);
    }
    if (this.moves >= this.n) {
      this.write();
    }
    outputs[6] = ((outputs[0] as number) + this.before.push(outputs[0] as number)) / 2;
  }

  /**
   * Wilder's sums: of the first n − 1 moves as they are, then each move takes an nth off before it
   * is added.
   */
  private smooth(up: number, down: number, range: number): void {
    const part = this.moves < this.n ? Number.POSITIVE_INFINITY : this.n;
    this.up = this.up - this.up / part + up;
    this.down = this.down - this.down / part + down;
    this.range = this.range - this.range / part + range;
  }

  private write(): void {
    const { n, moves, range, outputs } = this;
    const plus = range > 0 ? 100 * (this.up / range) : 0;
    const minus = range > 0 ? 100 * (this.down / range) : 0;
    const both = plus + minus;
    const trend = both > 0 ? 100 * (Math.abs(plus - minus) / both) : 0;
    if (moves < 2 * n) {
      this.adx += trend;
      if (moves === 2 * n - 1) {
        this.adx /= n;
      }
    } else if (both > 0) {
      this.adx = (this.adx * (n - 1) + trend) / n;
    }
    const moved = this.still < n;
    outputs[0] = moved && both > 0 && moves >= 2 * n - 1 ? Math.min(100, this.adx) : Number.NaN;
    outputs[5] = moved && both > 0 ? Math.min(100, trend) : Number.NaN;
    outputs[1] = moved ? Math.min(100, plus) : Number.NaN;
    outputs[2] = moved ? Math.min(100, minus) : Number.NaN;
  }
}

const DIRECTION: KernelKind = { name: "ADX", create: (p) => new Directional(parameter(p, 0)) };

export const DIRECTIONAL: readonly Definition[] = [
  {
    base: "ADX",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => 2 * parameter(p, 0) - 1,
    settleBars: (p) => 2 * wilderSettle(parameter(p, 0)),
    kernel: DIRECTION,
    output: 0,
    formula: "Wilder's average of 100·|PLUS_DI − MINUS_DI|/(PLUS_DI + MINUS_DI)",
    undefinedWhere: "a DI is undefined, or both are 0",
    source: "TA-Lib ADX",
  },
  {
    base: "PLUS_DI",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0),
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: DIRECTION,
    output: 1,
    formula: "100·upward movement/true range, Wilder's sums",
    undefinedWhere: "the true range of the last n bars is 0",
    source: "TA-Lib PLUS_DI",
  },
  {
    base: "MINUS_DI",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0),
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: DIRECTION,
    output: 2,
    formula: "100·downward movement/true range, Wilder's sums",
    undefinedWhere: "the true range of the last n bars is 0",
    source: "TA-Lib MINUS_DI",
  },
  {
    base: "PLUS_DM",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "price",
    range: FROM_ZERO,
    firstIndex: (p) => parameter(p, 0) - 1,
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: DIRECTION,
    output: 3,
    formula: "upward movement, Wilder's sum",
    source: "TA-Lib PLUS_DM",
  },
  {
    base: "MINUS_DM",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "price",
    range: FROM_ZERO,
    firstIndex: (p) => parameter(p, 0) - 1,
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: DIRECTION,
    output: 4,
    formula: "downward movement, Wilder's sum",
    source: "TA-Lib MINUS_DM",
  },
  {
    base: "DX",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0),
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: DIRECTION,
    output: 5,
    formula: "100·|PLUS_DI − MINUS_DI|/(PLUS_DI + MINUS_DI)",
    undefinedWhere: "a DI is undefined, or both are 0",
    source: "TA-Lib DX",
  },
  {
    base: "ADXR",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => 3 * parameter(p, 0) - 2,
    settleBars: (p) => 2 * wilderSettle(parameter(p, 0)),
    kernel: DIRECTION,
    output: 6,
    formula: "mean of ADX and ADX n − 1 bars ago",
    undefinedWhere: "one of the two ADX is undefined",
    source: "TA-Lib ADXR",
  },
];
