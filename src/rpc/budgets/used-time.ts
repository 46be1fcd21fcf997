const MINUTE_MS = 60_000;

/**
 * Processor time that was used, of so much a minute. It is forgotten evenly: a budget that is used
 * up is whole again after a minute, and half of it after half a minute. Times in ms, `now`
 * monotonic.
 */
export class UsedTime {
  readonly #mostMs: number;
  #usedMs = 0;
  #at = 0;

  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  used(now: number): number {
    const forgotten = (Math.max(0, now - this.#at) * this.#mostMs) / MINUTE_MS;
    this.#usedMs = Math.max(0, this.#usedMs - forgotten);
    this.#at = Math.max(now, this.#at);
    return this.#usedMs;
  }

  /**
   * What is under way is not stopped, so more than the budget may be used; it is paid for by a
   * longer wait.
   */
  add(ms: number, now: number): void {
    this.#usedMs = this.used(now) + ms;
  }

  /** Until less than the budget is used. */
  waitMs(now: number): number {
    const over = this.used(now) - this.#mostMs;
    return over < 0 ? 0 : (over * MINUTE_MS) / this.#mostMs;
  }
}
