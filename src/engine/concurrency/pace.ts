import type { Clock } from "../../ports/clock.ts";

/**
 * Wall time after which long work lets other work go first; heartbeats and calls stay on time under
 * it.
 */
const SLICE_MS = 8;
/** Small steps between two looks at the clock. */
const STEPS_A_LOOK = 256;

export type PaceClock = Pick<Clock, "after" | "monotonic">;

/**
 * Divides long work into slices, so that it never holds up the event loop: heartbeats, calls and
 * other sweeps come between.
 */
export class Pace {
  readonly #clock: PaceClock;
  readonly #turn: () => Promise<void>;
  readonly #sliceMs: number;
  #sliceStart: number;
  #steps = 0;

  /**
   * `start`: monotonic ms; now, unless said otherwise. `turn`: waits until the work may go on; for
   * the next turn of the event loop, unless said otherwise. `sliceMs`: how long a slice is.
   */
  constructor(clock: PaceClock, start = clock.monotonic(), turn?: () => Promise<void>, sliceMs = SLICE_MS) {
    this.#clock = clock;
    this.#sliceStart = start;
    this.#sliceMs = sliceMs;
    this.#turn = turn ?? (() => new Promise((resolve) => clock.after(0, resolve)));
  }

  /** Whether the slice is over and it is time to rest. */
  isLate(): boolean {
    return this.#clock.monotonic() - this.#sliceStart > this.#sliceMs;
  }

  /** The same after so many steps of a microsecond or so; looks at the clock only now and then. */
  isLateAfter(steps: number): boolean {
    this.#steps += steps;
    if (this.#steps < STEPS_A_LOOK) {
      return false;
    }
    this.#steps = 0;
    return this.isLate();
  }

  /** Lets other work go first, and begins the next slice. */
  async rest(): Promise<void> {
    await this.#turn();
    this.begin();
  }

  /** Begins a slice now: nothing was held up before. */
  begin(): void {
    this.#sliceStart = this.#clock.monotonic();
  }
}
