import type { Observer } from "../ports/observer.ts";

/** One that tells all of these, in order. */
export function fanOut(observers: readonly Observer[]): Observer {
  return {
    wantsSuppressions: observers.some((observer) => observer.wantsSuppressions),
    observe(event) {
      for (const observer of observers) {
        observer.observe(event);
      }
    },
  };
}
