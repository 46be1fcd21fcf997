import { ABOVE_ZERO, type Definition, emaSettle, FROM_ZERO, type KernelKind, parameter, period } from "./definition.ts";

const SMA: KernelKind = {
  name: "SMA",
  create() {
    throw new RangeError("SMA is not computed yet");
  },
};

const EMA: KernelKind = {
  name: "EMA",
  create() {
    throw new RangeError("EMA is not computed yet");
  },
};

const WMA: KernelKind = {
  name: "WMA",
  create() {
    throw new RangeError("WMA is not computed yet");
  },
};

const VOLUME_SMA: KernelKind = {
  name: "VOLUME_SMA",
  create() {
    throw new RangeError("VOLUME_SMA is not computed yet");
  },
};

export const MOVING_AVERAGES: readonly Definition[] = [
  {
    base: "SMA",
    parameters: [period("n", 20)],
    family: "average",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: SMA,
    output: 0,
    formula: "mean of the last n closes",
    source: "TA-Lib SMA",
  },
  {
    base: "EMA",
    parameters: [period("n", 20)],
    family: "average",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: (p) => parameter(p, 0) - 1,
    settleBars: (p) => emaSettle(parameter(p, 0)),
    kernel: EMA,
    output: 0,
    formula: "e + 2/(n + 1)·(close − e), seeded with the SMA of the first n closes",
    source: "TA-Lib EMA",
  },
  {
    base: "WMA",
    parameters: [period("n", 20, 2)],
    family: "average",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: WMA,
    output: 0,
    formula: "sum(i·close_i)/sum(i), i = 1 for the oldest of the last n closes, n for the newest",
    source: "TA-Lib WMA",
  },
  {
    base: "VOLUME_SMA",
    parameters: [period("n", 20)],
    family: "other",
    unit: "volume",
    range: FROM_ZERO,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: VOLUME_SMA,
    output: 0,
    formula: "mean of the last n volumes",
    source: "TA-Lib SMA of volume",
  },
];
