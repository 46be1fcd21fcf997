import type { Bar } from "../../domain/bar.ts";
import { ABOVE_ZERO, type Definition, type KernelKind } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { typicalPrice } from "../typical-price.ts";

class Transforms implements Kernel {
  readonly outputs: Float64Array = new Float64Array(4).fill(Number.NaN);

  push(bar: Bar): void {
    const { outputs } = this;
    outputs[0] = (bar.high + bar.low + bar.close + bar.open) / 4;
    outputs[1] = (bar.high + bar.low) / 2;
    outputs[2] = typicalPrice(bar);
    outputs[3] = (bar.high + bar.low + bar.close * 2) / 4;
  }
}

const OF_BAR = {
  parameters: [],
  family: "price",
  unit: "price",
  range: ABOVE_ZERO,
  firstIndex: () => 0,
  kernel: { name: "PRICES", create: () => new Transforms() } satisfies KernelKind,
} as const;

/** Prices made of those of one bar. */
export const TRANSFORMS: readonly Definition[] = [
  { ...OF_BAR, base: "AVGPRICE", output: 0, formula: "(open + high + low + close)/4", source: "TA-Lib AVGPRICE" },
  { ...OF_BAR, base: "MEDPRICE", output: 1, formula: "(high + low)/2", source: "TA-Lib MEDPRICE" },
  { ...OF_BAR, base: "TYPPRICE", output: 2, formula: "(high + low + close)/3", source: "TA-Lib TYPPRICE" },
  { ...OF_BAR, base: "WCLPRICE", output: 3, formula: "(high + low + 2·close)/4", source: "TA-Lib WCLPRICE" },
];
