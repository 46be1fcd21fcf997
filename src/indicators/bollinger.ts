import type { Bar } from "../domain/bar.ts";
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
import { Deviation } from "./deviation.ts";
import type { Kernel } from "./indicator.ts";

class Bands implements Kernel {
  readonly outputs: Float64Array = new Float64Array(5).fill(Number.NaN);
  private readonly deviation: Deviation;
  private readonly k: number;

  constructor(n: number, k: number) {
    this.deviation = new Deviation(n);
    this.k = k;
  }

  push(bar: Bar): void {
    const { deviation, outputs } = this;
    deviation.push(bar.close);
    if (!deviation.full) {
      return;
    }
    const middle = deviation.mean;
    const half = this.k * deviation.value;
    const upper = middle + half;
    const lower = middle - half;
    outputs[0] = upper;
    outputs[1] = middle;
    outputs[2] = lower;
    // (close − lower)/(upper − lower), without the digits that the bands lose where they lie close
    // together.
    outputs[3] = upper > lower ? 0.5 + deviation.distance / (2 * half) : Number.NaN;
    outputs[4] = (2 * half) / middle;
  }
}

class StandardDeviation implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly deviation: Deviation;

  constructor(n: number) {
    this.deviation = new Deviation(n);
  }

  push(bar: Bar): void {
    this.deviation.push(bar.close);
    this.outputs[0] = this.deviation.full ? this.deviation.value : Number.NaN;
  }
}

const BANDS: KernelKind = { name: "BB", create: (p) => new Bands(parameter(p, 0), parameter(p, 1)) };
const DEVIATION: KernelKind = { name: "STDDEV", create: (p) => new StandardDeviation(parameter(p, 0)) };

export const BOLLINGER: readonly Definition[] = [
  {
    base: "BB_UPPER",
    parameters: [period("n", 20, 2), factor("k", 2)],
    family: "band",
    unit: "price",
    range: ANY_VALUE,
    takesSource: true,
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
    takesSource: true,
    rangeWithSource: "source",
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
    takesSource: true,
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
    takesSource: true,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: BANDS,
    output: 3,
    formula: "(close − lower)/(upper − lower), as 0.5 + (close − middle)/(2·k·STDDEV)",
    undefinedWhere: "upper = lower: STDDEV is 0, within 1e-12 of close",
    source: "R9, of TA-Lib BBANDS",
  },
  {
    base: "BB_WIDTH",
    parameters: [period("n", 20, 2), factor("k", 2)],
    family: "other",
    unit: "dimensionless",
    range: FROM_ZERO,
    takesSource: true,
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
    takesSource: true,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: DEVIATION,
    output: 0,
    formula: "population standard deviation of the last n closes",
    zeroWhere: "within 1e-12 of close",
    source: "TA-Lib STDDEV, k = 1",
  },
];
