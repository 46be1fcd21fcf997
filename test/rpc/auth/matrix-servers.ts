import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { type ClientHttp2Session, connect } from "node:http2";
import { request as httpsRequest } from "node:https";
import { status } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import { accessBy } from "../../../src/rpc/auth/access.ts";
import { parseClients } from "../../../src/rpc/auth/clients.ts";
import { ROLES, type Role } from "../../../src/rpc/auth/principal.ts";
import { parseTokens } from "../../../src/rpc/auth/tokens.ts";
import { readTls } from "../../../src/rpc/connections/tls.ts";
import { type Authority, certificateFolder, type Pair } from "../connections/certificates.ts";
import { frame, rawCall } from "../raw-http2.ts";
import { serve } from "../serve.ts";
import { serveWeb } from "../serve-web.ts";
import { type Caller, EXPIRED_TOKEN, type Outcome, tokenOf, type Way } from "./matrix.ts";

/** What a cell came to, and whether the engine was asked. */
export interface Cell {
  readonly outcome: Outcome;
  readonly hasReachedEngine: boolean;
}

export interface MatrixServers {
  call(method: string, caller: Caller, way: Way): Promise<Cell>;
}

interface Endpoint {
  readonly grpcPort: number;
  readonly webPort: number;
  readonly engineCalls: () => number;
}

type Certificates = Readonly<Record<Role | "nobody", Pair>>;

/**
 * Both ports with tokens: plain, over TLS, and with client certificates. Closed when the test ends.
 */
export async function matrixServers(): Promise<MatrixServers> {
  const folder = certificateFolder();
  onTestFinished(() => folder.remove());
  const authority = folder.authority("ours");
  const server = authority.issue("server");
  const lines = ROLES.map((role) => `${tokenOf(role)} ${role}-1 ${role}`);
  const tokens = parseTokens([...lines, `${EXPIRED_TOKEN} late-1 admin 2020-01-01`].join("\n"), "tokens.txt");
  const clients = parseClients(ROLES.map((role) => `CN:${role} ${role}-1 ${role}`).join("\n"), "clients.txt");
  const certificates = Object.fromEntries(
    [...ROLES, "nobody" as const].map((name) => [name, authority.issue(name)]),
  ) as Certificates;
  const tls = await readTls(server, Date.now() + 1_000);
  const mutual = await readTls({ ...server, clientCa: authority.cert }, Date.now() + 1_000);
  const endpoints: Readonly<Record<Way["connection"], Endpoint>> = {
    plain: await endpoint({ access: accessBy({ tokens }) }),
    TLS: await endpoint({ access: accessBy({ tokens }), tls }),
    "client certificate": await endpoint({ access: accessBy({ tokens, clients }), tls: mutual }),
  };
  const sessions = new Map<string, ClientHttp2Session>();
  onTestFinished(() => {
    for (const session of sessions.values()) {
      session.destroy();
    }
  });
  return {
    async call(method, caller, way) {
      const found = endpoints[way.connection];
      const before = found.engineCalls();
      const secured = way.connection === "plain" ? undefined : security(authority, certificates, caller, way);
      const outcome =
        way.protocol === "gRPC"
          ? await overGrpc(sessionOf(sessions, found.grpcPort, caller, secured), method, caller)
          : await overWeb(found.webPort, method, caller, way, secured);
      return { outcome, hasReachedEngine: found.engineCalls() > before };
    },
  };
}

async function endpoint(options: Parameters<typeof serve>[1] & Parameters<typeof serveWeb>[1]): Promise<Endpoint> {
  const grpc = await serve({}, options);
  const web = await serveWeb({}, options);
  return {
    grpcPort: grpc.server.port,
    webPort: web.server.port,
    engineCalls: () => grpc.engine.calls.length + web.engine.calls.length,
  };
}

