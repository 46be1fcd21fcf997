import { type Definition, type KernelKind, parameter, period, within } from "./definition.ts";

const MFI: KernelKind = {
  name: "MFI",
  create() {
    throw new RangeError("MFI is not computed yet");
  },
};

export const MONEY_FLOW: readonly Definition[] = [
  {
    base: "MFI",
    parameters: [period("n", 14, 2)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0),
    kernel: MFI,
    output: 0,
    formula: "100·inflow/(inflow + outflow); flow = typical·volume, in where typical rose, out where it fell",
    source: "TA-Lib MFI",
  },
];
