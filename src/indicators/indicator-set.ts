import type { Bar } from "../domain/bar.ts";
import type { Indicator, Kernel } from "./indicator.ts";
import { kernelSource } from "./registry.ts";

/**
 * Values of a set of indicators over one series, kept for the last few bars. Indicators that are outputs of one kernel share it.
 * A push allocates nothing.
 */
export class IndicatorSet {
  /** How many bars back values can be read, the last one included. */
  static readonly DEPTH = 8;

  private readonly kernels: readonly Kernel[];
  private readonly slots: ReadonlyMap<string, number>;
  /** By slot: the outputs of its kernel, and which of them. */
  private readonly outputs: readonly Float64Array[];
  private readonly output: Int32Array;
  /** Slot by slot DEPTH values, of which bar b has the one at b modulo DEPTH. */
  private readonly history: Float64Array;
  private pushed = 0;

  /** An indicator's slot is its place here; one that is here twice has the first. */
  constructor(indicators: readonly Indicator[]) {
    const kernels = new Map<string, Kernel>();
    const slots = new Map<string, number>();
    const outputs: Float64Array[] = [];
    this.output = new Int32Array(indicators.length);
    for (const [slot, indicator] of indicators.entries()) {
      const source = kernelSource(indicator);
      const kernel = kernels.get(source.key) ?? source.create();
      kernels.set(source.key, kernel);
      outputs.push(kernel.outputs);
      this.output[slot] = source.output;
      if (!slots.has(indicator.name)) {
        slots.set(indicator.name, slot);
      }
    }
    this.kernels = [...kernels.values()];
    this.slots = slots;
    this.outputs = outputs;
    this.history = new Float64Array(indicators.length * IndicatorSet.DEPTH).fill(Number.NaN);
  }

  /** Bars pushed so far. */
  get bars(): number {
    return this.pushed;
  }

  /** Takes the next closed bar, which is valid (R3) and follows the last one. */
  push(bar: Bar): void {
    const { kernels, outputs, output, history } = this;
    for (let i = 0; i < kernels.length; i++) {
      (kernels[i] as Kernel).push(bar);
    }
    let at = this.pushed % IndicatorSet.DEPTH;
    for (let slot = 0; slot < outputs.length; slot++) {
      history[at] = (outputs[slot] as Float64Array)[output[slot] as number] as number;
      at += IndicatorSet.DEPTH;
    }
    this.pushed++;
  }

  /** The slot of an indicator by canonical name, −1 where it is not in the set. */
  slot(name: string): number {
    return this.slots.get(name) ?? -1;
  }

  /** The value of a slot as of `back` bars before the last one, 0 to DEPTH − 1; NaN where undefined or before the first bar. */
  value(slot: number, back = 0): number {
    if (back < 0 || back >= IndicatorSet.DEPTH || slot < 0 || slot >= this.outputs.length) {
      throw new RangeError(`no value ${back} bars back in slot ${slot}: back is 0 to ${IndicatorSet.DEPTH - 1}`);
    }
    const bar = this.pushed - 1 - back;
    return bar < 0 ? Number.NaN : (this.history[slot * IndicatorSet.DEPTH + (bar % IndicatorSet.DEPTH)] as number);
  }
}

/** Values of one indicator over a whole series, one a bar; NaN where undefined. */
export function computeIndicator(indicator: Indicator, bars: readonly Bar[]): Float64Array {
  const source = kernelSource(indicator);
  const kernel = source.create();
  return Float64Array.from(bars, (bar) => {
    kernel.push(bar);
    return kernel.outputs[source.output] as number;
  });
}
