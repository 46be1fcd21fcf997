import type { Bar } from "../../domain/bar.ts";
import { ABOVE_ZERO, ANY_VALUE, type Definition, type KernelKind, within } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { DominantCycle } from "./hilbert.ts";
import { PhaseOfCycle } from "./phase.ts";
import { CYCLE_SETTLE, LONG_START, SHORT_START } from "./settle.ts";
import { Standstill } from "./standstill.ts";

/** So many equal values in a row hold no cycle. */
const LONGEST_CYCLE = 50;
/** How many more values than it has the smoothing makes of so many smoothed ones. */
const SMOOTHED = 3;

/** Length and phasor of the cycle. */
class Length implements Kernel {
  readonly outputs: Float64Array = new Float64Array(3).fill(Number.NaN);
  private readonly cycle = new DominantCycle(SHORT_START);
  private readonly standstill = new Standstill();
  private bars = 0;

  push({ close }: Bar): void {
    const { outputs, cycle } = this;
    this.bars++;
    cycle.push(close);
    this.standstill.push(close);
    if (this.bars > 32) {
      outputs[0] = this.standstill.same >= LONGEST_CYCLE ? Number.NaN : cycle.smoothPeriod;
      outputs[1] = cycle.inPhase;
      outputs[2] = cycle.quadrature;
    }
  }
}

/** What follows from the phase: sines, trend or cycle, and the trend without the cycle. */
class Phase implements Kernel {
  readonly outputs: Float64Array = new Float64Array(5).fill(Number.NaN);
  private readonly phase = new PhaseOfCycle(LONG_START);
  private readonly standstill = new Standstill();
  private bars = 0;

  push({ close }: Bar): void {
    const { outputs, phase } = this;
    this.bars++;
    phase.push(close);
    this.standstill.push(close);
    if (this.bars <= 63) {
      return;
    }
    // Sines over a whole turn of equal values add up to rounding.
    const still = this.standstill.same >= phase.length + SMOOTHED;
    outputs[0] = still ? Number.NaN : phase.degrees;
    outputs[1] = still ? Number.NaN : phase.sine;
    outputs[2] = still ? Number.NaN : phase.leadSine;
    outputs[3] = still ? Number.NaN : phase.isTrend ? 1 : 0;
    outputs[4] = phase.trendline;
  }
}

const LENGTH: KernelKind = { name: "HT_DCPERIOD", create: () => new Length() };
const PHASE: KernelKind = { name: "HT_DCPHASE", create: () => new Phase() };

const OF_LENGTH = {
  parameters: [],
  family: "other",
  takesSource: true,
  firstIndex: () => 32,
  settleBars: () => CYCLE_SETTLE,
  kernel: LENGTH,
} as const;

const OF_PHASE = {
  parameters: [],
  family: "other",
  unit: "dimensionless",
  takesSource: true,
  firstIndex: () => 63,
  settleBars: () => CYCLE_SETTLE,
  kernel: PHASE,
  undefinedWhere: "the closes of a whole cycle and 3 bars before are all equal",
} as const;

export const CYCLE: readonly Definition[] = [
  {
    ...OF_LENGTH,
    base: "HT_DCPERIOD",
    unit: "dimensionless",
    range: within(0, 50),
    output: 0,
    formula: "length in bars of the cycle that dominates, by Ehlers' Hilbert transform",
    undefinedWhere: "the last 50 closes are all equal",
    source: "TA-Lib HT_DCPERIOD",
  },
  {
    ...OF_LENGTH,
    base: "HT_INPHASE",
    unit: "price",
    range: ANY_VALUE,
    output: 1,
    formula: "the cycle's phasor: the part in phase",
    source: "TA-Lib HT_PHASOR",
  },
  {
    ...OF_LENGTH,
    base: "HT_QUADRATURE",
    unit: "price",
    range: ANY_VALUE,
    output: 2,
    formula: "the cycle's phasor: the part a quarter behind",
    source: "TA-Lib HT_PHASOR",
  },
  {
    ...OF_PHASE,
    base: "HT_DCPHASE",
    range: within(-45, 315),
    output: 0,
    formula: "phase of the cycle that dominates, in degrees",
    source: "TA-Lib HT_DCPHASE",
  },
  {
    ...OF_PHASE,
    base: "HT_SINE",
    range: within(-1, 1),
    output: 1,
    formula: "sine of HT_DCPHASE",
    source: "TA-Lib HT_SINE",
  },
  {
    ...OF_PHASE,
    base: "HT_LEADSINE",
    range: within(-1, 1),
    output: 2,
    formula: "sine of HT_DCPHASE + 45 degrees",
    source: "TA-Lib HT_SINE",
  },
  {
    ...OF_PHASE,
    base: "HT_TRENDMODE",
    range: within(0, 1),
    values: [0, 1],
    output: 3,
    formula:
      "1 in a trend, 0 in a cycle: by the crosses of HT_SINE and HT_LEADSINE, the phase's speed and HT_TRENDLINE",
    source: "TA-Lib HT_TRENDMODE",
  },
  {
    ...OF_LENGTH,
    base: "HT_TRENDLINE",
    family: "average",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: () => 63,
    kernel: PHASE,
    output: 4,
    formula: "mean close over the cycle's length, smoothed over four bars",
    source: "TA-Lib HT_TRENDLINE",
  },
];
