/**
 * A look at the server's clock: what it showed at some moment between two of this process
 * (monotonic, ms).
 */
interface Look {
  readonly shown: number;
  readonly from: number;
  readonly to: number;
}

/**
 * A better look is kept for so long: by then two clocks that run apart by 100 millionths are 60 ms
 * apart.
 */
const KEPT_MS = 600_000;

/**
 * The server's clock as seen from here, whatever the two show: a deadline of this process is told
 * to the server in its own time. Where in the time of the look the server was asked is unknown, so
 * the deadline is early by as much, and never late; the look that took least is kept.
 */
export class ServerTime {
  readonly #now: () => number;
  #best: Look | undefined;

  /** `now`: monotonic, ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  now(): number {
    return this.#now();
  }

  /** Whether there is no look that is good enough. */
  get isUnknown(): boolean {
    return this.#best === undefined || this.#now() - this.#best.to > KEPT_MS;
  }

  /** The server was asked at `from`, and its answer, which came now, says what its clock showed. */
  note(from: number, shown: number): void {
    const look = { shown, from, to: this.#now() };
    if (this.#best === undefined || this.isUnknown || look.to - look.from <= this.#best.to - this.#best.from) {
      this.#best = look;
    }
  }

  /** What the server's clock shows at the moment `at` (monotonic, ms) at the earliest. */
  showsAt(at: number): number {
    const { shown, to } = this.#best ?? { shown: Number.NaN, to: 0 };
    return shown + at - to;
  }
}
