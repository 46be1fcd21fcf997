import type { Clock } from "../../ports/clock.ts";

/** Wall time until a failed load is tried again; it doubles with each failure. */
const RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** Tries a failed load again, later after each failure. At most one try is waited for. */
export class LoadRetry {
  readonly #clock: Pick<Clock, "after">;
  readonly #load: () => void;
  #cancel: (() => void) | undefined;
  #failures = 0;

  constructor(clock: Pick<Clock, "after">, load: () => void) {
    this.#clock = clock;
    this.#load = load;
  }

  later(): void {
    const wait = Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** this.#failures++);
    this.cancel();
    this.#cancel = this.#clock.after(wait, this.#load);
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** A load has succeeded: the next failure waits for the shortest time again. */
  reset(): void {
    this.#failures = 0;
  }
}
