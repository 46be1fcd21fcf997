import type { IncomingMessage, ServerResponse } from "node:http";
import { errorText } from "../../domain/errors.ts";
import type { Access } from "../auth/access.ts";
import { clientCertificate, peerCertificate } from "../auth/certificate.ts";
import type { Principal } from "../auth/principal.ts";
import { refusedCall } from "../auth/refused.ts";
import type { Share } from "../budgets/share.ts";
import type { CarrierLog } from "../carrier-log.ts";
import { toRuntimeError } from "../errors.ts";
import type { Service } from "../service.ts";

/** Whether the service can decide now, as GetRuntimeStatus says. */
export interface Readiness {
  readonly ready: boolean;
  /** What is in the way; while ready, what people should know, such as bars that come late. */
  readonly reasons: readonly string[];
}

/** What /metrics answers. */
export interface MetricsPage {
  readonly contentType: string;
  text(): Promise<string>;
}

export interface WebPagesOptions {
  readonly readiness: () => Readiness;
  readonly metrics?: MetricsPage;
  /**
   * What the page of that name may use of the budgets of whoever asks for it; throws
   * `resource_exhausted` where nothing is left.
   */
  readonly shareOf: (name: string, peer: string, principal: Principal | undefined) => Share;
  /** Lets whoever is known read a page, and refuses all others. */
  readonly forKnown: ForKnown;
}

/** `principal` is who asks, where that is known and looked at. */
export type Page = (request: IncomingMessage, response: ServerResponse, principal?: Principal) => Promise<void> | void;

/** The page for those who may read it. `name` stands in the log. */
export type ForKnown = (name: string, page: Page) => Page;

/** The pages that are no calls, by path. */
export function webPages({ readiness, metrics, shareOf, forKnown }: WebPagesOptions): ReadonlyMap<string, Page> {
  const pages: [string, Page][] = [
    // That it answers is all that it says: a process that cannot decide must be mended, not
    // restarted over and over.
    ["/healthz", onlyReads((request, response) => sendText(request, response, 200, "alive"))],
    ["/readyz", onlyReads((request, response) => sendReadiness(request, response, readiness()))],
  ];
  if (metrics !== undefined) {
    const collect = together(() => metrics.text());
    const page = budgeted("/metrics", shareOf, (request, response) =>
      sendMetrics(request, response, { contentType: metrics.contentType, text: collect }),
    );
    // Every role may read: what the metrics say of strategies and trades is what a viewer may ask.
    pages.push(["/metrics", forKnown("/metrics", onlyReads(page))]);
  }
  return new Map(pages);
}

/** The path of a request, without its query. */
export function pathOf({ url }: IncomingMessage): string {
  return url?.split("?", 1)[0] ?? "/";
}

/** 404, with what there is instead. */
export function notFound(
  request: IncomingMessage,
  response: ServerResponse,
  pages: Iterable<string>,
  services: readonly Service[],
): void {
  const [, name, method] = /^\/([^/]+)\/([^/]*)/.exec(pathOf(request)) ?? [];
  const service = services.find(({ descriptor }) => descriptor.typeName === name)?.descriptor;
  const names = service?.methods.map((each) => each.name).join(", ");
  const all = services.map(({ descriptor }) => descriptor.typeName).join(", ");
  const calls = services.length === 0 ? "" : `, and POST /<service>/<method> of ${all}`;
  const hint =
    service === undefined
      ? `nothing is here: there are ${[...pages].join(", ")}${calls}`
      : `${name} has no method ${JSON.stringify(method)}: it has ${names}`;
  sendText(request, response, 404, hint);
}

/** By who is known to `access`; anyone may read where there is none. Every role is enough. */
export function pagesForKnown(access: Access | undefined, log: CarrierLog): ForKnown {
  if (access === undefined) {
    return (_, page) => page;
  }
  return (name, page) => (request, response) => {
    const { remoteAddress, remotePort } = request.socket;
    const certificate = clientCertificate(peerCertificate(request.socket));
    const authorization = request.headersDistinct.authorization ?? [];
    const credentials = { authorization, ...(certificate && { certificate }) };
    let principal: Principal;
    try {
      principal = access.identify(credentials);
    } catch (thrown) {
      const from = { method: name, peer: `${remoteAddress}:${remotePort}` };
      const refused = refusedCall(access, credentials, from, thrown);
      log(refused);
      const { code, message } = refused.error;
      if (code !== "permission_denied") {
        response.setHeader("www-authenticate", "Bearer");
      }
      sendText(request, response, code === "permission_denied" ? 403 : 401, message);
      return;
    }
    return page(request, response, principal);
  };
}

/** The page, on the budgets of whoever asks for it. */
function budgeted(name: string, shareOf: WebPagesOptions["shareOf"], page: Page): Page {
  return (request, response, principal) => {
    const { remoteAddress, remotePort } = request.socket;
    let share: Share;
    try {
      share = shareOf(name, `${remoteAddress}:${remotePort}`, principal);
    } catch (thrown) {
      const { message, retryAfterMs = 0 } = toRuntimeError(thrown);
      response.setHeader("retry-after", Math.ceil(retryAfterMs / 1_000));
      sendText(request, response, 429, message);
      return;
    }
    response.once("close", () => share.release());
    return share.turn(() => page(request, response, principal));
  };
}

/** One run under way serves all who ask meanwhile. */
function together<T>(run: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  return () => {
    underWay ??= run().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

/** One line of text. */
export function sendText(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  send(request, response, status, "text/plain; charset=utf-8", `${text}\n`);
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string,
): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

function onlyReads(page: Page): Page {
  return (request, response, principal) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      sendText(request, response, 405, "only GET and HEAD are answered here");
      return;
    }
    return page(request, response, principal);
  };
}

function sendReadiness(request: IncomingMessage, response: ServerResponse, { ready, reasons }: Readiness): void {
  const status = ready ? 200 : 503;
  if (wantsJson(request.headers.accept)) {
    send(request, response, status, "application/json", `${JSON.stringify({ ready, reasons })}\n`);
    return;
  }
  sendText(request, response, status, [ready ? "ready" : "not ready", ...reasons].join("\n"));
}

async function sendMetrics(request: IncomingMessage, response: ServerResponse, metrics: MetricsPage): Promise<void> {
  try {
    send(request, response, 200, metrics.contentType, await metrics.text());
  } catch (error) {
    sendText(request, response, 500, `the metrics could not be collected: ${errorText(error)}`);
  }
}

/** Text is for people and for those who take anything. */
function wantsJson(accept: string | undefined): boolean {
  const types = (accept ?? "").split(",").map((part) => part.split(";")[0]?.trim().toLowerCase());
  return types.includes("application/json");
}
