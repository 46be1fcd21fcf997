import type { IncomingMessage, ServerResponse } from "node:http";
import { cors } from "@connectrpc/connect";

/** How long browsers may remember what a preflight allowed, s. */
const PREFLIGHT_S = 7_200;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Lets pages of the origins given call ("https://desk.example:8443"; "*": of any), and pages of the server itself. Other pages are refused
 * rather than merely not answered: a browser sends their calls all the same, and what they order would be done.
 */
export class Origins {
  readonly #allowed: ReadonlySet<string>;

  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed);
  }

  /** Why the page that the request comes from may not call; undefined where it may, or where there is no page. Allows the answer to be read. */
  refusal({ headers, socket }: IncomingMessage, response: ServerResponse): string | undefined {
    const { origin, host } = headers;
    if (origin === undefined) {
      return undefined;
    }
    if (this.#allowed.has(origin) || this.#allowed.has("*")) {
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("access-control-expose-headers", cors.exposedHeaders.join(", "));
      response.setHeader("vary", "origin");
      return undefined;
    }
    if (isOwn(origin, host, isLoopback(socket.localAddress))) {
      return undefined;
    }
    return `pages of ${JSON.stringify(origin)} may not call this server: add that origin to the allowed ones where they should`;
  }

  /** Answers a browser that asks what it may send. */
  preflight(response: ServerResponse): void {
    response.setHeader("access-control-allow-methods", cors.allowedMethods.join(", "));
    response.setHeader("access-control-allow-headers", [...cors.allowedHeaders, "Authorization"].join(", "));
    response.setHeader("access-control-max-age", PREFLIGHT_S);
    response.writeHead(204).end();
  }
}

/**
 * A page is the server's own where it has the server's name. On a loopback address it must be a loopback name besides: any site can give its own
 * name that address, and its pages would then pass for ours.
 */
function isOwn(origin: string, host: string | undefined, needsLoopbackName: boolean): boolean {
  if (!URL.canParse(origin)) {
    return false;
  }
  const page = new URL(origin);
  return page.host === host?.toLowerCase() && (!needsLoopbackName || LOOPBACK.test(page.hostname));
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && (address === "::1" || address.replace("::ffff:", "").startsWith("127."));
}
