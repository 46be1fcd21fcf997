import type { Bar } from "../../domain/bar.ts";
import { ABOVE_ZERO, type Definition, factor, type KernelKind, parameter, settle } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { DominantCycle } from "./hilbert.ts";
import { CYCLE_SETTLE, SHORT_START } from "./settle.ts";

/** Averages that follow the faster, the faster the phase of the cycle turns. */
class Mesa implements Kernel {
  readonly outputs: Float64Array = new Float64Array(2).fill(Number.NaN);
  private readonly fast: number;
  private readonly slow: number;
  private readonly cycle = new DominantCycle(SHORT_START);
  private phase = 0;
  private bars = 0;
  private mama = 0;
  private fama = 0;

  constructor(fast: number, slow: number) {
    this.fast = fast;
    this.slow = slow;
  }

  push({ close }: Bar): void {
    const { cycle, outputs } = this;
    this.bars++;
    cycle.push(close);
    if (!cycle.running) {
      return;
    }
    const phase = cycle.inPhase === 0 ? 0 : (180 / Math.PI) * Math.atan(cycle.quadrature / cycle.inPhase);
    const turned = Math.max(1, this.phase - phase);
    this.phase = phase;
    const alpha = turned > 1 ? Math.max(this.fast / turned, this.slow) : this.fast;
    this.mama = alpha * close + (1 - alpha) * this.mama;
    this.fama = 0.5 * alpha * this.mama + (1 - 0.5 * alpha) * this.fama;
    if (this.bars > FIRST_INDEX) {
      outputs[0] = this.mama;
      outputs[1] = this.fama;
    }
  }
}

const FIRST_INDEX = 32;

/** Between the fastest and the slowest α; in the recordings both averages forget twice as fast. */
function usualAlpha(p: readonly number[]): number {
  return Math.sqrt(parameter(p, 0) * parameter(p, 1));
}

const SHARED = {
  parameters: [factor("fast", 0.5, 0.99), factor("least", 0.05, 0.99)],
  family: "average",
  unit: "price",
  range: ABOVE_ZERO,
  takesSource: true,
  firstIndex: () => FIRST_INDEX,
  kernel: { name: "MAMA", create: (p) => new Mesa(parameter(p, 0), parameter(p, 1)) } satisfies KernelKind,
} as const;

export const MESA: readonly Definition[] = [
  {
    ...SHARED,
    base: "MAMA",
    settleBars: (p) => CYCLE_SETTLE + settle(usualAlpha(p)),
    output: 0,
    formula: "m + α·(close − m), α = fast/the degrees by which the cycle's phase turned, from least to fast",
    source: "TA-Lib MAMA",
  },
  {
    ...SHARED,
    base: "FAMA",
    settleBars: (p) => CYCLE_SETTLE + settle(usualAlpha(p) / 2),
    output: 1,
    formula: "f + α/2·(MAMA − f), with the α of MAMA",
    source: "TA-Lib MAMA, FAMA",
  },
];
