import { type Definition, emaSettle, type KernelKind, parameter, period, within } from "./definition.ts";

const SMA_CROSS: KernelKind = {
  name: "SMA_CROSS",
  create() {
    throw new RangeError("SMA_CROSS is not computed yet");
  },
};

const EMA_CROSS: KernelKind = {
  name: "EMA_CROSS",
  create() {
    throw new RangeError("EMA_CROSS is not computed yet");
  },
};

export const CROSSES: readonly Definition[] = [
  {
    base: "SMA_CROSS",
    parameters: [period("fast", 20), period("slow", 50)],
    family: "trend",
    unit: "dimensionless",
    range: within(-1, 1),
    firstIndex: (p) => parameter(p, 1) - 1,
    kernel: SMA_CROSS,
    output: 0,
    formula: "sign of SMA(fast) − SMA(slow); 0 within 1e-12 of slow",
    source: "R9, of TA-Lib SMA",
  },
  {
    base: "EMA_CROSS",
    parameters: [period("fast", 20), period("slow", 50)],
    family: "trend",
    unit: "dimensionless",
    range: within(-1, 1),
    firstIndex: (p) => parameter(p, 1) - 1,
    settleBars: (p) => emaSettle(parameter(p, 1)),
    kernel: EMA_CROSS,
    output: 0,
    formula: "sign of EMA(fast) − EMA(slow); 0 within 1e-12 of slow",
    source: "R9, of TA-Lib EMA",
  },
];
