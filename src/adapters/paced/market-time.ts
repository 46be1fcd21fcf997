import type { Clock } from "../../ports/clock.ts";

/** The time of a market that is made or replayed here: it follows a clock, or its readers. */
export interface MarketTime {
  /** Ms since the epoch; never goes back. */
  now(): number;
  /** A reader from now on. Market time that follows its readers stands still until each of them has asked for more or has left. */
  join(): TimeReader;
  /** All readers leave; those that join later have left already. */
  close(): void;
}

/** One subscription's hold on market time. */
export interface TimeReader {
  readonly left: boolean;
  /** Resolves with true once market time has come to `time`, with false once the reader has left. One call at a time. */
  until(time: number): Promise<boolean>;
  /** Idempotent; a call of `until` that is under way ends at once. */
  leave(): void;
}

/** Node's timers are 32 bits of ms; a longer wait is made of several. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * Market time that follows a clock: `start` plus `speed` market seconds for each second of monotonic time since this call, and no further
 * than `end`. Steps of the wall clock do not move it.
 */
export function clockTime(options: {
  readonly clock: Clock;
  readonly speed: number;
  readonly start: number;
  readonly end: number;
}): MarketTime {
  const { clock, speed, start, end } = options;
  const began = clock.monotonic();
  const readers = new Set<TimeReader>();
  let latest = start;
  let closed = false;

  const now = (): number => {
    const time = Math.floor(start + (clock.monotonic() - began) * speed);
    latest = Math.min(end, Math.max(latest, time));
    return latest;
  };

  /** Calls `reached` when market time has come to `time`; the answer cancels. Without a timer where the time never comes. */
  const wait = (time: number, reached: () => void): (() => void) => {
    if (time > end) {
      return () => {};
    }
    let cancel = () => {};
    const look = () => {
      const left = time - now();
      if (left <= 0) {
        reached();
      } else {
        // Timers may fire a little early, and market time is cut to ms: look again rather than trust one wait.
        cancel = clock.after(Math.min(LONGEST_WAIT_MS, Math.max(1, Math.ceil(left / speed))), look);
      }
    };
    look();
    return () => cancel();
  };

  const join = (): TimeReader => {
    let left = closed;
    let interrupt = () => {};
    const reader: TimeReader = {
      get left() {
        return left;
      },
      until(time) {
        if (left || now() >= time) {
          return Promise.resolve(!left);
        }
        return new Promise((resolve) => {
          const cancel = wait(time, () => {
            interrupt = () => {};
            resolve(true);
          });
          interrupt = () => {
            cancel();
            resolve(false);
          };
        });
      },
      leave() {
        left = true;
        readers.delete(reader);
        interrupt();
      },
    };
    readers.add(reader);
    return reader;
  };

  return {
    now,
    join,
    close() {
      closed = true;
      for (const reader of readers) {
        reader.leave();
      }
    },
  };
}
