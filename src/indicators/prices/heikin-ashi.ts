import type { Bar } from "../../domain/bar.ts";
import { ABOVE_ZERO, type Definition, emaSettle, type KernelKind } from "../definition.ts";
import type { Kernel } from "../indicator.ts";

class HeikinAshi implements Kernel {
  readonly outputs: Float64Array = new Float64Array(4).fill(Number.NaN);

  push({ open, high, low, close }: Bar): void {
    const { outputs } = this;
    const before = ((outputs[0] as number) + (outputs[3] as number)) / 2;
    outputs[0] = Number.isNaN(before) ? (open + close) / 2 : before;
    outputs[3] = (open + high + low + close) / 4;
    outputs[1] = Math.max(high, outputs[0], outputs[3]);
    outputs[2] = Math.min(low, outputs[0], outputs[3]);
  }
}

const KERNEL: KernelKind = { name: "HEIKIN_ASHI", create: () => new HeikinAshi() };

const SHARED = {
  parameters: [],
  family: "price",
  unit: "price",
  range: ABOVE_ZERO,
  firstIndex: () => 0,
  kernel: KERNEL,
  source: "TA-Lib HA",
} as const;

/** Each bar forgets half of what was before, as an EMA of 3 does. */
const RECURSIVE = { ...SHARED, settleBars: () => emaSettle(3) } as const;

export const HEIKIN_ASHI: readonly Definition[] = [
  {
    ...RECURSIVE,
    base: "HA_OPEN",
    output: 0,
    formula: "(HA_OPEN + HA_CLOSE)/2 of the bar before; (open + close)/2 on the first one",
  },
  { ...RECURSIVE, base: "HA_HIGH", output: 1, formula: "largest of high, HA_OPEN and HA_CLOSE" },
  { ...RECURSIVE, base: "HA_LOW", output: 2, formula: "smallest of low, HA_OPEN and HA_CLOSE" },
  { ...SHARED, base: "HA_CLOSE", output: 3, formula: "(open + high + low + close)/4" },
];
