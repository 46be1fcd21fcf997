import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import type { FuzzCall } from "./call.ts";
import { codeName, type Ending, LEFT, LEFT_AFTER_MS, NO_ANSWER, NO_ANSWER_MS, type Sender } from "./sender.ts";

/** Connections that the calls share. */
const SESSIONS = 4;

/** Sends calls over HTTP/2, by no gRPC library: it would not send most of them. */
export function grpcSender(address: string): Sender {
  const sessions: ClientHttp2Session[] = [];
  const sessionFor = (number: number): ClientHttp2Session => {
    const place = number % SESSIONS;
    const found = sessions[place];
    if (found !== undefined && !found.closed && !found.destroyed) {
      return found;
    }
    const opened = connect(`http://${address}`);
    opened.on("error", () => {});
    opened.setMaxListeners(0);
    sessions[place] = opened;
    return opened;
  };
  return {
    send: (call) => sent(sessionFor(call.number), call),
    close() {
      for (const session of sessions) {
        session.destroy();
      }
    },
  };
}

function sent(session: ClientHttp2Session, { path, headers, body, mayLast }: FuzzCall): Promise<Ending> {
  return new Promise((resolve) => {
    let stream: ClientHttp2Stream;
    try {
      stream = session.request({ ":method": "POST", ":path": path, ...headers });
    } catch (error) {
      // The session has gone just now.
      resolve({ code: `NOT SENT ${(error as NodeJS.ErrnoException).code}` });
      return;
    }
    let told: Ending | undefined;
    let isLeft = false;
    const leave = (why: string): void => {
      told ??= { code: why };
      isLeft = true;
      stream.close(constants.NGHTTP2_CANCEL);
    };
    let timer = setTimeout(() => leave(NO_ANSWER), NO_ANSWER_MS);
    const take = (found: Readonly<Record<string, unknown>>): void => {
      const status = found["grpc-status"];
      if (status !== undefined) {
        told = { code: codeName(Number(status)), message: String(found["grpc-message"] ?? "") };
      } else if (found[":status"] !== undefined && found[":status"] !== 200) {
        told = { code: `HTTP ${found[":status"]}` };
      }
    };
    stream.on("response", take);
    stream.on("trailers", take);
    stream.on("error", () => {});
    stream.on("data", () => {
      if (mayLast && !isLeft) {
        isLeft = true;
        clearTimeout(timer);
        timer = setTimeout(() => leave(LEFT), LEFT_AFTER_MS);
      }
    });
    stream.on("close", () => {
      clearTimeout(timer);
      resolve(told ?? { code: `RESET ${stream.rstCode}` });
    });
    stream.end(body);
  });
}
