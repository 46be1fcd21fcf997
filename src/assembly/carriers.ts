import type { Address } from "../config/setting.ts";
import type { Config } from "../config.ts";
import type { Engine } from "../engine/api.ts";
import type { LongWorks } from "../engine/concurrency/long-work.ts";
import { auditLine, withAudit } from "../rpc/auth/audit.ts";
import { BUDGETS, type Limits } from "../rpc/budgets/account.ts";
import { Budgets } from "../rpc/budgets/budgets.ts";
import { networkOfPeer } from "../rpc/budgets/caller.ts";
import type { Turns } from "../rpc/budgets/turns.ts";
import type { CallHook } from "../rpc/calls/call-hooks.ts";
import { StreamLimit } from "../rpc/calls/stream-limit.ts";
import type { CarrierEvent, CarrierLog } from "../rpc/carrier-log.ts";
import type { ConnectionLimit } from "../rpc/connections/connection-limit.ts";
import { contractServices } from "../rpc/contract.ts";
import { type GrpcServer, startGrpcServer } from "../rpc/grpc/grpc-server.ts";
import { BytesInFlight } from "../rpc/intake/bytes-in-flight.ts";
import { LIMITS } from "../rpc/limit-refusal.ts";
import { startWebServer, type WebServer, type WebServerOptions } from "../rpc/web/web-server.ts";
import { auditLog } from "../telemetry/audit-log.ts";
import { budgetMetrics } from "../telemetry/budget-metrics.ts";
import { callLog } from "../telemetry/call-log.ts";
import { callMetrics, carrierMetrics } from "../telemetry/call-metrics.ts";
import type { Log } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Tracing } from "../telemetry/tracing.ts";
import { connectionLimits } from "./connections.ts";
import { Protection } from "./protection.ts";

export interface CarriersOptions {
  readonly engine: Engine;
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly version: string;
  readonly adapters: Readonly<Record<string, string>>;
  readonly now: () => number;
  /** Measures what calls compute; those of the engine's clock. */
  readonly turns: Turns;
  /** Among which requests are decoded. */
  readonly longWorks: LongWorks;
}

export interface Carriers {
  readonly server: GrpcServer;
  readonly web?: WebServer;
  readonly probes?: WebServer;
  /** Reads files of tokens and certificates again. Never rejects. */
  renew(): Promise<void>;
  drain(graceMs: number): Promise<void>;
}

/**
 * Serves the engine over gRPC and, unless it is switched off, to browsers and curl, under the same
 * rules.
 */
export async function startCarriers(options: CarriersOptions): Promise<Carriers> {
  const { config, engine, log, metrics, tracing } = options;
  const protection = await Protection.open(config, {
    now: options.now,
    info: (line) => log("rpc").info(line),
    error: (line) => log("rpc").error(line),
  });
  const { tls, access } = protection;
  const calls = callLog(log("rpc"), { networkOf: networkOfPeer });
  const audit = auditLog(log("audit"));
  const connections = connectionLimits(config, log, metrics);
  const count = carrierMetrics(metrics, LIMITS);
  const services = contractServices(engine, options).map((service) =>
    withAudit(service, (event) => audit.add(event, auditLine(event))),
  );
  const shared = {
    services,
    log: (event: CarrierEvent) => {
      count(event);
      calls.add(event);
    },
    hooks: [tracing.callHook, callMetrics(metrics)] as readonly CallHook[],
    streams: new StreamLimit(config.maxStreams, config.keptStreams),
    budgets: openBudgets(options),
    connections: connections.callers,
    inFlight: new BytesInFlight(config.maxBytesInFlight, Math.floor(config.maxBytesInFlight / 4)),
    longWorks: options.longWorks,
    ...(tls && { tls }),
    ...(access && { access }),
  };
  const started: { close(): void; drain(graceMs: number): Promise<void> }[] = [];
  try {
    const server = await startGrpcServer({
      ...shared,
      address: addressText(config.grpcAddress),
      ready: () => canServe(engine),
    });
    started.push(server);
    const web = await startWeb(options, shared);
    started.push(...(web ? [web] : []));
    const probes = await startProbes(options, shared.log, connections.probes);
    started.push(...(probes ? [probes] : []));
    protection.onTls((renewed) => sayClosed(log, server.renewTls(renewed) + (web?.renewTls(renewed) ?? 0)));
    const stopWatching = protection.watch();
    const drain = async (graceMs: number) => {
      stopWatching();
      await Promise.all(started.map((each) => each.drain(graceMs)));
      calls.flush();
      audit.flush();
      connections.flush();
    };
    const renew = () => protection.renew();
    return { server, ...(web && { web }), ...(probes && { probes }), renew, drain };
  } catch (error) {
    for (const each of started) {
      each.close();
    }
    throw error;
  }
}

/** Of connections that another client authority has closed. */
function sayClosed(log: Log, closed: number): void {
  if (closed > 0) {
    log("rpc").info({ closed }, `closed ${closed} connections whose certificate TLS_CLIENT_CA no longer knows`);
  }
}

function openBudgets({ config, metrics, turns }: CarriersOptions): Budgets {
  const limits: Limits = {
    calls: config.callsPerCaller,
    orders: config.ordersPerCaller,
    streams: config.streamsPerCaller,
    bytes: config.bytesPerCaller,
    order_bytes: config.bytesPerCaller,
    processor: config.processorPerCallerMs,
    openings: config.processorPerCallerMs,
  };
  const { onRefused, onSpent, watch } = budgetMetrics(metrics);
  const budgets = new Budgets({ limits, turns, onRefused, onSpent });
  watch(BUDGETS, (budget) => budgets.mostUsed(budget));
  return budgets;
}

async function startWeb(
  options: CarriersOptions,
  shared: Omit<WebServerOptions, "address" | "readiness">,
): Promise<WebServer | undefined> {
  const { config } = options;
  if (config.webAddress === "off") {
    return undefined;
  }
  return startWebServer({
    ...shared,
    ...pages(options, config.webAddress),
    allowedOrigins: config.webCorsOrigins,
  });
}

/** The pages alone, for those on a network where no callers are. */
async function startProbes(
  options: CarriersOptions,
  log: CarrierLog,
  connections: ConnectionLimit,
): Promise<WebServer | undefined> {
  const { config, longWorks } = options;
  const { probeAddress } = config;
  return probeAddress && startWebServer({ services: [], log, connections, longWorks, ...pages(options, probeAddress) });
}

function addressText({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function pages({ config, engine, metrics }: CarriersOptions, address: Address) {
  const readiness = () => {
    const { ready, whyNot, notes = [] } = engine.runtime.status();
    return { ready, reasons: [...whyNot, ...notes] };
  };
  // A server that listens on a name goes by that name.
  const hosts = [address.host, ...config.webHosts];
  return { address: addressText(address), readiness, metrics, hosts };
}

/**
 * Whether health is SERVING. A halt is an order, not a fault: a halted service is not ready, and
 * serves all the same, or a balancer would keep the order that lifts the halt away from it.
 */
export function canServe(engine: Engine): boolean {
  const { ready, whyNot, policy } = engine.runtime.status();
  return ready || (whyNot.length === 1 && policy?.halted === true);
}
