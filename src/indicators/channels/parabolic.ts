import type { Bar } from "../../domain/bar.ts";
import { ABOVE_ZERO, type Definition, factor, type KernelKind, parameter } from "../definition.ts";
import type { Kernel } from "../indicator.ts";

/**
 * Wilder's stop and reverse. While the market rises, the stop rises towards the highest high by a
 * share that grows with each new one; a low at or under the stop turns the direction, and the stop
 * is then that highest high. Likewise downwards.
 */
class Parabolic implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly step: number;
  private readonly most: number;
  private high = Number.NaN;
  private low = Number.NaN;
  private bars = 0;
  private isLong = true;
  private stop = 0;
  private extreme = 0;
  private share = 0;

  constructor(step: number, most: number) {
    this.step = Math.min(step, most);
    this.most = most;
  }

  push(bar: Bar): void {
    this.bars++;
    if (this.bars === 2) {
      this.begin(bar);
    }
    if (this.bars >= 2) {
      this.outputs[0] = this.isLong ? this.whileLong(bar) : this.whileShort(bar);
    }
    this.high = bar.high;
    this.low = bar.low;
  }

  /** The first two bars give the direction, the first of them the stop. */
  private begin(bar: Bar): void {
    const rise = bar.high - this.high;
    const fall = this.low - bar.low;
    this.isLong = !(fall > 0 && fall > rise);
    this.stop = this.isLong ? this.low : this.high;
    this.extreme = this.isLong ? bar.high : bar.low;
    this.share = this.step;
    // The second bar is its own bar before.
    this.high = bar.high;
    this.low = bar.low;
  }

  private whileLong({ high, low }: Bar): number {
    if (low <= this.stop) {
      const turned = Math.max(this.extreme, this.high, high);
      this.turn(false, low);
      this.stop = Math.max(turned + this.share * (low - turned), this.high, high);
      return turned;
    }
    const { stop } = this;
    if (high > this.extreme) {
      this.extend(high);
    }
    this.stop = Math.min(stop + this.share * (this.extreme - stop), this.low, low);
    return stop;
  }

  private whileShort({ high, low }: Bar): number {
    if (high >= this.stop) {
      const turned = Math.min(this.extreme, this.low, low);
      this.turn(true, high);
      this.stop = Math.min(turned + this.share * (high - turned), this.low, low);
      return turned;
    }
    const { stop } = this;
    if (low < this.extreme) {
      this.extend(low);
    }
    this.stop = Math.max(stop + this.share * (this.extreme - stop), this.high, high);
    return stop;
  }

  private turn(isLong: boolean, extreme: number): void {
    this.isLong = isLong;
    this.extreme = extreme;
    this.share = this.step;
  }

  private extend(extreme: number): void {
    this.extreme = extreme;
    this.share = Math.min(this.share + this.step, this.most);
  }
}

/**
 * A stop knows the trend's extreme and nothing older, so two that turn on the same bar are equal from
 * then on, to the bit. Nothing bounds when that is: here is twice what any start in the recordings
 * needed.
 */
function parabolicSettle(step: number): number {
  return Math.ceil(8 / step);
}

const SAR: KernelKind = { name: "SAR", create: (p) => new Parabolic(parameter(p, 0), parameter(p, 1)) };

export const PARABOLIC: readonly Definition[] = [
  {
    base: "SAR",
    parameters: [factor("step", 0.02, 1), factor("most", 0.2, 1)],
    family: "other",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: () => 1,
    settleBars: (p) => parabolicSettle(parameter(p, 0)),
    kernel: SAR,
    output: 0,
    formula: "Wilder's parabolic stop: it nears the trend's extreme by step more with each new one, by most at most",
    source: "TA-Lib SAR",
  },
];
