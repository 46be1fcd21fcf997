/**
 * Tells waiters that something changed, without saying what: they read it again.
 * A change that comes while a waiter is busy is kept for it; several become one.
 */
export interface Changes {
  /** Wakes every waiter. */
  notify(): void;
  /** Hears of every change from this call on. Ends when the signal aborts or the feed ends. */
  watch(signal: AbortSignal): AsyncIterable<void>;
  /** Ends all that watch, and those that come later. Idempotent. */
  end(): void;
}

interface Waiter {
  changed: boolean;
  ended: boolean;
  wake: () => void;
}

export function createChanges(): Changes {
  const waiters = new Set<Waiter>();
  let over = false;

  function end(waiter: Waiter): void {
    waiters.delete(waiter);
    waiter.ended = true;
    waiter.wake();
  }

  return {
    notify() {
      for (const waiter of waiters) {
        waiter.changed = true;
        waiter.wake();
      }
    },
    watch(signal) {
      // Registered here and not at the first step of the iterator, so that no change in between is
      // missed.
      const waiter: Waiter = { changed: false, ended: over || signal.aborted, wake: () => {} };
      const onAbort = () => end(waiter);
      if (!waiter.ended) {
        waiters.add(waiter);
        signal.addEventListener("abort", onAbort, { once: true });
      }
      return steps(waiter, () => {
        waiters.delete(waiter);
        signal.removeEventListener("abort", onAbort);
      });
    },
    end() {
      over = true;
      for (const waiter of waiters) {
        end(waiter);
      }
    },
  };
}

async function* steps(waiter: Waiter, leave: () => void): AsyncGenerator<void, void, undefined> {
  try {
    while (!waiter.ended) {
      if (waiter.changed) {
        waiter.changed = false;
        yield;
      } else {
        await new Promise<void>((resolve) => {
          waiter.wake = resolve;
        });
      }
    }
  } finally {
    leave();
  }
}
