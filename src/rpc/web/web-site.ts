import type { IncomingMessage, ServerResponse } from "node:http";
import { guarded } from "../../domain/guarded.ts";
import { chainHooks } from "../calls/call-hooks.ts";
import { OpenCalls } from "../calls/open-calls.ts";
import { StreamLimit } from "../calls/stream-limit.ts";
import { thrownTo } from "../carrier-log.ts";
import { CallTurns } from "../connections/fair-turns.ts";
import type { Listener } from "../connections/listener.ts";
import { BytesInFlight, MOST_IN_FLIGHT } from "../intake/bytes-in-flight.ts";
import { LARGEST_REQUEST } from "../intake/request-size.ts";
import { PageGuard } from "./page-guard.ts";
import { PROBED, WebConnections } from "./web-connections.ts";
import { type WebMethod, webMethods } from "./web-methods.ts";
import { notFound, type Page, pagesForKnown, pathOf, type Readiness, sendText, webPages } from "./web-pages.ts";
import type { WebServerOptions } from "./web-server.ts";

/** Answers the requests of a web server: calls and pages. */
export class WebSite {
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
      isInPieces: (request) => this.#connections.isInPieces(request),
      maxReceiveBytes: options.maxReceiveBytes ?? LARGEST_REQUEST,
      longWorks: options.longWorks,
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
