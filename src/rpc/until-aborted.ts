/**
 * The items of `source` until it ends or the signal aborts, even while the source is silent and
 * does not look at the signal itself. The source is then told to return, and not waited for.
 */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, void> {
  const iterator = source[Symbol.asyncIterator]();
  // One slot for whoever waits now. A race against a promise that lives as long as the stream would
  // keep a reaction for each item.
  let wake = (): void => {};
  const onAbort = (): void => wake();
  signal.addEventListener("abort", onAbort);
  try {
    while (!signal.aborted) {
      const step = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
        wake = () => resolve(undefined);
        iterator.next().then(resolve, reject);
      });
      if (step === undefined || step.done) {
        return;
      }
      yield step.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // A source that fails while it is being left has nobody to tell.
    iterator.return?.().catch(() => {});
  }
}
