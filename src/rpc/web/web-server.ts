import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer, Server as SecureServer } from "node:https";
import type { LongWorks } from "../../engine/concurrency/long-work.ts";
import type { Access } from "../auth/access.ts";
import type { Budgets } from "../budgets/budgets.ts";
import type { CallHook } from "../calls/call-hooks.ts";
import type { StreamLimit } from "../calls/stream-limit.ts";
import type { CarrierLog } from "../carrier-log.ts";
import { CertifiedConnections } from "../connections/client-trust.ts";
import { ConnectionLimit, DEFAULT_LIMIT } from "../connections/connection-limit.ts";
import { bindServer, type Listener } from "../connections/listener.ts";
import { type TlsMaterial, tlsOptions } from "../connections/tls.ts";
import type { BytesInFlight } from "../intake/bytes-in-flight.ts";
import type { Service } from "../service.ts";
import { httpOptions } from "./http-options.ts";
import { isProbe } from "./web-connections.ts";
import type { MetricsPage, Readiness } from "./web-pages.ts";
import { WebSite } from "./web-site.ts";

export interface WebServerOptions {
  /** "127.0.0.1:8080"; port 0 takes a free one. */
  readonly address: string;
  readonly services: readonly Service[];
  /** Whether the service can decide now, and what is in the way. Cheap. */
  readonly readiness: () => Readiness;
  /** What /metrics answers; nothing is there without it. */
  readonly metrics?: MetricsPage;
  /** Absent: plaintext. */
  readonly tls?: TlsMaterial;
  readonly log: CarrierLog;
  /** Hooks of every call of `services`, the first outermost. The pages are not among them. */
  readonly hooks?: readonly CallHook[];
  /**
   * Decides on calls of `services` before their body is read, on who may see the metrics, and on
   * who may hear that nothing is there; without it everyone may. Health is open: probes need no
   * secret.
   */
  readonly access?: Access;
  /**
   * Origins whose pages may call, such as "https://desk.example"; "*" is any. None but its own by
   * default.
   */
  readonly allowedOrigins?: readonly string[];
  /** Names by which callers may reach the server, beside `localhost` and literal addresses. */
  readonly hosts?: readonly string[];
  /**
   * Bounds open streams; 200 of this server alone. Given to several servers, they share the places.
   */
  readonly streams?: StreamLimit;
  /**
   * What each caller may use at once; absent: anything. Given to several servers, callers have one
   * budget at all.
   */
  readonly budgets?: Budgets;
  /** Among which requests are decoded. */
  readonly longWorks: LongWorks;
  /** A reader that takes nothing for so long loses its connection, ms; 30 s. */
  readonly stallMs?: number;
  /**
   * Largest request, bytes, packed and unpacked; 16 MiB. Most methods take less: see
   * intake/request-size.ts.
   */
  readonly maxReceiveBytes?: number;
  /**
   * Bounds the bytes of requests; 64 MiB of this server alone. Given to several servers, they share
   * them.
   */
  readonly inFlight?: BytesInFlight;
  /** Unary calls end after this time, ms, whatever longer deadline the caller gives; 60 s. */
  readonly maxCallMs?: number;
  /**
   * A request must have come in full after this time, its headers after a third of it, and the
   * first one's TLS hello after half of it, ms; 30 s.
   */
  readonly requestMs?: number;
  /**
   * Bounds open connections; 1,000 of this server alone. Given to several servers, they share the
   * places. Some more are taken for /healthz and /readyz.
   */
  readonly connections?: ConnectionLimit;
}

export interface WebServer {
  /** As bound: "127.0.0.1:8080". */
  readonly address: string;
  readonly port: number;
  /**
   * Goes down in order: /readyz says no, new calls are refused with `unavailable`, endless streams
   * end with it, the other calls finish. What is left after `graceMs` is cut off. Resolves when
   * everything is closed; asked again, answers the same.
   */
  drain(graceMs: number): Promise<void>;
  /** As of the gRPC server. */
  renewTls(tls: TlsMaterial): number;
  /** Cuts everything off now. Idempotent. */
  close(): void;
}

/** What answers get to reach their readers once all calls have ended, out of the grace. */
const GOODBYE_MS = 500;
/**
 * Serves services to browsers and curl (Connect, gRPC-Web and JSON over HTTP/1.1, plain or over
 * TLS), and pages for operators. Fails as `bindServer` does.
 */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const site = new WebSite(options);
  const { requestMs = 30_000 } = options;
  const http = httpOptions(requestMs);
  const handle = (request: IncomingMessage, response: ServerResponse): void => site.handle(request, response);
  const server = options.tls
    ? createSecureServer({ ...http, ...tlsOptions(options.tls) }, handle)
    : createServer(http, handle);
  const certified = new CertifiedConnections(options.tls?.clientCa);
  server.on("secureConnection", (socket) => certified.add(socket, socket));
  const listener = await bindServer(options.address, server, {
    connections: options.connections ?? new ConnectionLimit(DEFAULT_LIMIT),
    // Later than the server's own limit for headers, which tells the client why.
    settleMs: requestMs / 2,
    hearsProbes: true,
    ...(!options.tls && { isProbe }),
  });
  site.open(listener);
  return running(server, listener, site, certified);
}

function running(server: Server, listener: Listener, site: WebSite, certified: CertifiedConnections): WebServer {
  let drained: Promise<void> | undefined;
  const close = (): void => {
    site.close();
    listener.close();
  };
  const drain = async (graceMs: number): Promise<void> => {
    const end = performance.now() + graceMs;
    await site.drain(graceMs);
    listener.stop();
    server.closeIdleConnections();
    await listener.empty(Math.min(Math.max(end - performance.now(), 0), GOODBYE_MS));
    close();
  };
  return {
    address: listener.address,
    port: listener.port,
    drain: (graceMs) => {
      drained ??= drain(graceMs);
      return drained;
    },
    renewTls(tls) {
      if (server instanceof SecureServer) {
        server.setSecureContext(tlsOptions(tls));
      }
      return certified.renew(tls.clientCa);
    },
    close,
  };
}
