/** Weights of Ehlers' Hilbert transform, of values two bars apart. */
const OUTER = 0.0962;
const INNER = 0.5769;

/** Turns a wave by a quarter of its length: Ehlers' seven-bar Hilbert transform. */
class QuarterTurn {
  private readonly last: Float64Array = new Float64Array(6);
  private at = 0;

  /** `scale` is the transform's gain at the length that the wave has now. */
  push(value: number, scale: number): number {
    const { last, at } = this;
    const six = last[at] as number;
    const four = last[(at + 2) % 6] as number;
    const two = last[(at + 4) % 6] as number;
    last[at] = value;
    this.at = (at + 1) % 6;
    return (OUTER * value - OUTER * six - INNER * four + INNER * two) * scale;
  }
}

const SHORTEST = 6;
const LONGEST = 50;

/**
 * The dominant cycle of a series after John Ehlers (Rocket Science for Traders), as TA-Lib computes
 * it: the phasor of the smoothed and detrended series, and the length of the wave that turns as
 * fast.
 */
export class DominantCycle {
  /** The series smoothed over four values. */
  smooth: number = Number.NaN;
  /** The two parts of the phasor. */
  inPhase = 0;
  quadrature = 0;
  /** Length of the cycle in bars, and a smoother one. */
  period = 0;
  smoothPeriod = 0;
  /** Whether the first values, which only begin the smoothing, have passed. */
  running = false;

  private readonly start: number;
  private readonly detrend = new QuarterTurn();
  private readonly turn = new QuarterTurn();
  private readonly turnInPhase = new QuarterTurn();
  private readonly turnQuadrature = new QuarterTurn();
  private readonly recent: Float64Array = new Float64Array(3);
  private readonly detrended: Float64Array = new Float64Array(3);
  private count = 0;
  private i2 = 0;
  private q2 = 0;
  private re = 0;
  private im = 0;

  /** `start`: how many values only begin the smoothing. */
  constructor(start: number) {
    this.start = start;
  }

  push(value: number): void {
    const { recent } = this;
    const [one = 0, two = 0, three = 0] = recent;
    this.smooth = (4 * value + 3 * one + 2 * two + three) * 0.1;
    recent[2] = two;
    recent[1] = one;
    recent[0] = value;
    this.count++;
    this.running = this.count > this.start;
    if (this.running) {
      this.transform();
    }
  }

  private transform(): void {
    const scale = 0.075 * this.period + 0.54;
    const { detrended } = this;
    const detrender = this.detrend.push(this.smooth, scale);
    // The detrended series lags by three bars behind its own turn.
    this.inPhase = detrended[2] as number;
    detrended[2] = detrended[1] as number;
    detrended[1] = detrended[0] as number;
    detrended[0] = detrender;
    this.quadrature = this.turn.push(detrender, scale);
    const aheadI = this.turnInPhase.push(this.inPhase, scale);
    const aheadQ = this.turnQuadrature.push(this.quadrature, scale);
    const q2 = 0.2 * (this.quadrature + aheadI) + 0.8 * this.q2;
    const i2 = 0.2 * (this.inPhase - aheadQ) + 0.8 * this.i2;
    this.re = 0.2 * (i2 * this.i2 + q2 * this.q2) + 0.8 * this.re;
    this.im = 0.2 * (i2 * this.q2 - q2 * this.i2) + 0.8 * this.im;
    this.q2 = q2;
    this.i2 = i2;
    this.measure();
  }

  private measure(): void {
    const before = this.period;
    const turned = this.im !== 0 && this.re !== 0;
    const measured = turned ? (2 * Math.PI) / Math.atan(this.im / this.re) : before;
    const near = Math.max(Math.min(measured, 1.5 * before), 0.67 * before);
    const bounded = Math.min(LONGEST, Math.max(SHORTEST, near));
    this.period = 0.2 * bounded + 0.8 * before;
    this.smoothPeriod = 0.33 * this.period + 0.67 * this.smoothPeriod;
  }
}
