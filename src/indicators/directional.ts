import { type Definition, type KernelKind, parameter, period, wilderSettle, within } from "./definition.ts";

const DIRECTION: KernelKind = {
  name: "ADX",
  create() {
    throw new RangeError("ADX is not computed yet");
  },
};

export const DIRECTIONAL: readonly Definition[] = [
  {
    base: "ADX",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => 2 * parameter(p, 0) - 1,
    settleBars: (p) => 2 * wilderSettle(parameter(p, 0)),
    kernel: DIRECTION,
    output: 0,
    formula: "Wilder's average of 100·|PLUS_DI − MINUS_DI|/(PLUS_DI + MINUS_DI)",
    source: "TA-Lib ADX",
  },
  {
    base: "PLUS_DI",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0),
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: DIRECTION,
    output: 1,
    formula: "100·upward movement/true range, Wilder's sums",
    source: "TA-Lib PLUS_DI",
  },
  {
    base: "MINUS_DI",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0),
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: DIRECTION,
    output: 2,
    formula: "100·downward movement/true range, Wilder's sums",
    source: "TA-Lib MINUS_DI",
  },
];
