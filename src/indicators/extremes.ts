import { ABOVE_ZERO, type Definition, type KernelKind, parameter, period } from "./definition.ts";

const EXTREME: KernelKind = {
  name: "EXTREME",
  create() {
    throw new RangeError("EXTREME is not computed yet");
  },
};

export const EXTREMES: readonly Definition[] = [
  {
    base: "HIGHEST",
    parameters: [period("n", 20)],
    family: "extreme",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: (p) => parameter(p, 0),
    kernel: EXTREME,
    output: 0,
    formula: "largest high of the n bars before the current one",
    source: "TA-Lib MAX of high, one bar back",
  },
  {
    base: "LOWEST",
    parameters: [period("n", 20)],
    family: "extreme",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: (p) => parameter(p, 0),
    kernel: EXTREME,
    output: 1,
    formula: "smallest low of the n bars before the current one",
    source: "TA-Lib MIN of low, one bar back",
  },
];
