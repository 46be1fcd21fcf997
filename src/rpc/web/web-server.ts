import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer, Server as SecureServer } from "node:https";
import { guarded } from "../../domain/guarded.ts";
import type { LongWorks } from "../../engine/concurrency/long-work.ts";
import type { Access } from "../auth/access.ts";
import type { Budgets } from "../budgets/budgets.ts";
import { type CallHook, chainHooks } from "../calls/call-hooks.ts";
import { OpenCalls } from "../calls/open-calls.ts";
import { StreamLimit } from "../calls/stream-limit.ts";
import { type CarrierLog, thrownTo } from "../carrier-log.ts";
import { CertifiedConnections } from "../connections/client-trust.ts";
import { ConnectionLimit, DEFAULT_LIMIT } from "../connections/connection-limit.ts";
import { CallTurns } from "../connections/fair-turns.ts";
import { bindServer, type Listener } from "../connections/listener.ts";
import { type TlsMaterial, tlsOptions } from "../connections/tls.ts";
import { BytesInFlight, MOST_IN_FLIGHT } from "../intake/bytes-in-flight.ts";
import { ownWork } from "../intake/own-work.ts";
import { LARGEST_REQUEST } from "../intake/request-size.ts";
import type { Service } from "../service.ts";
import { httpOptions } from "./http-options.ts";
import { PageGuard } from "./page-guard.ts";
import { isProbe, PROBED, WebConnections } from "./web-connections.ts";
import { type WebMethod, webMethods } from "./web-methods.ts";
import {
  type MetricsPage,
  notFound,
  type Page,
  pagesForKnown,
  pathOf,
  type Readiness,
  sendText,
  webPages,
} from "./web-pages.ts";

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
  /** Among which requests are decoded; one of its own, unless shared. */
  readonly longWorks?: LongWorks;
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
  const site = new Site(options);
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

function running(server: Server, listener: Listener, site: Site, certified: CertifiedConnections): WebServer {
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

/** What answers requests: calls and pages. */
class Site {
  readonly #options: WebServerOptions;
  readonly #guard: PageGuard;
  readonly #pages: ReadonlyMap<string, Page>;
  readonly #nothing: Page;
  /** One packet may bring hundreds of requests. */
  readonly #turns: CallTurns;
  readonly #connections = new WebConnections((peer) => this.#listener?.place(peer));
  readonly #calls: OpenCalls;
  readonly #methods: ReadonlyMap<string, WebMethod>;
  #listener: Listener | undefined;
  #isDraining = false;

  constructor(options: WebServerOptions) {
    this.#options = options;
    this.#turns = new CallTurns(thrownTo(options.log, "page"));
    this.#guard = new PageGuard({ origins: options.allowedOrigins ?? [], hosts: options.hosts ?? [] });
    const { log, access, budgets } = options;
    const forKnown = pagesForKnown(access, log);
    this.#pages = webPages({
      ...options,
      forKnown,
      readiness: () => this.#readiness(),
      shareOf: (...whose) => this.#calls.shareOf(...whose),
    });
    const nothing: Page = (request, response) => notFound(request, response, this.#pages.keys(), options.services);
    this.#nothing = forKnown("an unknown path", nothing);
    this.#calls = new OpenCalls({
      streams: options.streams ?? new StreamLimit(200),
      stallMs: options.stallMs ?? 30_000,
      evict: (peer) => this.#listener?.evict(peer),
      log,
      ...(access !== undefined && { access }),
      ...(budgets !== undefined && { budgets }),
    });
    this.#methods = webMethods(options.services, {
      calls: this.#calls,
      hook: chainHooks(options.hooks ?? []),
      log,
      forKnown,
      onFlood: (socket) => this.#connections.flood(socket),
      maxReceiveBytes: options.maxReceiveBytes ?? LARGEST_REQUEST,
      longWorks: options.longWorks ?? ownWork(),
      inFlight: options.inFlight ?? new BytesInFlight(MOST_IN_FLIGHT),
      maxCallMs: options.maxCallMs ?? 60_000,
    });
  }

  open(listener: Listener): void {
    this.#listener = listener;
  }

  /** What is thrown ends this request, and no other. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const onThrown = (error: unknown): void => {
      this.#options.log({ kind: "thrown", where: "page", error });
      if (response.headersSent) {
        response.destroy();
      } else {
        sendText(request, response, 500, "internal error; see the log");
      }
    };
    // Node tells a request that its connection is gone, also once nobody reads of it any more.
    // Whoever reads hears of it besides.
    request.on("error", () => {});
    response.on("error", () => {});
    if (this.#connections.isPiling(request, response)) {
      request.socket.destroy();
      return;
    }
    this.#turns.begin(pathOf(request), request.socket, () => {
      // What was abandoned while it waited costs nothing more.
      if (!response.destroyed) {
        guarded(() => this.#answer(request, response), onThrown);
      }
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): Promise<void> | void {
    const mayGoOn = this.#connections.settle(request.socket);
    if (this.#isDraining || !mayGoOn) {
      response.shouldKeepAlive = false;
    }
    const pathname = pathOf(request);
    const refusal = this.#guard.refusal(request, response);
    const method = this.#methods.get(pathname);
    const page = this.#pages.get(pathname);
    if (refusal !== undefined) {
      sendText(request, response, 403, refusal);
    } else if (!mayGoOn && !PROBED.has(pathname)) {
      sendText(request, response, 503, "there are too many connections: close some, or try again later");
    } else if (request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined) {
      this.#guard.preflight(response);
    } else if (method !== undefined) {
      return method(request, response);
    } else if (page !== undefined) {
      return page(request, response);
    } else {
      return this.#nothing(request, response);
    }
  }

  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true;
    await this.#calls.drain(graceMs);
  }

  close(): void {
    this.#isDraining = true;
    this.#calls.stop();
  }

  #readiness(): Readiness {
    const { ready, reasons } = this.#options.readiness();
    return this.#isDraining ? { ready: false, reasons: ["the server is going down", ...reasons] } : { ready, reasons };
  }
}
