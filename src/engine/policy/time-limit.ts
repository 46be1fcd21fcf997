import { RuntimeError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";

/** The answer of `work`; `unavailable` where it takes longer than `ms` of wall time, whatever becomes of the work. */
export async function withinLimit<T>(clock: Clock, ms: number, what: string, work: Promise<T>): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(ms, () =>
    reject(new RuntimeError("unavailable", `${what} has not answered within ${ms / 1_000} s`)),
  );
  try {
    return await Promise.race([work, over]);
  } finally {
    cancel();
  }
}
