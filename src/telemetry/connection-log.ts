import { type After, FaultLog } from "./fault-log.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";

/** What there is a line and a count for. */
export interface ConnectionWords {
  /** Why a connection was closed, behind "of ADDRESS". */
  readonly [why: string]: string;
}

export interface ConnectionLog {
  add(why: string, address: string): void;
  /** Tells what has no line yet. */
  flush(): void;
}

/**
 * Counts connections that were closed for want of room or patience. The log has one line a reason
 * and minute, whoever called.
 */
export function connectionLog(words: ConnectionWords, logger: Logger, metrics: Metrics, after?: After): ConnectionLog {
  const faults = new FaultLog(logger, { ...(after && { after }) });
  for (const reason of Object.keys(words)) {
    metrics.connectionsClosed.inc({ reason }, 0);
  }
  return {
    add(why, address) {
      metrics.connectionsClosed.inc({ reason: why });
      faults.add("warn", why, { why, address }, `closed a connection of ${address}, ${words[why]}`);
    },
    flush: () => faults.flush(),
  };
}
