import type { Bar } from "../../domain/bar.ts";
import { Channel } from "../channel.ts";
import { type Definition, FROM_ZERO, type KernelKind, parameter, period } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { trueRange } from "../true-range.ts";
import { WindowSum } from "../window-sum.ts";

class Choppiness implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly scale: number;
  private readonly ranges: WindowSum;
  private readonly channel: Channel;
  private closeBefore = Number.NaN;
  private missing: number;

  constructor(n: number) {
    this.scale = 100 / Math.log10(n);
    this.ranges = new WindowSum(n);
    this.channel = new Channel(n);
    this.missing = n;
  }

  push(bar: Bar): void {
    this.channel.push(bar.high, bar.low);
    const range = trueRange(bar, this.closeBefore);
    this.closeBefore = bar.close;
    if (!Number.isNaN(range)) {
      this.ranges.push(range);
    }
    if (this.missing > 0) {
      this.missing--;
      return;
    }
    const height = this.channel.upper - this.channel.lower;
    // The ranges of bars that follow one another fill the channel at least, but for rounding.
    this.outputs[0] = height > 0 ? this.scale * Math.max(0, Math.log10(this.ranges.value / height)) : Number.NaN;
  }
}

const CHOP: KernelKind = { name: "CHOP", create: (p) => new Choppiness(parameter(p, 0)) };

export const CHOPPINESS: readonly Definition[] = [
  {
    base: "CHOP",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "dimensionless",
    range: FROM_ZERO,
    firstIndex: (p) => parameter(p, 0),
    kernel: CHOP,
    output: 0,
    formula:
      "100·log10(sum of the true ranges/(highest − lowest))/log10(n) over n bars; near 0 in a trend, about 100 at most",
    undefinedWhere: "highest = lowest over n bars",
    source: "E. W. Dreiss; TradingView Choppiness Index",
  },
];
