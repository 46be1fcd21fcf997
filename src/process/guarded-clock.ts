import { guarded, type OnThrown } from "../domain/guarded.ts";
import type { Clock } from "../ports/clock.ts";

/** The same clock, whose timers go on whatever one of their tasks throws. */
export function guardedClock(clock: Clock, onThrown: OnThrown): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (ms, task) => clock.after(ms, () => guarded(task, onThrown)),
  };
}
