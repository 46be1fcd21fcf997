import type { Clock } from "../../src/ports/clock.ts";
import { settled } from "../manual-clock.ts";

interface Timer {
  readonly due: number;
  readonly task: () => void;
}

/**
 * Time that goes on in jumps, as for a process on a busy machine, or one that is stopped and goes
 * on: what fell due meanwhile runs late, and at once.
 */
export class ErraticClock implements Clock {
  readonly #start: number;
  #passed = 0;
  #timers: Timer[] = [];

  /** `start`: wall time, ms since the epoch. */
  constructor(start: number) {
    this.#start = start;
  }

  now(): number {
    return this.#start + this.#passed;
  }

  monotonic(): number {
    return this.#passed;
  }

  after(ms: number, task: () => void): () => void {
    const timer = { due: this.#passed + Math.max(0, ms), task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /**
   * Jumps by these times, ms, over and over, each in a turn of the event loop, until it is over.
   */
  async run(jumps: readonly number[], isOver: () => boolean): Promise<void> {
    for (let turn = 0; !isOver(); turn++) {
      await settled();
      this.#jump(jumps[turn % jumps.length] ?? 1);
    }
  }

  #jump(ms: number): void {
    this.#passed += ms;
    const due = this.#timers.filter((timer) => timer.due <= this.#passed).sort((a, b) => a.due - b.due);
    for (const timer of due) {
      // One that ran before may have cancelled it.
      if (this.#timers.includes(timer)) {
        this.#timers = this.#timers.filter((other) => other !== timer);
        timer.task();
      }
    }
  }
}
