import { type Definition, type KernelKind, parameter, period, within } from "./definition.ts";

const AROON_KERNEL: KernelKind = {
  name: "AROON",
  create() {
    throw new RangeError("AROON is not computed yet");
  },
};

export const AROON: readonly Definition[] = [
  {
    base: "AROON_OSC",
    parameters: [period("n", 14, 2)],
    family: "trend",
    unit: "dimensionless",
    range: within(-100, 100),
    firstIndex: (p) => parameter(p, 0),
    kernel: AROON_KERNEL,
    output: 0,
    formula: "AROON_UP − AROON_DOWN",
    source: "TA-Lib AROONOSC",
  },
  {
    base: "AROON_UP",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0),
    kernel: AROON_KERNEL,
    output: 1,
    formula: "100·(n − bars since the highest high of n + 1 bars)/n",
    source: "TA-Lib AROON",
  },
  {
    base: "AROON_DOWN",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0),
    kernel: AROON_KERNEL,
    output: 2,
    formula: "100·(n − bars since the lowest low of n + 1 bars)/n",
    source: "TA-Lib AROON",
  },
];
