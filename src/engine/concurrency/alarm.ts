import type { Clock } from "../../ports/clock.ts";

/**
 * One timer for many time limits. Most of what has a limit ends long before it: a timer that is
 * made and cancelled for each costs more than what it watches over. It may ring where no limit is
 * over any more.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #onRing: () => void;
  #cancel: (() => void) | undefined;
  /** Monotonic ms. */
  #at = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(clock: Clock, onRing: () => void) {
    this.#clock = clock;
    this.#onRing = onRing;
  }

  /** Rings at this monotonic time, or earlier; whoever waits for longer then asks again. */
  ringBy(at: number): void {
    if (at < this.#at && !this.#closed) {
      this.#cancel?.();
      this.#at = at;
      this.#cancel = this.#clock.after(Math.max(0, at - this.#clock.monotonic()), () => {
        this.#at = Number.POSITIVE_INFINITY;
        this.#cancel = undefined;
        this.#onRing();
      });
    }
  }

  stop(): void {
    this.#closed = true;
    this.#cancel?.();
  }
}
