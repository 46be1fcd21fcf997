import type { Bar } from "../../domain/bar.ts";
import { Channel } from "../channel.ts";
import { ABOVE_ZERO, type Definition, type KernelKind, parameter, period } from "../definition.ts";
import type { Kernel } from "../indicator.ts";
import { Lag } from "../lag.ts";

/** The middle of a channel, as of some bars before. */
class Middle implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly channel: Channel;
  private readonly lag: Lag;

  constructor(n: number, displacement: number) {
    this.channel = new Channel(n);
    this.lag = new Lag(displacement);
  }

  push({ high, low }: Bar): void {
    this.channel.push(high, low);
    this.outputs[0] = this.lag.push(this.channel.middle);
  }
}

class LeadingSpan implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly fast: Channel;
  private readonly slow: Channel;
  private readonly lag: Lag;

  constructor(fast: number, slow: number, displacement: number) {
    this.fast = new Channel(fast);
    this.slow = new Channel(slow);
    this.lag = new Lag(displacement);
  }

  push({ high, low }: Bar): void {
    this.fast.push(high, low);
    this.slow.push(high, low);
    this.outputs[0] = this.lag.push((this.fast.middle + this.slow.middle) / 2);
  }
}

const MIDDLE: KernelKind = { name: "ICHIMOKU_MIDDLE", create: (p) => new Middle(parameter(p, 0), p[1] ?? 0) };
const LEADING: KernelKind = {
  name: "ICHIMOKU_LEADING",
  create: (p) => new LeadingSpan(parameter(p, 0), parameter(p, 1), parameter(p, 2)),
};

const SHARED = { family: "average", unit: "price", range: ABOVE_ZERO, output: 0 } as const;
const LINE = { ...SHARED, firstIndex: (p: readonly number[]) => parameter(p, 0) - 1, kernel: MIDDLE } as const;

const HOSODA = "Hosoda 1969, in Patel, Trading with Ichimoku Clouds (2010)";
/** TradingView and pandas-ta count the current bar as the first of the 26. */
const SHIFTED = `${HOSODA}; where the current bar counts as the first of the 26, write 25`;

/**
 * Each line as it stands above or below the current bar. What a chart draws to the right of it is
 * the same formula without displacement; the lagging span is the close itself.
 */
export const ICHIMOKU: readonly Definition[] = [
  {
    ...LINE,
    base: "ICHIMOKU_TENKAN",
    parameters: [period("n", 9)],
    formula: "(largest high + smallest low)/2 of the last n bars",
    source: HOSODA,
  },
  {
    ...LINE,
    base: "ICHIMOKU_KIJUN",
    parameters: [period("n", 26)],
    formula: "(largest high + smallest low)/2 of the last n bars",
    source: HOSODA,
  },
  {
    ...SHARED,
    base: "ICHIMOKU_SENKOU_A",
    parameters: [period("fast", 9), period("slow", 26), period("displacement", 26)],
    firstIndex: (p) => parameter(p, 1) - 1 + parameter(p, 2),
    kernel: LEADING,
    formula: "(TENKAN of fast + KIJUN of slow)/2 as of so many bars before as the displacement says",
    source: SHIFTED,
  },
  {
    ...SHARED,
    base: "ICHIMOKU_SENKOU_B",
    parameters: [period("n", 52), period("displacement", 26)],
    firstIndex: (p) => parameter(p, 0) - 1 + parameter(p, 1),
    kernel: MIDDLE,
    formula: "(largest high + smallest low)/2 of n bars, as of so many bars before as the displacement says",
    source: SHIFTED,
  },
];
