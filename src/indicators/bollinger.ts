import {
  ABOVE_ZERO,
  ANY_VALUE,
  type Definition,
  FROM_ZERO,
  factor,
  type KernelKind,
  parameter,
  period,
} from "./definition.ts";

const BANDS: KernelKind = {
  name: "BB",
  create() {
    throw new RangeError("BB is not computed yet");
  },
};

const DEVIATION: KernelKind = {
  name: "STDDEV",
  create() {
    throw new RangeError("STDDEV is not computed yet");
  },
};

export const BOLLINGER: readonly Definition[] = [
  {
    base: "BB_UPPER",
    parameters: [period("n", 20, 2), factor("k", 2)],
    family: "band",
    unit: "price",
    range: ANY_VALUE,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: BANDS,
    output: 0,
    formula: "middle + k·STDDEV",
    source: "TA-Lib BBANDS",
  },
  {
    base: "BB_MIDDLE",
    parameters: [period("n", 20, 2), factor("k", 2)],
    family: "band",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: BANDS,
    output: 1,
    formula: "SMA of close",
    source: "TA-Lib BBANDS",
  },
  {
    base: "BB_LOWER",
    parameters: [period("n", 20, 2), factor("k", 2)],
    family: "band",
    unit: "price",
    range: ANY_VALUE,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: BANDS,
    output: 2,
    formula: "middle − k·STDDEV",
    source: "TA-Lib BBANDS",
  },
  {
    base: "BB_PERCENT",
    parameters: [period("n", 20, 2), factor("k", 2)],
    family: "oscillator",
    unit: "dimensionless",
    range: ANY_VALUE,
    reference: { low: 0, high: 1 },
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: BANDS,
    output: 3,
    formula: "(close − lower)/(upper − lower)",
    source: "R9, of TA-Lib BBANDS",
  },
  {
    base: "BB_WIDTH",
    parameters: [period("n", 20, 2), factor("k", 2)],
    family: "other",
    unit: "dimensionless",
    range: FROM_ZERO,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: BANDS,
    output: 4,
    formula: "(upper − lower)/middle",
    source: "R9, of TA-Lib BBANDS",
  },
  {
    base: "STDDEV",
    parameters: [period("n", 20, 2)],
    family: "other",
    unit: "price",
    range: FROM_ZERO,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: DEVIATION,
    output: 0,
    formula: "population standard deviation of the last n closes",
    source: "TA-Lib STDDEV, k = 1",
  },
];
