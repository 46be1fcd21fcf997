import type { Clock } from "../ports/clock.ts";
import type { Observer } from "../ports/observer.ts";

/** A close that decided less leaves so little behind that it does not matter when it is collected. */
const LEAST_DECISIONS = 50;
/** Long enough for the decisions to be on their way to those who follow. */
const REST_MS = 10;

/**
 * Clears the young generation in the rest after a bar close. The next close then finds it empty: in the middle of one, the collector would have to
 * copy all that the close is at work on, and those who wait for its decisions would wait for that, too.
 *
 * `collect` clears it; by default V8 does, which wants Node to be started with --expose-gc. Without that, nothing is done.
 */
export function collectAfterCloses(clock: Clock, collect: (() => void) | undefined = collectYoung()): Observer {
  let cancel = (): void => {};
  return {
    wantsSuppressions: false,
    observe(event) {
      if (collect !== undefined && event.kind === "sweep" && event.cause === "close") {
        const decided = event.summary.outcomes.DECIDED ?? 0;
        if (decided >= LEAST_DECISIONS) {
          cancel();
          cancel = clock.after(REST_MS, collect);
        }
      }
    },
  };
}

function collectYoung(): (() => void) | undefined {
  const { gc } = globalThis;
  return gc && (() => gc({ type: "minor" }));
}
