import { type Definition, FROM_ZERO, type KernelKind, parameter, period, wilderSettle } from "./definition.ts";

const RANGE: KernelKind = {
  name: "ATR",
  create() {
    throw new RangeError("ATR is not computed yet");
  },
};

export const TRUE_RANGE: readonly Definition[] = [
  {
    base: "ATR",
    parameters: [period("n", 14)],
    family: "other",
    unit: "price",
    range: FROM_ZERO,
    firstIndex: (p) => parameter(p, 0),
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: RANGE,
    output: 0,
    formula: "Wilder's average of the true range, seeded with the mean of its first n values",
    source: "TA-Lib ATR",
  },
  {
    base: "NATR",
    parameters: [period("n", 14)],
    family: "other",
    unit: "dimensionless",
    range: FROM_ZERO,
    firstIndex: (p) => parameter(p, 0),
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: RANGE,
    output: 1,
    formula: "100·ATR/close",
    source: "TA-Lib NATR",
  },
];
