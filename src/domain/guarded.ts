/** Told of what was thrown where nobody waits for an answer. Must not throw. */
export type OnThrown = (error: unknown) => void;

/**
 * Runs a task that nobody waits for, such as a timer's or a listener's. What it throws, now or
 * later, ends nothing but the task.
 */
export function guarded(task: () => unknown, onThrown: OnThrown): void {
  try {
    const result = task();
    if (result instanceof Promise) {
      result.catch(onThrown);
    }
  } catch (error) {
    onThrown(error);
  }
}
