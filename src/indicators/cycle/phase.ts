import { DominantCycle } from "./hilbert.ts";

const MEMORY = 50;
const DEGREES = 180 / Math.PI;

/** Sines and cosines of a turn in so many parts, by that number. */
const TURNS: readonly { readonly sines: Float64Array; readonly cosines: Float64Array }[] = Array.from(
  { length: MEMORY + 1 },
  (_, parts) => ({
    sines: Float64Array.from({ length: parts }, (_, i) => Math.sin((2 * Math.PI * i) / parts)),
    cosines: Float64Array.from({ length: parts }, (_, i) => Math.cos((2 * Math.PI * i) / parts)),
  }),
);

/** Phase of the dominant cycle and what follows from it, after Ehlers as TA-Lib has it. */
export class PhaseOfCycle {
  degrees = 0;
  sine = 0;
  leadSine = 0;
  isTrend = false;
  trendline: number = Number.NaN;
  /** Length of the cycle in whole bars. */
  length = 0;

  private readonly cycle: DominantCycle;
  /** Smoothed and raw values, newest at `at`. */
  private readonly smoothed: Float64Array = new Float64Array(MEMORY);
  private readonly raw: Float64Array = new Float64Array(MEMORY);
  private readonly trends: Float64Array = new Float64Array(3);
  private at = 0;
  private barsInTrend = 0;

  constructor(start: number) {
    this.cycle = new DominantCycle(start);
  }

  push(value: number): void {
    const { cycle } = this;
    cycle.push(value);
    this.at = (this.at + 1) % MEMORY;
    this.raw[this.at] = value;
    if (!cycle.running) {
      return;
    }
    this.smoothed[this.at] = cycle.smooth;
    this.length = Math.floor(cycle.smoothPeriod + 0.5);
    const before = { degrees: this.degrees, sine: this.sine, leadSine: this.leadSine };
    this.turn(this.length);
    this.sine = Math.sin(this.degrees / DEGREES);
    this.leadSine = Math.sin((this.degrees + 45) / DEGREES);
    this.smoothTrend(this.length);
    this.judge(before);
  }

  private turn(length: number): void {
    const { sines, cosines } = TURNS[length] as (typeof TURNS)[number];
    let real = 0;
    let imaginary = 0;
    let place = this.at;
    for (let i = 0; i < length; i++) {
      const value = this.smoothed[place] as number;
      real += (sines[i] as number) * value;
      imaginary += (cosines[i] as number) * value;
      place = place === 0 ? MEMORY - 1 : place - 1;
    }
    const turned = imaginary === 0 ? this.degrees + 90 * Math.sign(real) : DEGREES * Math.atan(real / imaginary);
    // The smoothing lags by one bar.
    const phase = turned + 90 + 360 / this.cycle.smoothPeriod + (imaginary < 0 ? 180 : 0);
    this.degrees = phase > 315 ? phase - 360 : phase;
  }

  private smoothTrend(length: number): void {
    const { trends } = this;
    let sum = 0;
    let place = this.at;
    for (let i = 0; i < length; i++) {
      sum += this.raw[place] as number;
      place = place === 0 ? MEMORY - 1 : place - 1;
    }
    const mean = length > 0 ? sum / length : 0;
    const [one = 0, two = 0, three = 0] = trends;
    this.trendline = (4 * mean + 3 * one + 2 * two + three) / 10;
    trends[2] = two;
    trends[1] = one;
    trends[0] = mean;
  }

  private judge(before: { readonly degrees: number; readonly sine: number; readonly leadSine: number }): void {
    const { smoothPeriod } = this.cycle;
    const above = this.sine > this.leadSine && before.sine <= before.leadSine;
    const below = this.sine < this.leadSine && before.sine >= before.leadSine;
    this.barsInTrend = above || below ? 1 : this.barsInTrend + 1;
    const isYoung = above || below || this.barsInTrend < 0.5 * smoothPeriod;
    const speed = (this.degrees - before.degrees) / (360 / smoothPeriod);
    const isCycle = isYoung || (speed > 0.67 && speed < 1.5);
    const isFar = Math.abs((this.cycle.smooth - this.trendline) / this.trendline) >= 0.015;
    this.isTrend = isFar || !isCycle;
  }
}
