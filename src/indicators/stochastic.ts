import { type Definition, type KernelKind, parameter, period, within } from "./definition.ts";

const STOCHASTIC_KERNEL: KernelKind = {
  name: "STOCH",
  create() {
    throw new RangeError("STOCH is not computed yet");
  },
};

const WILLIAMS: KernelKind = {
  name: "WILLR",
  create() {
    throw new RangeError("WILLR is not computed yet");
  },
};

export const STOCHASTIC: readonly Definition[] = [
  {
    base: "STOCH_K",
    parameters: [period("k", 14), period("s", 3), period("d", 3)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0) + parameter(p, 1) + parameter(p, 2) - 3,
    kernel: STOCHASTIC_KERNEL,
    output: 0,
    formula: "SMA over s of 100·(close − lowest)/(highest − lowest) over k bars",
    source: "TA-Lib STOCH",
  },
  {
    base: "STOCH_D",
    parameters: [period("k", 14), period("s", 3), period("d", 3)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(0, 100),
    firstIndex: (p) => parameter(p, 0) + parameter(p, 1) + parameter(p, 2) - 3,
    kernel: STOCHASTIC_KERNEL,
    output: 1,
    formula: "SMA over d of STOCH_K",
    source: "TA-Lib STOCH",
  },
  {
    base: "WILLR",
    parameters: [period("n", 14, 2)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(-100, 0),
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: WILLIAMS,
    output: 0,
    formula: "−100·(highest − close)/(highest − lowest) over n bars",
    source: "TA-Lib WILLR",
  },
];