interface Security {
  readonly ca: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

function security({ pem }: Authority, certificates: Certificates, { certificate }: Caller, way: Way): Security {
  const { cert, key } = certificates[certificate];
  const own = { cert: readFileSync(cert), key: readFileSync(key) };
  return { ca: pem, ...(way.connection === "client certificate" && own) };
}

function sessionOf(
  sessions: Map<string, ClientHttp2Session>,
  port: number,
  { certificate }: Caller,
  secured: Security | undefined,
): ClientHttp2Session {
  const key = `${port} ${certificate}`;
  const found = sessions.get(key);
  if (found !== undefined) {
    return found;
  }
  // The types know the option that lets headers come twice for servers only.
  const options: object = { strictSingleValueFields: false, ...secured };
  const opened = connect(`${secured === undefined ? "http" : "https"}://localhost:${port}`, options);
  sessions.set(key, opened);
  return opened;
}

function overGrpc(session: ClientHttp2Session, method: string, { authorization }: Caller): Promise<Outcome> {
  const body = frame(Buffer.alloc(0));
  const stream = rawCall(session, `/${method}`, body, authorization.length === 0 ? {} : { authorization });
  return new Promise((resolve, reject) => {
    let code: number | undefined;
    const take = (headers: Readonly<Record<string, unknown>>): void => {
      code = headers["grpc-status"] === undefined ? code : Number(headers["grpc-status"]);
    };
    stream.on("response", take);
    stream.on("trailers", take);
    stream.on("data", () => {
      // A stream without an end has begun, which is all that is asked.
      code ??= status.OK;
      stream.close();
    });
    stream.on("close", () => {
      code === undefined ? reject(new Error(`${method} was not answered`)) : resolve(byStatus(code));
    });
  });
}

function byStatus(code: number): Outcome {
  switch (code) {
    case status.UNAUTHENTICATED:
      return "unauthenticated";
    case status.PERMISSION_DENIED:
      return "permission denied";
    case status.UNIMPLEMENTED:
      return "no such call";
    default:
      // The requests are empty, and many calls want more; who hears that was let in.
      return "served";
  }
}

const TYPES = {
  "Connect JSON": { unary: "application/json", stream: "application/connect+json" },
  "Connect binary": { unary: "application/proto", stream: "application/connect+proto" },
  "gRPC-Web": { unary: "application/grpc-web+proto", stream: "application/grpc-web+proto" },
  "Connect GET": { unary: "", stream: "" },
} as const;

function overWeb(
  port: number,
  method: string,
  { authorization }: Caller,
  { protocol }: Way,
  secured: Security | undefined,
): Promise<Outcome> {
  const isStream = /\/(GenerateSignals|WatchPerformance)$/.test(method);
  const type = TYPES[protocol as keyof typeof TYPES][isStream ? "stream" : "unary"];
  const isGet = protocol === "Connect GET";
  const path = `/${method}${isGet ? "?connect=v1&encoding=json&message=%7B%7D" : ""}`;
  const headers = [
    ...["host", "localhost", "content-type", type],
    ...authorization.flatMap((each) => ["authorization", each]),
  ];
  const options = { port, path, method: isGet ? "GET" : "POST", headers, host: "localhost", ...secured, agent: false };
  return new Promise((resolve, reject) => {
    const sending = (secured === undefined ? httpRequest : httpsRequest)(options as object);
    sending.on("error", reject);
    sending.on("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () => resolve(byHttp(answer.statusCode ?? 0, `${answer.headers["grpc-status"] ?? ""} ${text}`)));
    });
    const isJson = protocol === "Connect JSON";
    const message = Buffer.from(isJson ? "{}" : "");
    sending.end(isGet ? undefined : isStream || protocol === "gRPC-Web" ? frame(message) : message);
  });
}

function byHttp(code: number, text: string): Outcome {
  switch (code) {
    case 401:
      return "unauthenticated";
    case 403:
      return "permission denied";
    case 404:
      return /^ ?(nothing is here|.* has no method)/.test(text) ? "no such call" : "served";
    case 405:
      return "not by GET";
    default:
      return inBody(text);
  }
}

/** Streams of Connect, and gRPC-Web, tell what they were refused with in a body. */
function inBody(text: string): Outcome {
  if (/grpc-status: ?16|^16 |"code":"unauthenticated"/.test(text)) {
    return "unauthenticated";
  }
  return /grpc-status: ?7\b|^7 |"code":"permission_denied"/.test(text) ? "permission denied" : "served";
}
