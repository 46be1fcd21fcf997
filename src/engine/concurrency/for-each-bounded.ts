/**
 * Runs `task` for each item, at most `width` at a time; rejects with the first failure once all
 * that started have ended.
 */
export async function forEachBounded<T>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const remaining = items[Symbol.iterator]();
  const worker = async () => {
    for (const item of remaining) {
      await task(item);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, worker));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) {
    throw failed.reason;
  }
}
