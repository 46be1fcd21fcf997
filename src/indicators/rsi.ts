import { type Definition, type KernelKind, parameter, period, wilderSettle, within } from "./definition.ts";

const RSI: KernelKind = {
  name: "RSI",
  create() {
    throw new RangeError("RSI is not computed yet");
  },
};

export const RELATIVE_STRENGTH: readonly Definition[] = [
  {
    base: "RSI",
    parameters: [period("n", 14, 2)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0),
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: RSI,
    output: 0,
    formula: "100·gain/(gain + loss), Wilder's averages of the rises and falls of close",
    source: "TA-Lib RSI",
  },
];
