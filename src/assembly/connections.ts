import type { Config } from "../config.ts";
import { type ClosedFor, ConnectionLimit } from "../rpc/connections/connection-limit.ts";
import { connectionLog } from "../telemetry/connection-log.ts";
import type { Log } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";

/** Connections of probes and Prometheus, on an address of their own. */
const MOST_PROBES = 100;

export interface Connections {
  /** On the ports where calls are served, together. */
  readonly callers: ConnectionLimit;
  readonly probes: ConnectionLimit;
  /** Tells the log what it has not been told. */
  flush(): void;
}

/** The limits of connections, with their log and metrics. */
export function connectionLimits(config: Config, log: Log, metrics: Metrics): Connections {
  const { maxConnections: most, maxConnectionsPerAddress: mostOfAddress } = config;
  const words: Readonly<Record<ClosedFor, string>> = {
    all: `one more than MAX_CONNECTIONS allows, which is ${most}`,
    address: `which has as many as MAX_CONNECTIONS_PER_ADDRESS allows, ${mostOfAddress}`,
    unfinished: "which had sent no whole request, to make room for another",
    slow: "which sent no whole request in time",
    flood: "which sends requests by the hundred and leaves before their answers",
  };
  const closed = connectionLog(words, log("rpc"), metrics);
  const onClosed = (why: ClosedFor, address: string) => closed.add(why, address);
  const callers = new ConnectionLimit({ most, mostOfAddress, onClosed });
  const probes = new ConnectionLimit({ most: MOST_PROBES, mostOfAddress: MOST_PROBES, onClosed });
  metrics.onScrape(() => {
    metrics.connections.set({ of: "callers" }, callers.open);
    metrics.connections.set({ of: "probes" }, probes.open);
  });
  return { callers, probes, flush: () => closed.flush() };
}
