import type { Bar } from "../../domain/bar.ts";
import { ABOVE_ZERO, type Definition, type KernelKind, parameter, period, within } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { WindowSum } from "../window-sum.ts";

/** A mean over the last `n` bars, of which each weighs as much as was traded. */
class VolumeWeighted implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly weighted: WindowSum;
  private readonly volumes: WindowSum;
  private readonly reading: (bar: Bar) => number;
  private missing: number;

  constructor(n: number, reading: (bar: Bar) => number) {
    this.weighted = new WindowSum(n);
    this.volumes = new WindowSum(n);
    this.reading = reading;
    this.missing = n - 1;
  }

  push(bar: Bar): void {
    this.weighted.push(this.reading(bar) * bar.volume);
    this.volumes.push(bar.volume);
    if (this.missing > 0) {
      this.missing--;
      return;
    }
    const volume = this.volumes.value;
    this.outputs[0] = volume > 0 ? this.weighted.value / volume : Number.NaN;
  }
}

/** Where a bar closed in its range: −1 at the low, 1 at the high; 0 where there is no range. */
function closeLocation({ high, low, close }: Bar): number {
  return high === low ? 0 : (close - low - (high - close)) / (high - low);
}

const VWMA: KernelKind = {
  name: "VWMA",
  create: (p) => new VolumeWeighted(parameter(p, 0), ({ close }) => close),
};
const CMF: KernelKind = { name: "CMF", create: (p) => new VolumeWeighted(parameter(p, 0), closeLocation) };

const SHARED = {
  parameters: [period("n", 20)],
  firstIndex: (p: readonly number[]) => parameter(p, 0) - 1,
  output: 0,
  undefinedWhere: "nothing was traded in the last n bars",
} as const;

/** Means that are weighted by volume. */
export const VOLUME_WEIGHTED: readonly Definition[] = [
  {
    ...SHARED,
    base: "VWMA",
    family: "average",
    unit: "price",
    range: ABOVE_ZERO,
    kernel: VWMA,
    formula: "sum(close·volume)/sum(volume) over n bars",
    source: "TA-Lib VWMA",
  },
  {
    ...SHARED,
    base: "CMF",
    family: "trend",
    unit: "dimensionless",
    range: within(-1, 1),
    kernel: CMF,
    formula:
      "sum(where·volume)/sum(volume) over n bars, where = ((close − low) − (high − close))/(high − low), 0 where high = low",
    source: "TA-Lib CMF",
  },
];
