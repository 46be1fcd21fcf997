import type { MarketTime, TimeReader } from "../paced/market-time.ts";

interface Pull {
  readonly time: number;
  readonly answer: (reached: boolean) => void;
}

/**
 * Market time that is as fast as its readers: once every reader waits, it moves on to the earliest time that one of them waits for.
 * So no bar is ever delivered late, whoever is slow, and a replay gives the same events whatever the machine is busy with.
 */
export function pulledTime(start: number, end: number): MarketTime {
  let now = start;
  let closed = false;
  const pulls = new Map<TimeReader, Pull | undefined>();

  const advance = () => {
    let next = Number.POSITIVE_INFINITY;
    for (const pull of pulls.values()) {
      if (pull === undefined) {
        return;
      }
      next = Math.min(next, pull.time);
    }
    if (next > end) {
      return;
    }
    now = Math.max(now, next);
    for (const [reader, pull] of pulls) {
      if (pull !== undefined && pull.time <= now) {
        pulls.set(reader, undefined);
        pull.answer(true);
      }
    }
  };

  const join = (): TimeReader => {
    let left = closed;
    const reader: TimeReader = {
      get left() {
        return left;
      },
      until(time) {
        if (left || time <= now) {
          return Promise.resolve(!left);
        }
        return new Promise((answer) => {
          pulls.set(reader, { time, answer });
          advance();
        });
      },
      leave() {
        if (!left) {
          left = true;
          pulls.get(reader)?.answer(false);
          pulls.delete(reader);
          advance();
        }
      },
    };
    if (!left) {
      pulls.set(reader, undefined);
    }
    return reader;
  };

  return {
    now: () => now,
    join,
    close() {
      closed = true;
      // All are gone before any leaves, so that time does not run on for those that are left.
      const readers = [...pulls.keys()];
      for (const pull of pulls.values()) {
        pull?.answer(false);
      }
      pulls.clear();
      for (const reader of readers) {
        reader.leave();
      }
    },
  };
}
