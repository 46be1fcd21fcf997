import { type After, FaultLog } from "./fault-log.ts";
import type { Logger } from "./logger.ts";

/** An order that a caller gave, as far as the log goes by it. */
interface Order {
  readonly method: string;
  readonly principal?: { readonly name: string };
  readonly peer?: string;
  readonly error?: { readonly message: string };
}

export interface AuditLog {
  /** `line` is for people. */
  add(order: Order, line: string): void;
  /** Tells what has no line yet. */
  flush(): void;
}

/** Callers and methods whose failed orders have lines of their own in a minute. */
const MOST_KINDS = 100;

/**
 * Writes orders to the log: each that was carried out has a line. Those that failed have one a
 * caller, method and minute, with a count: who sends nothing but invalid orders would write as fast
 * as the disk does.
 */
export function auditLog(logger: Logger, after?: After): AuditLog {
  const failed = new FaultLog(logger, {
    ...(after && { after }),
    mostKinds: MOST_KINDS,
    others: "failed orders of other callers",
  });
  return {
    add(order, line) {
      const { error, principal, method, peer } = order;
      const fields = { ...order, error: error?.message };
      if (error === undefined) {
        logger.info(fields, line);
      } else {
        const who = principal?.name ?? peer?.replace(/:\d+$/, "") ?? "a caller";
        failed.add("info", `${who} ${method}`, fields, line);
      }
    },
    flush: () => failed.flush(),
  };
}
