import type { Clock } from "../ports/clock.ts";

/** Wall time from one collection to the next, at least: where market time is fast, closes come many times a second. */
const LEAST_GAP_MS = 10;

/**
 * Collects the young generation when it is called, so that the collector does not come between the last bar of a close and its decisions: it takes
 * some milliseconds, which are free while the bars of a close are waited for. Undefined where the process was not started with --expose-gc.
 */
export function earlyCollection(clock: Clock): (() => void) | undefined {
  const { gc } = globalThis;
  if (gc === undefined) {
    return undefined;
  }
  let next = Number.NEGATIVE_INFINITY;
  return () => {
    if (clock.monotonic() >= next) {
      gc({ type: "minor" });
      next = clock.monotonic() + LEAST_GAP_MS;
    }
  };
}
