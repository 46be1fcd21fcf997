import type { Bar } from "../domain/bar.ts";
import type { Indicator, Kernel, KernelSource } from "./indicator.ts";
import { KernelPool } from "./kernel-pool.ts";
import { kernelSource } from "./registry.ts";

/** How many bars back values of every indicator can be read, the last one included. */
export const USUAL_DEPTH = 8;

/**
 * What sets of the same indicators have in common: one for each list, however many series compute
 * it.
 */
export class SetLayout {
  readonly sources: readonly KernelSource[];
  /** An indicator's slot is its place in the list; one that is there twice has the first. */
  readonly slots: ReadonlyMap<string, number>;
  /**
   * By slot the row that says from which bar on the value is ready, behind those of the values; −1
   * where the number of bars says so.
   */
  readonly readyRow: Int32Array;
  readonly rows: number;
  /** By row: of how many bars values are kept, a power of two, and where these begin. */
  readonly depths: Int32Array;
  readonly firsts: Int32Array;
  /** Values of all rows. */
  readonly length: number;

  constructor(indicators: readonly Indicator[]) {
    this.sources = indicators.map(kernelSource);
    let rows = indicators.length;
    this.readyRow = Int32Array.from(this.sources, ({ readiness }) => (readiness === undefined ? -1 : rows++));
    this.rows = rows;
    this.depths = new Int32Array(rows).fill(USUAL_DEPTH);
    indicators.forEach(({ depth = USUAL_DEPTH }, slot) => {
      this.depths[slot] = depth;
      const row = this.readyRow[slot] as number;
      if (row >= 0) {
        this.depths[row] = depth;
      }
    });
    let length = 0;
    this.firsts = this.depths.map((depth) => {
      length += depth;
      return length - depth;
    });
    this.length = length;
    this.slots = new Map(indicators.map(({ name }, slot) => [name, slot] as const).reverse());
  }

  /** The slot of an indicator by canonical name, −1 where it is not in the set. */
  slot(name: string): number {
    return this.slots.get(name) ?? -1;
  }

  /** Whether it is in the set, with the values that are wanted of it. */
  keeps({ name, depth = USUAL_DEPTH }: Indicator): boolean {
    const slot = this.slot(name);
    return slot >= 0 && (this.depths[slot] as number) >= depth;
  }
}

const LAYOUTS = new WeakMap<readonly Indicator[], SetLayout>();

function layoutOf(indicators: readonly Indicator[]): SetLayout {
  const known = LAYOUTS.get(indicators);
  if (known !== undefined) {
    return known;
  }
  const layout = new SetLayout(indicators);
  LAYOUTS.set(indicators, layout);
  return layout;
}

/**
 * Values of a set of indicators over one series, kept for the last few bars. Indicators that are
 * outputs of one kernel share it. A push allocates nothing.
 */
export class IndicatorSet {
  static readonly DEPTH = USUAL_DEPTH;

  readonly layout: SetLayout;
  private readonly kernels: readonly Kernel[];
  /** By row: the outputs of its kernel, and which of them. */
  private readonly outputs: readonly Float64Array[];
  private readonly output: Int32Array;
  /** Row by row its values, of which bar b has the one at b modulo the row's depth. */
  private readonly history: Float64Array;
  private pushed = 0;

  /** `settled`: whether values are ready once settled, rather than defined (R11). */
  constructor(indicators: readonly Indicator[], settled = true) {
    this.layout = layoutOf(indicators);
    const { sources, readyRow, rows } = this.layout;
    const pool = new KernelPool();
    const outputs: Float64Array[] = [];
    this.output = new Int32Array(rows);
    for (const [slot, source] of sources.entries()) {
      outputs[slot] = pool.outputsOf(source);
      this.output[slot] = settled ? (source.readiness?.settled ?? source.output) : source.output;
      const row = readyRow[slot] as number;
      if (source.readiness !== undefined) {
        outputs[row] = outputs[slot];
        this.output[row] = settled ? source.readiness.settledAt : source.readiness.definedAt;
      }
    }
    this.kernels = pool.inOrder();
    this.outputs = outputs;
    this.history = new Float64Array(this.layout.length).fill(Number.NaN);
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
    const { firsts, depths } = this.layout;
    for (let row = 0; row < outputs.length; row++) {
      const at = (firsts[row] as number) + (this.pushed & ((depths[row] as number) - 1));
      history[at] = (outputs[row] as Float64Array)[output[row] as number] as number;
    }
    this.pushed++;
  }

  /** The slot of an indicator by canonical name, −1 where it is not in the set. */
  slot(name: string): number {
    return this.layout.slot(name);
  }

  /**
   * The value of a slot as of `back` bars before the last one; NaN where undefined, before the first
   * bar, and where the value is not kept any more.
   */
  value(slot: number, back = 0): number {
    if (back < 0 || slot < 0 || slot >= this.layout.sources.length) {
      throw new RangeError(`no value ${back} bars back in slot ${slot}: give a slot of the set, and 0 or more bars`);
    }
    return this.#kept(slot, back);
  }

  #kept(row: number, back: number): number {
    const bar = this.pushed - 1 - back;
    const depth = this.layout.depths[row] as number;
    return bar < 0 || back >= depth
      ? Number.NaN
      : (this.history[(this.layout.firsts[row] as number) + (bar & (depth - 1))] as number);
  }

  /**
   * How many bars a value lacks as of `back` bars before the last one, where its source says so and
   * not the number of bars alone (R54); else 0.
   */
  lacking(slot: number, back: number): number {
    const row = slot < 0 ? -1 : (this.layout.readyRow[slot] as number);
    const bar = this.pushed - 1 - back;
    if (row < 0 || bar < 0) {
      return 0;
    }
    const readyAt = this.#kept(row, back);
    return Number.isNaN(readyAt) ? 0 : Math.max(0, readyAt - bar);
  }

  /**
   * As `value`, for many slots: each as of `offset` and its own bars back, NaN for a slot of −1.
   * Value `i` goes to `into[from + step * i]`.
   */
  values(slots: Int32Array, backs: Int32Array, offset: number, into: Float64Array, from: number, step: number): void {
    const { history } = this;
    const { firsts, depths } = this.layout;
    const last = this.pushed - 1 - offset;
    let place = from;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number;
      const bar = last - (backs[i] as number);
      const at = (firsts[slot] as number) + (bar & ((depths[slot] as number) - 1));
      into[place] = slot < 0 || bar < 0 ? Number.NaN : (history[at] as number);
      place += step;
    }
  }
}

/** Values of one indicator over a whole series, one a bar; NaN where undefined. */
export function computeIndicator(indicator: Indicator, bars: readonly Bar[]): Float64Array {
  const source = kernelSource(indicator);
  const kernel = source.create([]);
  return Float64Array.from(bars, (bar) => {
    kernel.push(bar);
    return kernel.outputs[source.output] as number;
  });
}
