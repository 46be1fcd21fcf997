import type { Bar } from "../domain/bar.ts";
import { ANY_VALUE, type Definition, type KernelKind, parameter, period } from "./definition.ts";
import type { Kernel } from "./indicator.ts";
import { typicalPrice } from "./typical-price.ts";

/**
 * Distances from the mean that are this small a part of it are how (h + l + c)/3 rounds, no signal:
 * 0, as in TA-Lib.
 */
const ROUNDING = 1e-14;

/**
 * The mean moves with every bar and with it all n distances from it, so the window is added up
 * anew: the one kernel that is O(n). n is at most 500; the values are added in the order that
 * TA-Lib adds them, so that near ties round alike.
 */
class CommodityChannel implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly ring: Float64Array;
  private at = 0;
  private bars = 0;
  private last = Number.NaN;
  /** How many typical prices in a row were equal. */
  private same = 0;

  constructor(n: number) {
    this.ring = new Float64Array(n);
  }

  push(bar: Bar): void {
    const { ring } = this;
    const n = ring.length;
    const typical = typicalPrice(bar);
    this.same = typical === this.last ? this.same + 1 : 1;
    this.last = typical;
    ring[this.at] = typical;
    this.at = this.at + 1 === n ? 0 : this.at + 1;
    this.bars++;
    if (this.bars < n) {
      return;
    }
    let sum = 0;
    for (let i = 0; i < n; i++) {
      sum += ring[i] as number;
    }
    const mean = sum / n;
    let distances = 0;
    for (let i = 0; i < n; i++) {
      distances += Math.abs((ring[i] as number) - mean);
    }
    this.outputs[0] = this.same >= n ? Number.NaN : index(typical - mean, distances / n, mean);
  }
}

function index(distance: number, meanDistance: number, mean: number): number {
  const rounding = ROUNDING * mean;
  return Math.abs(distance) <= rounding || meanDistance <= rounding ? 0 : distance / (0.015 * meanDistance);
}

const CCI: KernelKind = { name: "CCI", create: (p) => new CommodityChannel(parameter(p, 0)) };

export const COMMODITY_CHANNEL: readonly Definition[] = [
  {
    base: "CCI",
    parameters: [period("n", 20, 2)],
    family: "oscillator",
    unit: "dimensionless",
    range: ANY_VALUE,
    reference: { low: -200, high: 200 },
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: CCI,
    output: 0,
    formula: "(typical − mean)/(0.015·mean absolute deviation) over n bars",
    undefinedWhere: "the last n typical prices are all equal",
    zeroWhere: "typical − mean, or the mean deviation, is within 1e-14 of the mean",
    source: "TA-Lib CCI",
  },
];
