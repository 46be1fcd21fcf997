import { LongWorks } from "../../engine/concurrency/long-work.ts";

/** Where the long works of a server rest that shares none. */
export function ownWork(): LongWorks {
  return new LongWorks({
    monotonic: () => performance.now(),
    after(ms, task) {
      if (ms <= 0) {
        const immediate = setImmediate(task);
        return () => clearImmediate(immediate);
      }
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
  });
}
