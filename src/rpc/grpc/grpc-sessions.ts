import type { ServerHttp2Session } from "node:http2";
import type { Server } from "@grpc/grpc-js";

type OnSession = (session: ServerHttp2Session) => void;
/** How grpc-js makes what listens to the sessions of one port. */
type MakeHandler = (http2Server: unknown) => OnSession;

/**
 * Hears of each HTTP/2 session of the server, before its first request. grpc-js has no event for
 * that, so this stands in front of the method that makes its own listener, and fails where there is
 * none. To be called before the server has a port.
 */
export function onSessions(server: Server, listener: OnSession): void {
  const inner = server as unknown as { _sessionHandler?: MakeHandler };
  const make = inner._sessionHandler;
  if (typeof make !== "function") {
    throw new Error("this version of grpc-js takes sessions in another way: src/rpc/grpc/grpc-sessions.ts must follow");
  }
  inner._sessionHandler = function (http2Server) {
    const own = make.call(this, http2Server);
    return (session) => {
      listener(session);
      own(session);
    };
  };
}
