import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import { cors } from "@connectrpc/connect";

/** How long browsers may remember what a preflight allowed, s. */
const PREFLIGHT_S = 7_200;
const HOST = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/i;

export interface PageGuardOptions {
  /** Origins whose pages may call, such as "https://desk.example:8443"; "*" is any. */
  readonly origins: readonly string[];
  /** Names of this server beside `localhost` and literal addresses, such as "desk.example". */
  readonly hosts: readonly string[];
}

/**
 * Keeps pages of other sites out, whatever address the request came to. Pages of the server itself
 * and of allowed origins may call. Other pages are refused rather than merely not answered: a
 * browser sends their calls all the same, and the server would do what they order.
 *
 * A site can give its own name any address, 127.0.0.1 for one, while its page is open. The browser
 * then takes this server for that site. So a request must name this server by a name of its own.
 */
export class PageGuard {
  readonly #origins: ReadonlySet<string>;
  readonly #hosts: ReadonlySet<string>;

  constructor({ origins, hosts }: PageGuardOptions) {
    this.#origins = new Set(origins);
    this.#hosts = new Set(["localhost", ...hosts.map(plainName)]);
  }

  /**
   * Why the request is refused; undefined where it is let in. Sets the headers by which the
   * browser lets a page of an allowed origin read the answer, and no other page.
   */
  refusal({ headers }: IncomingMessage, response: ServerResponse): string | undefined {
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("cross-origin-resource-policy", "same-origin");
    const { origin, host } = headers;
    const name = hostName(host);
    if (name === undefined || !(isIP(name) !== 0 || this.#hosts.has(name))) {
      return `this server does not go by the name ${JSON.stringify(host ?? "")}: call it by its address or as localhost, or add the name to WEB_HOSTS`;
    }
    if (origin !== undefined && (this.#origins.has(origin) || this.#origins.has("*"))) {
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("access-control-expose-headers", cors.exposedHeaders.join(", "));
      response.setHeader("vary", "origin");
      return undefined;
    }
    if (origin !== undefined && !isOwn(origin, host)) {
      return `pages of ${JSON.stringify(origin)} may not call this server: add the origin to WEB_CORS_ORIGINS if they should`;
    }
    const site = headers["sec-fetch-site"];
    if (site === "cross-site" || site === "same-site") {
      return `the browser sent this request for a page of another site (${site}): open the address by itself, or add the page's origin to WEB_CORS_ORIGINS`;
    }
    return undefined;
  }

  /** Answers a browser that asks what it may send. */
  preflight(response: ServerResponse): void {
    // The guard allows no GET to calls: a page can send one without asking.
    response.setHeader("access-control-allow-methods", "POST");
    response.setHeader("access-control-allow-headers", [...cors.allowedHeaders, "Authorization"].join(", "));
    response.setHeader("access-control-max-age", PREFLIGHT_S);
    response.writeHead(204).end();
  }
}

/** A page is the server's own where the browser calls the server by the name of the page. */
function isOwn(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

/**
 * The name or address in a Host header, without the port: a published port may have another number.
 */
function hostName(host: string | undefined): string | undefined {
  const [, bracketed, plain] = HOST.exec(host ?? "") ?? [];
  const name = bracketed ?? plain;
  return name === undefined ? undefined : plainName(name);
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
