import type { Clock } from "../../../ports/clock.ts";

/** Where the history does not have the bar either, it is asked again, less and less often. */
const FIRST_AGAIN_MS = 500;
const LONGEST_AGAIN_MS = 600_000;
/** Where it could not be asked, it is asked again soon, however often that was tried. */
const FAILED_AGAIN_MS = 2_000;
/** While it cannot be asked, one series in this time finds out whether it can. */
const PROBE_EVERY_MS = 1_000;

/** When the history is asked again for bars of one series. */
export class AskTimes {
  readonly #clock: Clock;
  #againAt = Number.NEGATIVE_INFINITY;
  #inVain = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isDue(): boolean {
    return this.#clock.monotonic() >= this.#againAt;
  }

  /** What was missing has come, or something else has changed. */
  reset(): void {
    this.#againAt = Number.NEGATIVE_INFINITY;
    this.#inVain = 0;
  }

  /** It answered, and does not have the bar. */
  askedInVain(): void {
    const wait = Math.min(LONGEST_AGAIN_MS, FIRST_AGAIN_MS * 2 ** Math.min(this.#inVain++, 20));
    this.#againAt = this.#clock.monotonic() + wait;
  }

  /** It could not be asked. */
  failed(): void {
    this.#againAt = this.#clock.monotonic() + FAILED_AGAIN_MS;
  }
}

/**
 * Lets everybody ask the history while it answers, and few while it does not: hundreds would use up
 * what it lets through.
 */
export class AskGate {
  readonly #clock: Clock;
  #isFailing = false;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether one may ask now; it then does. */
  pass(): boolean {
    const now = this.#clock.monotonic();
    if (this.#isFailing && now - this.#askedAt < PROBE_EVERY_MS) {
      return false;
    }
    this.#askedAt = now;
    return true;
  }

  answered(): void {
    this.#isFailing = false;
  }

  failed(): void {
    this.#isFailing = true;
  }
}
