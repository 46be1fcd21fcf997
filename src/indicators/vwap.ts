import type { Bar } from "../domain/bar.ts";
import { timeframeMs } from "../domain/timeframe.ts";
import { ABOVE_ZERO, type Definition, type KernelKind } from "./definition.ts";
import type { Kernel } from "./indicator.ts";
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

  push(bar: Bar): void {
    if (bar.openTime % DAY_MS === 0) {
      this.anchored = true;
      this.turnover = 0;
      this.turnoverRest = 0;
      this.volume = 0;
      this.volumeRest = 0;
    }
    this.add(typicalPrice(bar) * bar.volume, bar.volume);
    // 0/0, undefined, while nothing has been traded.
    const average = (this.turnover + this.turnoverRest) / (this.volume + this.volumeRest);
    this.outputs[0] = this.anchored ? average : Number.NaN;
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

const VWAP_KERNEL: KernelKind = { name: "VWAP", create: () => new VolumeWeighted() };

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
    undefinedWhere: "the series has not held a bar that opens at 00:00 UTC yet, or the volume since then is 0",
    source: "R9",
  },
];
