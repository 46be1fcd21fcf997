import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/**
 * A session that sends what no gRPC library would, from an address of this machine; closed when the
 * test ends.
 */
export function rawSession(address: string, localAddress?: string): ClientHttp2Session {
  const port = Number(address.split(":").at(-1));
  const from = localAddress && {
    createConnection: () => connectSocket({ port, host: "127.0.0.1", localAddress }),
  };
  // The types know the first option for servers only.
  const options: object = { strictSingleValueFields: false, ...from };
  const session = connect(`http://${address}`, options);
  session.on("error", () => {});
  onTestFinished(() => session.destroy());
  return session;
}

/** One call with any bytes as its body. */
export function rawCall(
  session: ClientHttp2Session,
  path: string,
  body: Uint8Array | undefined,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): ClientHttp2Stream {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...(headers as Readonly<Record<string, string>>),
  });
  stream.on("error", () => {});
  if (body === undefined) {
    stream.end();
  } else {
    stream.end(body);
  }
  return stream;
}

/** A call of which the server has the headers, and waits for the rest. */
export function unfinishedCall(session: ClientHttp2Session, path: string): ClientHttp2Stream {
  const headers = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
  return session.request(headers, { endStream: false }).on("error", () => {});
}

/** gRPC's frame: a flag, the length, the message. `claimed` may differ from the truth. */
export function frame(message: Uint8Array, claimed: number = message.length, flag = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(claimed, 1);
  return Buffer.concat([head, message]);
}

/**
 * The grpc-status that a call ends with: from the trailers, or from the headers where it has no
 * others; undefined where it was reset.
 */
export async function grpcStatus(stream: ClientHttp2Stream): Promise<number | undefined> {
  return new Promise((resolve) => {
    let found: number | undefined;
    const take = (headers: Record<string, unknown>): void => {
      if (headers["grpc-status"] !== undefined) {
        found = Number(headers["grpc-status"]);
      }
    };
    stream.on("response", take);
    stream.on("trailers", take);
    stream.on("close", () => resolve(found));
    stream.resume();
  });
}

/**
 * A TCP proxy that can go dead without closing anything, as a machine that loses its network does.
 */
export async function proxyTo(port: number): Promise<{ readonly address: string; freeze(): void }> {
  const sockets: Socket[] = [];
  const proxy = createServer((near) => {
    const far = connectSocket(port, "127.0.0.1");
    sockets.push(near, far);
    near.on("error", () => {});
    far.on("error", () => {});
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    proxy.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  const bound = proxy.address();
  return {
    address: `127.0.0.1:${bound !== null && typeof bound === "object" ? bound.port : 0}`,
    freeze() {
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
  };
}
