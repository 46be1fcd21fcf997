import { ABOVE_ZERO, type Definition, type KernelKind } from "./definition.ts";

const VWAP_KERNEL: KernelKind = {
  name: "VWAP",
  create() {
    throw new RangeError("VWAP is not computed yet");
  },
};

export const VWAP: readonly Definition[] = [
  {
    base: "VWAP",
    parameters: [],
    family: "average",
    unit: "price",
    range: ABOVE_ZERO,
    intradayOnly: true,
    firstIndex: () => 0,
    kernel: VWAP_KERNEL,
    output: 0,
    formula: "sum(typical·volume)/sum(volume) since 00:00 UTC, typical = (high + low + close)/3",
    source: "R9",
  },
];
