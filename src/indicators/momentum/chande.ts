import { type Definition, parameter, period, wilderSettle, within } from "../definition.ts";
import { type Computation, ofClose } from "../of-close.ts";
import { WilderAverage } from "../wilder-average.ts";
import { WindowSum } from "../window-sum.ts";

/** Averages or sums of the rises and of the falls. */
interface Smoothing {
  push(value: number): void;
  readonly value: number;
}

/** Rises less falls, in percent of both; NaN where the last `n` changes are all 0. */
class Chande implements Computation {
  value: number = Number.NaN;
  private readonly n: number;
  private readonly gains: Smoothing;
  private readonly losses: Smoothing;
  private before = Number.NaN;
  private changes = 0;
  private still = 0;

  constructor(n: number, smoothing: (n: number) => Smoothing) {
    this.n = n;
    this.gains = smoothing(n);
    this.losses = smoothing(n);
  }

  push(input: number): void {
    const change = input - this.before;
    this.before = input;
    if (Number.isNaN(change)) {
      return;
    }
    this.changes++;
    this.still = change === 0 ? this.still + 1 : 0;
    this.gains.push(Math.max(change, 0));
    this.losses.push(Math.max(-change, 0));
    if (this.changes >= this.n) {
      const gain = Math.max(0, this.gains.value);
      const loss = Math.max(0, this.losses.value);
      this.value = this.still >= this.n ? Number.NaN : 100 * ((gain - loss) / (gain + loss));
    }
  }
}

const CMO = ofClose("CMO", (p) => new Chande(parameter(p, 0), (n) => new WilderAverage(n)));
const CMOU = ofClose("CMOU", (p) => new Chande(parameter(p, 0), (n) => new WindowSum(n)));

export const CHANDE: readonly Definition[] = [
  {
    base: "CMO",
    parameters: [period("n", 14, 2)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(-100, 100),
    takesSource: true,
    firstIndex: (p) => parameter(p, 0),
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: CMO,
    output: 0,
    formula: "100·(gain − loss)/(gain + loss), Wilder's averages of the rises and falls of close",
    undefinedWhere: "the last n changes of close are all 0",
    source: "TA-Lib CMO",
  },
  {
    base: "CMOU",
    parameters: [period("n", 14)],
    family: "oscillator",
    unit: "dimensionless",
    range: within(-100, 100),
    takesSource: true,
    firstIndex: (p) => parameter(p, 0),
    kernel: CMOU,
    output: 0,
    formula: "100·(gain − loss)/(gain + loss), sums of the last n rises and falls of close, as Chande has it",
    undefinedWhere: "the last n changes of close are all 0",
    source: "TA-Lib CMOU",
  },
];
