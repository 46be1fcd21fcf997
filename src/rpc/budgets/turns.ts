import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "../../ports/clock.ts";

/** Whoever is charged for processor time. */
export interface Spender {
  /** Nothing that still runs on its behalf is charged to it any more. */
  readonly isOver: boolean;
  spend(ms: number): void;
  /** It is not over before `release`: it has yet to be charged. */
  hold(): void;
  release(): void;
}

/**
 * Measures what calls compute: the processor time of this thread from the moment when a call has
 * its turn until the loop goes on to other work. Calls that have their turn in one, as those of one
 * packet do, share it.
 *
 * A call has its turn when it begins, after each rest of long work (its timers and immediates, by
 * `clock`), and where `resume` says so. The piece after a wait for a store or a feed is not seen
 * until the next rest, which is at most 8 ms. What the call causes in other threads and processes
 * is not seen.
 */
export class Turns {
  readonly #processorMs: () => number;
  readonly #running = new AsyncLocalStorage<Spender>();
  #spenders: Spender[] = [];
  #startedAt = 0;

  /** `processorMs`: of this thread, so far. */
  constructor(processorMs: () => number = threadCpuMs) {
    this.#processorMs = processorMs;
  }

  /** Runs work on a spender's behalf. */
  run<T>(spender: Spender, work: () => T): T {
    this.resume(spender);
    return this.#running.run(spender, work);
  }

  /** The rest of this turn is, at least in part, the spender's. */
  resume(spender: Spender): void {
    if (spender.isOver) {
      return;
    }
    if (this.#spenders.length === 0) {
      this.#startedAt = this.#processorMs();
      // A tick that is asked for by a microtask comes once all microtasks have run.
      queueMicrotask(() => process.nextTick(() => this.#end()));
    }
    spender.hold();
    this.#spenders.push(spender);
  }

  /** A clock whose tasks are run on behalf of whoever asked for them. */
  clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (ms, task) => {
        const spender = this.#running.getStore();
        if (spender === undefined || spender.isOver) {
          return clock.after(ms, task);
        }
        return clock.after(ms, () => {
          this.resume(spender);
          task();
        });
      },
    };
  }

  #end(): void {
    const spenders = this.#spenders;
    this.#spenders = [];
    const each = Math.max(0, this.#processorMs() - this.#startedAt) / spenders.length;
    for (const spender of spenders) {
      spender.spend(each);
      spender.release();
    }
  }
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
