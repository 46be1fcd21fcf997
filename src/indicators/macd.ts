import { ANY_VALUE, type Definition, emaSettle, type KernelKind, parameter, period } from "./definition.ts";

const MACD: KernelKind = {
  name: "MACD",
  create() {
    throw new RangeError("MACD is not computed yet");
  },
};

export const CONVERGENCE: readonly Definition[] = [
  {
    base: "MACD",
    parameters: [period("fast", 12, 2), period("slow", 26, 2), period("signal", 9)],
    family: "trend",
    unit: "price",
    range: ANY_VALUE,
    firstIndex: (p) => parameter(p, 1) + parameter(p, 2) - 2,
    settleBars: (p) => emaSettle(parameter(p, 1)) + emaSettle(parameter(p, 2)),
    kernel: MACD,
    output: 0,
    formula: "EMA(fast) − EMA(slow) of close, both seeded to end on the same bar",
    source: "TA-Lib MACD",
  },
  {
    base: "MACD_SIGNAL",
    parameters: [period("fast", 12, 2), period("slow", 26, 2), period("signal", 9)],
    family: "trend",
    unit: "price",
    range: ANY_VALUE,
    firstIndex: (p) => parameter(p, 1) + parameter(p, 2) - 2,
    settleBars: (p) => emaSettle(parameter(p, 1)) + emaSettle(parameter(p, 2)),
    kernel: MACD,
    output: 1,
    formula: "EMA(signal) of MACD",
    source: "TA-Lib MACD",
  },
  {
    base: "MACD_HIST",
    parameters: [period("fast", 12, 2), period("slow", 26, 2), period("signal", 9)],
    family: "trend",
    unit: "price",
    range: ANY_VALUE,
    firstIndex: (p) => parameter(p, 1) + parameter(p, 2) - 2,
    settleBars: (p) => emaSettle(parameter(p, 1)) + emaSettle(parameter(p, 2)),
    kernel: MACD,
    output: 2,
    formula: "MACD − MACD_SIGNAL",
    source: "TA-Lib MACD",
  },
];
