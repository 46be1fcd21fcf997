import type { Clock } from "../../../ports/clock.ts";

/** Attempts that may follow one another at once, as where many connections are cut together. */
const BURST = 140;
/**
 * By so much time another one is gained. With the burst they stay below the venue's 300 in 5
 * minutes.
 */
const REGAINED_IN_MS = 2_100;
/** While none succeeds, one attempt in this time finds out whether the venue is back. */
const PROBE_EVERY_MS = 2_000;

/**
 * The attempts to connect that the venue takes from one address: all lanes share them. While the
 * venue refuses, they try in turns and not all at once, so that there are enough attempts left for
 * all of them when it is back.
 */
export class ConnectBudget {
  readonly #clock: Clock;
  #attempts = BURST;
  #regainedAt: number;
  #triedAt = Number.NEGATIVE_INFINITY;
  #isRefused = false;
  #openedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#regainedAt = clock.monotonic();
  }

  /** When an attempt last succeeded, monotonic ms. */
  get openedAt(): number {
    return this.#openedAt;
  }

  /** When the next attempt may be made, monotonic ms. */
  get nextAt(): number {
    const regained = this.#regainedAt + (1 - this.#attempts) * REGAINED_IN_MS;
    return Math.max(regained, this.#isRefused ? this.#triedAt + PROBE_EVERY_MS : Number.NEGATIVE_INFINITY);
  }

  /** Takes an attempt that is made now. False where it has to wait. */
  take(): boolean {
    const now = this.#clock.monotonic();
    this.#attempts = Math.min(BURST, this.#attempts + (now - this.#regainedAt) / REGAINED_IN_MS);
    this.#regainedAt = now;
    if (now < this.nextAt) {
      return false;
    }
    this.#attempts--;
    this.#triedAt = now;
    return true;
  }

  opened(): void {
    this.#isRefused = false;
    this.#openedAt = this.#clock.monotonic();
  }

  /** A connection ended before it was open. */
  refused(): void {
    this.#isRefused = true;
  }
}
