import { LongWorks } from "../../engine/concurrency/long-work.ts";

/** Where the long works of a server rest that shares none. */
export function ownWork(): LongWorks {
  return new LongWorks({
    monotonic: () => performance.now(),
    after(ms, task) {
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
  });
}
