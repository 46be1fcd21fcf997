import { type After, FaultLog, kindOf } from "./fault-log.ts";
import type { Logger } from "./logger.ts";

/** What a venue's adapter lives through, as far as the log says more of it than its kind. */
export interface VenueEventLike {
  readonly kind: string;
  readonly reason?: string;
  readonly detail?: string;
  readonly message?: string;
  readonly streams?: number;
  readonly retryMs?: number;
  readonly waitMs?: number;
  readonly timeframe?: string;
  readonly rows?: number;
}

/**
 * Writes what the feed's adapter lives through to the log: what breaks as a warning, and what comes
 * by the thousand only now and then.
 */
export function venueLog(logger: Logger, after?: After): (event: VenueEventLike) => void {
  const faults = new FaultLog(logger, after && { after });
  return (event) => {
    switch (event.kind) {
      case "connected":
        faults.forget("malformed");
        logger.info({ ...event }, `market data: connected, ${event.streams} streams`);
        return;
      case "disconnected": {
        const text = `market data: disconnected, again in ${Math.round(event.retryMs ?? 0)} ms: ${event.reason}`;
        // A venue that refuses is tried every few seconds.
        faults.add("warn", `${event.kind} ${kindOf(event.reason ?? "")}`, event, text);
        return;
      }
      case "throttled":
        logger.warn({ ...event }, `market data: told to wait ${event.waitMs} ms: ${event.message}`);
        return;
      case "malformed":
        faults.add("warn", event.kind, event, `market data: the venue sent what cannot be read: ${event.detail}`);
        return;
      case "left_out": {
        // Every symbol may have the same hole.
        const text = `market data: rows of the ${event.timeframe} history are no bars, ${event.rows} here: ${event.detail}`;
        faults.add("warn", `${event.kind} ${event.timeframe}`, event, text);
        return;
      }
      case "caught_up":
        logger.debug({ ...event }, "market data: bars that the streams did not bring came from the history");
        return;
      default:
        logger.info({ ...event }, `market data: ${event.kind}`);
    }
  };
}
