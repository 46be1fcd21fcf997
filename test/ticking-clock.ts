import type { Clock } from "../src/ports/clock.ts";

/**
 * A clock on which time flies: long work rests after every look at it, and `onRest` is called
 * meanwhile.
 */
export function tickingClock(onRest: () => void): Clock {
  let now = 0;
  return {
    now: () => now,
    monotonic() {
      now += 1_000;
      return now;
    },
    after(_, task) {
      const immediate = setImmediate(() => {
        onRest();
        task();
      });
      return () => clearImmediate(immediate);
    },
  };
}
