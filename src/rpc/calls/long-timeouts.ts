import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Server } from "@grpc/grpc-js";

/** setTimeout takes no longer one: it ends a longer one after a millisecond. */
export const LONGEST_TIMER_MS = 2_147_483_647;

const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/**
 * Cuts the time that a caller gives to the longest that there is a timer for, 24 d. Left to
 * themselves, grpc-js ends such calls at once, and Connect refuses them with a warning of Node.
 */
export function cutTimeouts(headers: Record<string, string | readonly string[] | undefined>): void {
  const [, grpc = "", unit = ""] = /^(\d{1,8})([HMSmun])$/.exec(String(headers["grpc-timeout"])) ?? [];
  if (Number(grpc) * (UNIT_MS[unit] ?? 0) > LONGEST_TIMER_MS) {
    headers["grpc-timeout"] = `${Math.floor(LONGEST_TIMER_MS / 1_000)}S`;
  }
  const connect = String(headers["connect-timeout-ms"]);
  if (/^\d{1,10}$/.test(connect) && Number(connect) > LONGEST_TIMER_MS) {
    headers["connect-timeout-ms"] = String(LONGEST_TIMER_MS);
  }
}

/** How grpc-js takes a request. */
type TakeRequest = (
  interceptors: unknown,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  ...rest: readonly unknown[]
) => void;

/** `cutTimeouts` of every request to the server, before grpc-js reads it. */
export function cutTimeoutsOf(server: Server): void {
  const inner = server as unknown as { _streamHandler?: TakeRequest };
  const take = inner._streamHandler;
  if (typeof take !== "function") {
    throw new Error(
      "this version of grpc-js takes requests in another way: src/rpc/calls/long-timeouts.ts must follow",
    );
  }
  inner._streamHandler = function (interceptors, stream, headers, ...rest) {
    cutTimeouts(headers);
    take.call(this, interceptors, stream, headers, ...rest);
  };
}
