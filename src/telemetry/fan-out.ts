import { type Observer, thrownIn } from "../ports/observer.ts";

/**
 * One that tells all of these, in order. What one of them throws is told to the others, and keeps
 * nobody from hearing.
 */
export function fanOut(observers: readonly Observer[]): Observer {
  const tell = (observer: Observer, event: Parameters<Observer["observe"]>[0]): void => {
    try {
      observer.observe(event);
    } catch (error) {
      for (const other of observers.filter((each) => each !== observer)) {
        try {
          thrownIn(other, "observer")(error);
        } catch {
          // It throws as well, and the next event says so to those that do not.
        }
      }
    }
  };
  return {
    wantsSuppressions: observers.some((observer) => observer.wantsSuppressions),
    observe(event) {
      for (const observer of observers) {
        tell(observer, event);
      }
    },
  };
}
