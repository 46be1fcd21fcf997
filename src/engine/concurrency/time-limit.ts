import { RuntimeError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";

/** A timer that rings so late says that the process stood still. */
const LATE_MS = 1_000;

/**
 * The answer of `work`; `unavailable` where it takes longer than `ms` of wall time, whatever
 * becomes of the work. Where the process stood still meanwhile, the answer may have come and not
 * been read: it gets another moment.
 */
export async function withinLimit<T>(clock: Clock, ms: number, what: string, work: Promise<T>): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  let cancel = () => {};
  const wait = (left: number): void => {
    const due = clock.monotonic() + left;
    cancel = clock.after(left, () => {
      if (clock.monotonic() > due + LATE_MS) {
        wait(LATE_MS);
      } else {
        reject(new RuntimeError("unavailable", `${what} has not answered within ${ms / 1_000} s`));
      }
    });
  };
  wait(ms);
  try {
    return await Promise.race([work, over]);
  } finally {
    cancel();
  }
}
