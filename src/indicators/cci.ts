import { ANY_VALUE, type Definition, type KernelKind, parameter, period } from "./definition.ts";

const CCI: KernelKind = {
  name: "CCI",
  create() {
    throw new RangeError("CCI is not computed yet");
  },
};

export const COMMODITY_CHANNEL: readonly Definition[] = [
  {
    base: "CCI",
    parameters: [period("n", 20, 2)],
    family: "oscillator",
    unit: "dimensionless",
    range: ANY_VALUE,
    reference: { low: -200, high: 200 },
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: CCI,
    output: 0,
    formula: "(typical − mean)/(0.015·mean absolute deviation) over n bars",
    source: "TA-Lib CCI",
  },
];
