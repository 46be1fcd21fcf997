import type { Bar } from "../../domain/bar.ts";
import { Channel } from "../channel.ts";
import { ABOVE_ZERO, type Definition, type KernelKind, parameter, period } from "../definition.ts";
import type { Kernel } from "../indicator.ts";

class Donchian implements Kernel {
  readonly outputs: Float64Array = new Float64Array(3).fill(Number.NaN);
  private readonly channel: Channel;

  constructor(n: number) {
    this.channel = new Channel(n);
  }

  push({ high, low }: Bar): void {
    const { channel, outputs } = this;
    channel.push(high, low);
    outputs[0] = channel.upper;
    outputs[1] = channel.middle;
    outputs[2] = channel.lower;
  }
}

const DONCHIAN_KERNEL: KernelKind = { name: "DONCHIAN", create: (p) => new Donchian(parameter(p, 0)) };

const SHARED = {
  parameters: [period("n", 20)],
  unit: "price",
  range: ABOVE_ZERO,
  firstIndex: (p: readonly number[]) => parameter(p, 0) - 1,
  kernel: DONCHIAN_KERNEL,
} as const;

/** The channel that includes the current bar: no close gets out of it, as out of HIGHEST and LOWEST. */
export const DONCHIAN: readonly Definition[] = [
  {
    ...SHARED,
    base: "DONCHIAN_UPPER",
    family: "extreme",
    output: 0,
    formula: "largest high of the last n bars, the current one included; HIGHEST leaves it out",
    source: "TA-Lib DONCHIAN",
  },
  {
    ...SHARED,
    base: "DONCHIAN_MIDDLE",
    family: "average",
    output: 1,
    formula: "(upper + lower)/2; without the current bar it is `(HIGHEST_20 + LOWEST_20)/2`",
    source: "TA-Lib DONCHIAN",
  },
  {
    ...SHARED,
    base: "DONCHIAN_LOWER",
    family: "extreme",
    output: 2,
    formula: "smallest low of the last n bars, the current one included; LOWEST leaves it out",
    source: "TA-Lib DONCHIAN",
  },
];
