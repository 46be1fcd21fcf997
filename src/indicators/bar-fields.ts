import type { Bar } from "../domain/bar.ts";
import { ABOVE_ZERO, type Definition, FROM_ZERO, type KernelKind } from "./definition.ts";
import type { Kernel } from "./indicator.ts";

class BarFields implements Kernel {
  readonly outputs: Float64Array = new Float64Array(5).fill(Number.NaN);

  push(bar: Bar): void {
    const { outputs } = this;
    outputs[0] = bar.open;
    outputs[1] = bar.high;
    outputs[2] = bar.low;
    outputs[3] = bar.close;
    outputs[4] = bar.volume;
  }
}

const BAR: KernelKind = { name: "BAR", create: () => new BarFields() };

export const BAR_FIELDS: readonly Definition[] = [
  {
    base: "OPEN",
    parameters: [],
    family: "price",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: () => 0,
    kernel: BAR,
    output: 0,
    formula: "open of the bar",
    source: "the bar",
  },
  {
    base: "HIGH",
    parameters: [],
    family: "price",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: () => 0,
    kernel: BAR,
    output: 1,
    formula: "high of the bar",
    source: "the bar",
  },
  {
    base: "LOW",
    parameters: [],
    family: "price",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: () => 0,
    kernel: BAR,
    output: 2,
    formula: "low of the bar",
    source: "the bar",
  },
  {
    base: "CLOSE",
    parameters: [],
    family: "price",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: () => 0,
    kernel: BAR,
    output: 3,
    formula: "close of the bar",
    source: "the bar",
  },
  {
    base: "VOLUME",
    parameters: [],
    family: "other",
    unit: "volume",
    range: FROM_ZERO,
    firstIndex: () => 0,
    kernel: BAR,
    output: 4,
    formula: "volume of the bar",
    source: "the bar",
  },
];
