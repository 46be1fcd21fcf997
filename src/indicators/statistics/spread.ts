import { type Definition, FROM_ZERO, parameter, period } from "../definition.ts";
import { Deviation } from "../deviation.ts";
import { type Computation, ofClose } from "../of-close.ts";
import { withoutRounding } from "../rounding.ts";

class Variance implements Computation {
  value: number = Number.NaN;
  private readonly deviation: Deviation;

  constructor(n: number) {
    this.deviation = new Deviation(n);
  }

  push(input: number): void {
    this.deviation.push(input);
    if (this.deviation.full) {
      this.value = this.deviation.value ** 2;
    }
  }
}

/**
 * The mean moves with every value and with it all n distances from it, so the window is added up
 * anew, as in CCI.
 */
class MeanDeviation implements Computation {
  value: number = Number.NaN;
  private readonly ring: Float64Array;
  private at = 0;
  private missing: number;

  constructor(n: number) {
    this.ring = new Float64Array(n);
    this.missing = n;
  }

  push(input: number): void {
    const { ring } = this;
    const n = ring.length;
    ring[this.at] = input;
    this.at = this.at + 1 === n ? 0 : this.at + 1;
    this.missing = Math.max(0, this.missing - 1);
    if (this.missing > 0) {
      return;
    }
    let sum = 0;
    for (let i = 0; i < n; i++) {
      sum += ring[i] as number;
    }
    const mean = sum / n;
    let distances = 0;
    for (let i = 0; i < n; i++) {
      distances += Math.abs((ring[i] as number) - mean);
    }
    this.value = withoutRounding(distances / n, input);
  }
}

const VAR = ofClose("VAR", (p) => new Variance(parameter(p, 0)));
const AVGDEV = ofClose("AVGDEV", (p) => new MeanDeviation(parameter(p, 0)));

export const SPREAD: readonly Definition[] = [
  {
    base: "VAR",
    parameters: [period("n", 20, 2)],
    family: "other",
    unit: "mixed",
    range: FROM_ZERO,
    takesSource: true,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: VAR,
    output: 0,
    formula: "STDDEV², the population variance of the last n closes",
    zeroWhere: "STDDEV is 0",
    source: "TA-Lib VAR, k = 1",
  },
  {
    base: "AVGDEV",
    parameters: [period("n", 14, 2)],
    family: "other",
    unit: "price",
    range: FROM_ZERO,
    takesSource: true,
    firstIndex: (p) => parameter(p, 0) - 1,
    kernel: AVGDEV,
    output: 0,
    formula: "mean of |close − SMA| over the last n closes",
    zeroWhere: "within 1e-12 of close",
    source: "TA-Lib AVGDEV",
  },
];
