import { ABOVE_ZERO, type Definition, parameter, period, settle, within } from "../definition.ts";
import { Lag } from "../lag.ts";
import { type Computation, ofClose } from "../of-close.ts";
import { WindowSum } from "../window-sum.ts";

/** How straight the way of the last `n` moves was: 1 where all went one way; NaN before n moves. */
class Efficiency {
  value: number = Number.NaN;
  private readonly start: Lag;
  private readonly way: WindowSum;
  private before = Number.NaN;

  constructor(n: number) {
    this.start = new Lag(n);
    this.way = new WindowSum(n);
  }

  push(input: number): void {
    const move = Math.abs(input - this.before);
    const distance = Math.abs(input - this.start.push(input));
    this.before = input;
    if (!Number.isNaN(move)) {
      this.way.push(move);
      // 0/0, undefined, where nothing moved.
      this.value = Math.min(1, distance / this.way.value);
    }
  }
}

/** α of the fastest and of the slowest average that it takes after: EMA of 2 and of 30. */
const FASTEST = 2 / 3;
const SLOWEST = 2 / 31;

class Kaufman implements Computation {
  value: number = Number.NaN;
  private readonly efficiency: Efficiency;
  private before = Number.NaN;
  private missing: number;

  constructor(n: number) {
    this.efficiency = new Efficiency(n);
    this.missing = n;
  }

  push(input: number): void {
    const { efficiency } = this;
    efficiency.push(input);
    if (this.missing > 0) {
      this.missing--;
      this.before = input;
      return;
    }
    // Where nothing moved, every way is straight: TA-Lib.
    const straight = Number.isNaN(efficiency.value) ? 1 : efficiency.value;
    const alpha = (straight * (FASTEST - SLOWEST) + SLOWEST) ** 2;
    this.value = this.before + (input - this.before) * alpha;
    this.before = this.value;
  }
}

/**
 * Its α depends on the market, so that no number of bars settles it for certain but 6,629, those of
 * a market that goes nowhere. Here is what a market needs that is as straight as 0.9/√n on average.
 * All of the recordings are straighter: they need 5 to 30 % fewer bars.
 */
function kaufmanSettle(n: number): number {
  const straight = 0.9 / Math.sqrt(n);
  return settle((straight * (FASTEST - SLOWEST) + SLOWEST) ** 2);
}

const KAMA = ofClose("KAMA", (p) => new Kaufman(parameter(p, 0)));
const ER = ofClose("ER", (p) => new Efficiency(parameter(p, 0)));

export const KAUFMAN: readonly Definition[] = [
  {
    base: "KAMA",
    parameters: [period("n", 10, 2)],
    family: "average",
    unit: "price",
    range: ABOVE_ZERO,
    takesSource: true,
    rangeWithSource: "source",
    firstIndex: (p) => parameter(p, 0),
    settleBars: (p) => kaufmanSettle(parameter(p, 0)),
    kernel: KAMA,
    output: 0,
    formula: "k + α·(close − k), α = (ER·(2/3 − 2/31) + 2/31)², seeded with the close of bar n − 1",
    source: "TA-Lib KAMA",
  },
  {
    base: "ER",
    parameters: [period("n", 10)],
    family: "other",
    unit: "dimensionless",
    range: within(0, 1),
    takesSource: true,
    firstIndex: (p) => parameter(p, 0),
    kernel: ER,
    output: 0,
    formula: "|close − close n bars ago|/sum of the last n moves of close, without signs",
    undefinedWhere: "the last n changes of close are all 0",
    source: "TA-Lib ER",
  },
];
