import { createServer, type Server, type Socket } from "node:net";
import { errorText, RuntimeError } from "../domain/errors.ts";

/** A bound port and the connections that came to it. */
export interface Listener {
  /** Host and port as bound: "127.0.0.1:50051", "[::1]:50051". */
  readonly address: string;
  readonly port: number;
  /** Closes the connection of a peer at once, by the address and port that it called from. */
  evict(peer: string): void;
  /** Resolves when no connection is left, or after `ms`. */
  empty(ms: number): Promise<void>;
  /** Takes no more connections. */
  stop(): void;
  /** As `stop`, and closes all connections at once. */
  close(): void;
}

/** Binds `host:port` (port 0: a free one) and hands on what connects; fails as `bindServer` does. */
export function listen(address: string, onConnection: (socket: Socket) => void): Promise<Listener> {
  return bindServer(address, createServer({ noDelay: true }).on("connection", onConnection));
}

/** Binds a server to `host:port` (port 0: a free one); fails with `failed_precondition` where it cannot, with `invalid` where that is no address. */
export async function bindServer(address: string, server: Server): Promise<Listener> {
  const { host, port } = parse(address);
  const sockets = new Map<string, Socket>();
  let onEmpty = (): void => {};
  // Before the server's own listener, so that no connection is handled that is not known here.
  server.prependListener("connection", (socket) => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    sockets.set(peer, socket);
    socket.on("error", () => {}); // The session hears of it too, and ends its calls.
    socket.once("close", () => {
      sockets.delete(peer);
      if (sockets.size === 0) {
        onEmpty();
      }
    });
  });
  await bind(server, address, host, port);
  const bound = server.address();
  const boundPort = bound !== null && typeof bound === "object" ? bound.port : port;
  const stop = (): void => {
    server.close();
  };
  return {
    address: `${host.includes(":") ? `[${host}]` : host}:${boundPort}`,
    port: boundPort,
    evict: (peer) => sockets.get(peer)?.destroy(),
    async empty(ms) {
      if (sockets.size > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          onEmpty = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    stop,
    close() {
      stop();
      for (const socket of sockets.values()) {
        socket.destroy();
      }
    },
  };
}

function parse(address: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535) {
    const text = `cannot listen on ${JSON.stringify(address)}: give host:port, such as 127.0.0.1:50051 or [::1]:0`;
    throw new RuntimeError("invalid", text);
  }
  return { host, port };
}

const BIND_HINTS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another process listens there; stop it or choose another port",
  EACCES: "that port needs more rights; choose one above 1023",
  EADDRNOTAVAIL: "this machine does not have that address",
  ENOTFOUND: "that host name is unknown",
};

async function bind(server: Server, address: string, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const hint = BIND_HINTS[error.code ?? ""] ?? errorText(error);
      reject(new RuntimeError("failed_precondition", `cannot listen on ${address}: ${hint}`, { cause: error }));
    });
    server.listen({ host, port }, resolve);
  });
  // Later errors, such as too many open files, cost a connection and not the process.
  server.on("error", () => {});
}
