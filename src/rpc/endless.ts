import { RuntimeError } from "../domain/errors.ts";
import type { CallContext } from "./service.ts";
import { untilAborted } from "./until-aborted.ts";

/**
 * A stream without an end of its own: it goes on until the caller leaves or the server goes down,
 * and says so then. What it has already yielded is sent before that, so the last resume token that
 * the caller holds is the place to go on from.
 */
export async function* untilDrain<T>(
  start: (signal: AbortSignal) => AsyncIterable<T>,
  context: CallContext,
): AsyncGenerator<T, void, void> {
  context.endless?.();
  const stop = new AbortController();
  const onStop = (): void => stop.abort();
  for (const signal of [context.signal, context.drain]) {
    signal.addEventListener("abort", onStop);
    if (signal.aborted) {
      onStop();
    }
  }
  try {
    yield* untilAborted(start(stop.signal), stop.signal);
  } finally {
    context.signal.removeEventListener("abort", onStop);
    context.drain.removeEventListener("abort", onStop);
    stop.abort();
  }
  if (context.drain.aborted && !context.signal.aborted) {
    throw new RuntimeError(
      "unavailable",
      "the server is going down: connect again and resume with the last resume_token received",
    );
  }
}
