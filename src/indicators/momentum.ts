import { ANY_VALUE, type Definition, type KernelKind, parameter, period } from "./definition.ts";

const CHANGE: KernelKind = {
  name: "CHANGE",
  create() {
    throw new RangeError("CHANGE is not computed yet");
  },
};

export const MOMENTUM: readonly Definition[] = [
  {
    base: "ROC",
    parameters: [period("n", 10)],
    family: "trend",
    unit: "dimensionless",
    range: { low: -100, high: Number.POSITIVE_INFINITY, lowOpen: false },
    firstIndex: (p) => parameter(p, 0),
    kernel: CHANGE,
    output: 0,
    formula: "100·(close/close n bars ago − 1)",
    source: "TA-Lib ROC",
  },
  {
    base: "MOM",
    parameters: [period("n", 10)],
    family: "trend",
    unit: "price",
    range: ANY_VALUE,
    firstIndex: (p) => parameter(p, 0),
    kernel: CHANGE,
    output: 1,
    formula: "close − close n bars ago",
    source: "TA-Lib MOM",
  },
];
