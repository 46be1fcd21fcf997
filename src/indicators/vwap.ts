import type { Bar } from "../domain/bar.ts";
import { timeframeMs } from "../domain/timeframe.ts";
import { ABOVE_ZERO, ANY_VALUE, type Definition, factor, type KernelKind, parameter } from "./definition.ts";
import type { Kernel } from "./indicator.ts";
import { withoutRounding } from "./rounding.ts";
import { sumError } from "./rounding-error.ts";
import { typicalPrice } from "./typical-price.ts";

const DAY_MS = timeframeMs("1d");

/**
 * Sums since the last bar that opens at 00:00 UTC; before the first of those there is no value,
 * since the day it would be of is not whole (R10). A series has no gaps (R5), so that bar is the
 * one of the current day.
 */
class VolumeWeighted implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private anchored = false;
  private turnover = 0;
  private turnoverRest = 0;
  private volume = 0;
  private volumeRest = 0;
  /** Sum of volume·(typical − average)², each with the averages before and after it (West 1979). */
  private spread = 0;

  push(bar: Bar): void {
    if (bar.openTime % DAY_MS === 0) {
      this.anchored = true;
      this.turnover = 0;
      this.turnoverRest = 0;
      this.volume = 0;
      this.volumeRest = 0;
      this.spread = 0;
    }
    const typical = typicalPrice(bar);
    const before = this.volume > 0 ? this.average : typical;
    this.add(typical * bar.volume, bar.volume);
    this.spread += bar.volume > 0 ? Math.max(0, bar.volume * (typical - before) * (typical - this.average)) : 0;
    this.outputs[0] = this.anchored ? this.average : Number.NaN;
  }

  /** 0/0, undefined, while nothing has been traded. */
  private get average(): number {
    return (this.turnover + this.turnoverRest) / (this.volume + this.volumeRest);
  }

  /** Standard deviation of the typical prices, each weighing as much as was traded. */
  get deviation(): number {
    return withoutRounding(Math.sqrt(this.spread / (this.volume + this.volumeRest)), this.average);
  }

  private add(turnover: number, volume: number): void {
    const turnovers = this.turnover + turnover;
    this.turnoverRest += sumError(this.turnover, turnover, turnovers);
    this.turnover = turnovers;
    const volumes = this.volume + volume;
    this.volumeRest += sumError(this.volume, volume, volumes);
    this.volume = volumes;
  }
}

class VolumeWeightedBands implements Kernel {
  readonly outputs: Float64Array = new Float64Array(2).fill(Number.NaN);
  private readonly average = new VolumeWeighted();
  private readonly k: number;

  constructor(k: number) {
    this.k = k;
  }

  push(bar: Bar): void {
    this.average.push(bar);
    const middle = this.average.outputs[0] as number;
    const half = this.k * this.average.deviation;
    this.outputs[0] = middle + half;
    this.outputs[1] = middle - half;
  }
}

const VWAP_KERNEL: KernelKind = { name: "VWAP", create: () => new VolumeWeighted() };
const VWAP_BANDS: KernelKind = { name: "VWAP_BANDS", create: (p) => new VolumeWeightedBands(parameter(p, 0)) };

const NOTHING_TRADED = "the series has not held a bar that opens at 00:00 UTC yet, or the volume since then is 0";

const BAND = {
  parameters: [factor("k", 1)],
  family: "band",
  unit: "price",
  intradayOnly: true,
  firstIndex: () => 0,
  kernel: VWAP_BANDS,
  undefinedWhere: NOTHING_TRADED,
  source: "TradingView VWAP bands",
} as const;

export const VWAP: readonly Definition[] = [
  {
    base: "VWAP",
    parameters: [],
    family: "average",
    unit: "price",
    range: ABOVE_ZERO,
    intradayOnly: true,
    firstIndex: () => 0,
    kernel: VWAP_KERNEL,
    output: 0,
    formula: "sum(typical·volume)/sum(volume) since 00:00 UTC, typical = (high + low + close)/3",
    undefinedWhere: NOTHING_TRADED,
    source: "R9",
  },
  {
    ...BAND,
    base: "VWAP_UPPER",
    range: ABOVE_ZERO,
    output: 0,
    formula: "VWAP + k·sqrt(sum(volume·(typical − VWAP)²)/sum(volume)) since 00:00 UTC",
  },
  { ...BAND, base: "VWAP_LOWER", range: ANY_VALUE, output: 1, formula: "VWAP − k times the same deviation" },
];
