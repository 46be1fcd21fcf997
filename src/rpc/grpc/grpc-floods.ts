import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Server } from "@grpc/grpc-js";
import type { OnThrown } from "../../domain/guarded.ts";
import { CallTurns } from "../connections/fair-turns.ts";

/**
 * Streams that a connection may reset at once, and a second from then on; who resets more is
 * disconnected. A client that cancels all its calls resets no more than it may have open.
 */
const RESETS = { streamResetBurst: 300, streamResetRate: 50 };
/** What callers send as metadata is a token and a trace; some proxies add much. */
const MOST_METADATA_BYTES = 32 * 1024;

interface SessionOptions {
  settings?: object;
}

/** Bounds what one connection may send. To be called before the server has a port. */
export function boundSessions(server: Server): void {
  const { commonServerOptions } = server as unknown as { readonly commonServerOptions?: SessionOptions };
  if (commonServerOptions === undefined) {
    throw new Error("this version of grpc-js makes sessions in another way: src/rpc/grpc/grpc-floods.ts must follow");
  }
  Object.assign(commonServerOptions, RESETS);
  commonServerOptions.settings = { ...commonServerOptions.settings, maxHeaderListSize: MOST_METADATA_BYTES };
}

/** How grpc-js takes a request. */
type TakeRequest = (
  interceptors: unknown,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  ...rest: readonly unknown[]
) => void;

/**
 * Has calls begin by turns, those of one connection after each other's; orders wait behind orders
 * alone. What was reset while it waited costs nothing more. It must stand in front of all else that
 * takes requests. `now`: monotonic ms.
 */
export function beginInTurns(server: Server, onThrown: OnThrown, now?: () => number): void {
  const inner = server as unknown as { _streamHandler?: TakeRequest };
  const take = inner._streamHandler;
  if (typeof take !== "function") {
    throw new Error("this version of grpc-js takes requests in another way: src/rpc/grpc/grpc-floods.ts must follow");
  }
  const turns = new CallTurns(onThrown, now);
  inner._streamHandler = function (interceptors, stream, headers, ...rest) {
    // What goes wrong with the connection is told to each of its streams; nobody else may listen
    // yet, nor where grpc-js refuses a request by itself.
    stream.on("error", () => {});
    turns.begin(String(headers[":path"]), stream.session ?? stream, () => {
      if (stream.closed || stream.destroyed) {
        return;
      }
      take.call(this, interceptors, stream, headers, ...rest);
      if (stream.readableEnded) {
        // A request without a message ended while it waited, and nobody was there to hear of it.
        stream.emit("end");
      }
    });
  };
}
