import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Server } from "@grpc/grpc-js";
import { type CarrierLog, UNKNOWN_METHOD } from "../carrier-log.ts";
import { type toRuntimeError, toStatus } from "../errors.ts";
import type { Access, Credentials } from "./access.ts";
import { clientCertificate, peerCertificate } from "./certificate.ts";
import type { Principal } from "./principal.ts";
import { refusedCall } from "./refused.ts";

/** How grpc-js takes a request; `interceptors` are its own. */
type TakeRequest = (
  interceptors: unknown,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
  rawHeaders: readonly string[],
) => void;

/** Who sends a request that was let in; undefined where that is not known. */
export type PrincipalOf = (stream: ServerHttp2Stream) => Principal | undefined;

/**
 * Refuses gRPC requests as soon as their headers are there: the server reads nothing of the body.
 *
 * An interceptor would not do. grpc-js answers methods that it does not have before any
 * interceptor, and shows interceptors the first of several authorization headers only. So this
 * stands in front of the method by which grpc-js takes requests, and fails where there is none.
 */
export function gateRequests(server: Server, access: Access, log: CarrierLog): PrincipalOf {
  const principals = new WeakMap<ServerHttp2Stream, Principal>();
  const inner = server as unknown as { _streamHandler?: TakeRequest };
  const take = inner._streamHandler;
  const methods = registeredWith(server);
  if (typeof take !== "function") {
    throw new Error("this version of grpc-js takes requests in another way: src/rpc/auth/gate.ts must follow");
  }
  inner._streamHandler = function (interceptors, stream, headers, flags, rawHeaders) {
    const method = String(headers[":path"] ?? "").slice(1);
    let credentials: Credentials = { authorization: [] };
    try {
      const certificate = clientCertificate(peerCertificate(stream.session?.socket));
      const authorization = allOf("authorization", rawHeaders);
      credentials = { authorization, ...(certificate && { certificate }) };
      // Who is known may hear that there is no such method, and nobody else.
      const principal = methods.has(method) ? access.admit(method, credentials) : access.identify(credentials);
      if (principal !== undefined) {
        principals.set(stream, principal);
      }
    } catch (thrown) {
      const called = { method: methods.has(method) ? method : UNKNOWN_METHOD, peer: peerOf(stream) };
      const refused = refusedCall(access, credentials, called, thrown);
      log(refused);
      refuse(stream, refused.error);
      return;
    }
    take.call(this, interceptors, stream, headers, flags, rawHeaders);
  };
  return (stream) => principals.get(stream);
}

/** The methods that are added to the server from now on. */
function registeredWith(server: Server): ReadonlySet<string> {
  const methods = new Set<string>();
  const register = server.register.bind(server);
  const noting: typeof register = (path, ...rest) => {
    methods.add(path.slice(1));
    return register(path, ...rest);
  };
  server.register = noting;
  return methods;
}

function allOf(name: string, rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

/** Address and port of the caller. */
export function peerOf({ session }: ServerHttp2Stream): string {
  const { remoteAddress, remotePort } = session?.socket ?? {};
  return remoteAddress === undefined ? "unknown" : `${remoteAddress}:${remotePort}`;
}

/** Answers with a status and no message, as gRPC's protocol has it. */
function refuse(stream: ServerHttp2Stream, error: ReturnType<typeof toRuntimeError>): void {
  stream.on("error", () => {});
  if (stream.destroyed || stream.closed) {
    return;
  }
  const { code, details, metadata } = toStatus(error);
  stream.respond(
    {
      ":status": 200,
      "content-type": "application/grpc+proto",
      "grpc-status": code,
      "grpc-message": encodeURI(details),
      ...metadata?.toHttp2Headers(),
    },
    { endStream: true },
  );
}
