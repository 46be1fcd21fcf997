import { type Definition, parameter, period, wilderSettle, within } from "../definition.ts";
import { Deviation } from "../deviation.ts";
import { type Computation, ofClose } from "../of-close.ts";
import { WilderAverage } from "../wilder-average.ts";

/** As RSI, of the deviations on the bars that rose and on those that fell. */
class RelativeVolatility implements Computation {
  value: number = Number.NaN;
  private readonly n: number;
  private readonly deviation: Deviation;
  private readonly rises: WilderAverage;
  private readonly falls: WilderAverage;
  private before = Number.NaN;
  /** How many changes in a row were 0. */
  private still = 0;

  constructor(n: number, m: number) {
    this.n = n;
    this.deviation = new Deviation(m);
    this.rises = new WilderAverage(n);
    this.falls = new WilderAverage(n);
  }

  push(input: number): void {
    const { deviation, rises, falls } = this;
    const change = input - this.before;
    this.before = input;
    this.still = change === 0 ? this.still + 1 : 0;
    deviation.push(input);
    if (!deviation.full) {
      return;
    }
    rises.push(change > 0 ? deviation.value : 0);
    falls.push(change < 0 ? deviation.value : 0);
    const value = 100 * (rises.value / (rises.value + falls.value));
    this.value = this.still >= this.n ? Number.NaN : value;
  }
}

const RVI = ofClose("RVI", (p) => new RelativeVolatility(parameter(p, 0), parameter(p, 1)));

export const RELATIVE: readonly Definition[] = [
  {
    base: "RVI",
    parameters: [period("n", 14), period("m", 10, 2)],
    family: "other",
    unit: "dimensionless",
    range: within(0, 100),
    takesSource: true,
    firstIndex: (p) => parameter(p, 0) + parameter(p, 1) - 2,
    settleBars: (p) => wilderSettle(parameter(p, 0)),
    kernel: RVI,
    output: 0,
    formula: "100·rise/(rise + fall), Wilder's averages of STDDEV(m) on the bars whose close rose, fell",
    undefinedWhere: "the last n changes of close are all 0, or no bar with a deviation moved yet",
    source: "TA-Lib RVI",
  },
];
