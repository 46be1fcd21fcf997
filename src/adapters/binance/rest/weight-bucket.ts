const MINUTE_MS = 60_000;

/** Weight that may be spent: some of it at once, and what a minute gives back. */
export class WeightBucket {
  readonly #atOnce: number;
  readonly #perMinute: number;
  #left: number;
  #regainedAt: number;

  constructor(atOnce: number, perMinute: number, now: number) {
    this.#atOnce = atOnce;
    this.#perMinute = perMinute;
    this.#left = atOnce;
    this.#regainedAt = now;
  }

  has(weight: number): boolean {
    return this.#left >= weight;
  }

  spend(weight: number): void {
    this.#left -= weight;
  }

  /** `now` is monotonic, ms. */
  regain(now: number): void {
    const regained = ((now - this.#regainedAt) / MINUTE_MS) * this.#perMinute;
    this.#left = Math.min(this.#atOnce, this.#left + regained);
    this.#regainedAt = now;
  }
}
