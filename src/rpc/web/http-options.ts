import type { ServerOptions } from "node:http";

/** A connection without a request is closed after this time. */
const IDLE_MS = 60_000;

/** The time limits of HTTP/1.1, where a request must have come in full after `requestMs`. */
export function httpOptions(requestMs: number): ServerOptions {
  return {
    requestTimeout: requestMs,
    headersTimeout: Math.ceil(requestMs / 3),
    connectionsCheckingInterval: Math.min(1_000, Math.ceil(requestMs / 8)),
    keepAliveTimeout: IDLE_MS,
    // A machine that loses its network says nothing; this notices.
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
  };
}
