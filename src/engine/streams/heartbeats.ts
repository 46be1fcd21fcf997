import type { Clock } from "../../ports/clock.ts";

type Step<T> = { readonly done: T } | "beat" | "aborted";

/**
 * Waits for work, and yields each time that it has taken so long again. Answers undefined as soon
 * as the signal comes: the work goes on by itself then, and nobody hears of it.
 */
export async function* withHeartbeats<T>(
  work: Promise<T>,
  everyMs: number,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<void, T | undefined> {
  const done = work.then((value): Step<T> => ({ done: value }));
  done.catch(() => undefined);
  const aborted = Promise.withResolvers<Step<T>>();
  const onAbort = () => aborted.resolve("aborted");
  signal.addEventListener("abort", onAbort, { once: true });
  let cancelBeat = () => {};
  try {
    while (!signal.aborted) {
      const beat = new Promise<Step<T>>((resolve) => {
        cancelBeat = clock.after(everyMs, () => resolve("beat"));
      });
      const step = await Promise.race([done, aborted.promise, beat]);
      cancelBeat();
      if (typeof step === "object") {
        return step.done;
      }
      if (step === "beat") {
        yield;
      }
    }
    return undefined;
  } finally {
    cancelBeat();
    signal.removeEventListener("abort", onAbort);
  }
}
