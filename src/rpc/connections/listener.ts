import { createServer, type Server, type Socket } from "node:net";
import { errorText, RuntimeError } from "../../domain/errors.ts";
import type { Arrival, ConnectionLimit, Place } from "./connection-limit.ts";

/** A bound port and the connections that came to it. */
export interface Listener {
  /** Host and port as bound: "127.0.0.1:50051", "[::1]:50051". */
  readonly address: string;
  readonly port: number;
  /** Closes the connection of a peer at once, by the address and port that it called from. */
  evict(peer: string): void;
  /** The place of a peer's connection, while it is open. */
  place(peer: string): Place | undefined;
  /** Resolves when no connection is left, or after `ms`. */
  empty(ms: number): Promise<void>;
  /** Takes no more connections. */
  stop(): void;
  /** As `stop`, and closes all connections at once. */
  close(): void;
}

/** Which connections a port takes. */
export interface Admission extends Arrival {
  /** What is beyond is closed at once. */
  readonly connections: ConnectionLimit;
}

/**
 * Binds `host:port` (port 0: a free one) and hands on what connects; fails as `bindServer` does.
 */
export function listen(
  address: string,
  admission: Admission,
  onConnection: (socket: Socket) => void,
): Promise<Listener> {
  return bindServer(address, createServer({ noDelay: true }).on("connection", onConnection), admission);
}

/**
 * Binds a server to `host:port` (port 0: a free one); fails with `failed_precondition` where it
 * cannot, with `invalid` where that is no address.
 */
export async function bindServer(address: string, server: Server, admission: Admission): Promise<Listener> {
  const { host, port } = parse(address);
  const open = new OpenSockets();
  // The server's own listeners hear of those alone that are let in.
  const own = server.listeners("connection");
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => {}); // The session hears of it too, and ends its calls.
    if (socket.remoteAddress === undefined) {
      // Its caller reset it while it waited to be taken: nobody is there to be answered.
      socket.destroy();
      return;
    }
    const place = admission.connections.take(socket, admission);
    if (place === undefined) {
      return;
    }
    open.add(socket, place);
    const hand = (): void => {
      for (const listener of own) {
        listener.call(server, socket);
      }
    };
    if (place.isForProbe && admission.isProbe !== undefined) {
      handProbe(socket, place, admission.isProbe, hand);
    } else {
      hand();
    }
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
    evict: (peer) => open.of(peer)?.socket.destroy(),
    place: (peer) => open.of(peer)?.place,
    empty: (ms) => open.empty(ms),
    stop,
    close() {
      stop();
      open.destroy();
    },
  };
}

/** The connections that were let in, by their peers. */
class OpenSockets {
  readonly #open = new Map<string, { readonly socket: Socket; readonly place: Place }>();
  #onEmpty = (): void => {};

  add(socket: Socket, place: Place): void {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#open.set(peer, { socket, place });
    socket.once("close", () => {
      this.#open.delete(peer);
      if (this.#open.size === 0) {
        this.#onEmpty();
      }
    });
  }

  of(peer: string): { readonly socket: Socket; readonly place: Place } | undefined {
    return this.#open.get(peer);
  }

  /** Resolves once none is left, or after `ms`. */
  async empty(ms: number): Promise<void> {
    if (this.#open.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#onEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  destroy(): void {
    for (const { socket } of this.#open.values()) {
      socket.destroy();
    }
  }
}

/**
 * Hands on a connection whose first bytes are a probe; closes any other, before anything is made of
 * what it brings.
 */
function handProbe(socket: Socket, place: Place, isProbe: (first: Buffer) => boolean, hand: () => void): void {
  socket.once("data", (first) => {
    socket.pause();
    if (!isProbe(first)) {
      place.refuse();
      return;
    }
    socket.unshift(first);
    hand();
    socket.resume();
  });
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

/**
 * As many as Linux allows: beyond them, a caller in the midst of a flood would try again after a
 * second.
 */
const BACKLOG = 4_096;

async function bind(server: Server, address: string, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const hint = BIND_HINTS[error.code ?? ""] ?? errorText(error);
      reject(new RuntimeError("failed_precondition", `cannot listen on ${address}: ${hint}`, { cause: error }));
    });
    server.listen({ host, port, backlog: BACKLOG }, resolve);
  });
  // Later errors, such as too many open files, cost a connection and not the process.
  server.on("error", () => {});
}
