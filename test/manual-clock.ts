import type { Clock } from "../src/ports/clock.ts";

interface Timer {
  readonly due: number;
  readonly task: () => void;
}

/**
 * A clock driven by hand: wall and monotonic time move only when told to, and timers run at exactly
 * their due time.
 */
export class ManualClock implements Clock {
  #now: number;
  #monotonic = 0;
  #timers: Timer[] = [];

  /** `start`: wall time, ms since the epoch. */
  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, task: () => void): () => void {
    const timer: Timer = { due: this.#monotonic + Math.max(0, ms), task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Timers waiting. A subscription that leaks one shows here. */
  get pending(): number {
    return this.#timers.length;
  }

  /**
   * Moves time on, running the timers that fall due in order of due time, then of creation; those
   * they set in turn, too.
   */
  advance(ms: number): void {
    const end = this.#monotonic + ms;
    let ran = true;
    while (ran) {
      ran = this.#runNext(end);
    }
    this.#moveTo(end);
  }

  /**
   * As `advance`, but lets promises settle after each timer, so that timers set by awaiting code
   * run as well.
   */
  async elapse(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settled();
    while (this.#runNext(end)) {
      await settled();
    }
    this.#moveTo(end);
    await settled();
  }

  /**
   * Steps the wall clock alone, forth or back, as NTP or an operator would; monotonic time and
   * timers do not notice.
   */
  stepWall(ms: number): void {
    this.#now += ms;
  }

  #runNext(end: number): boolean {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.due <= end && (next === undefined || timer.due < next.due)) {
        next = timer;
      }
    }
    if (next === undefined) {
      return false;
    }
    const { due, task } = next;
    this.#timers = this.#timers.filter((other) => other !== next);
    this.#moveTo(Math.max(due, this.#monotonic));
    task();
    return true;
  }

  #moveTo(time: number): void {
    this.#now += time - this.#monotonic;
    this.#monotonic = time;
  }
}

/** Resolves when the promise jobs queued by now, and those they queue, have run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
