import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Place } from "../connections/connection-limit.ts";
import { BodyPieces } from "./body-pieces.ts";

/** Requests of one connection that may wait for their answers; whoever sends more loses it. */
const MOST_UNANSWERED = 100;
/** What is left of a request that was answered must come within this time. */
const LINGER_MS = 500;
const LOOK_MS = 5;
const MOST_LEFT_BYTES = 64 * 1024;
/** Of the line that a probe's request begins with, bytes. */
const MOST_PROBE_LINE = 64;

/** What is answered on connections for which there is no place. */
export const PROBED: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

/** Whether a connection's first bytes are one whole request of what probes ask. */
export function isProbe(first: Buffer): boolean {
  const line = first.toString("latin1", 0, MOST_PROBE_LINE);
  const [, path = ""] = /^(?:GET|HEAD) (\S+) HTTP\/1\.1\r\n/.exec(line) ?? [];
  return PROBED.has(path) && first.indexOf("\r\n\r\n") === first.length - 4;
}

interface Connection {
  /** Requests that wait for their answers. */
  waiting: number;
  readonly place: Place | undefined;
}

/** Whether the body comes in chunks. */
function hasNoLength({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined;
}

/**
 * A request was answered that has not come to its end. Node would read the rest for as long as it
 * comes. It has a moment to end, and so has the caller to take the answer; of what has no length
 * little more is read, for each of its chunks may be a byte.
 */
function linger(request: IncomingMessage, socket: Socket, place: Place | undefined): void {
  const { bytesRead } = socket;
  const look = setInterval(() => {
    if (request.complete) {
      stop();
    } else if (hasNoLength(request) && socket.bytesRead - bytesRead > MOST_LEFT_BYTES) {
      socket.pause();
    }
  }, LOOK_MS);
  const end = setTimeout(() => {
    place?.abandon();
    socket.destroy();
  }, LINGER_MS);
  const stop = (): void => {
    clearInterval(look);
    clearTimeout(end);
  };
  socket.once("close", stop);
}

/** The connections of the web port: what waits on each, and whether it may go on. */
export class WebConnections {
  readonly #placeOf: (peer: string) => Place | undefined;
  readonly #connections = new WeakMap<Socket, Connection>();
  readonly #pieces = new WeakMap<IncomingMessage, BodyPieces>();

  constructor(placeOf: (peer: string) => Place | undefined) {
    this.#placeOf = placeOf;
  }

  /**
   * A request has come. Answers whether its connection has sent more than it waits for: no browser
   * sends the next before its answer.
   */
  isPiling(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    const connection = this.#of(socket);
    if (hasNoLength(request)) {
      this.#pieces.set(request, new BodyPieces(request, () => connection.place?.flood()));
    }
    response.once("finish", () => {
      if (!request.complete) {
        linger(request, socket, connection.place);
      }
    });
    connection.waiting++;
    response.once("close", () => {
      connection.waiting--;
      if (!response.writableFinished) {
        connection.place?.abandon();
      }
    });
    return connection.waiting > MOST_UNANSWERED;
  }

  /** Whether the body of a request has come in pieces that are too small so far. */
  isInPieces(request: IncomingMessage): boolean {
    return this.#pieces.get(request)?.areTiny ?? false;
  }

  /** As `Place.settle`. */
  settle(socket: Socket): boolean {
    return this.#of(socket).place?.settle() ?? true;
  }

  #of(socket: Socket): Connection {
    const known = this.#connections.get(socket);
    if (known !== undefined) {
      return known;
    }
    const made = { waiting: 0, place: this.#placeOf(`${socket.remoteAddress}:${socket.remotePort}`) };
    this.#connections.set(socket, made);
    return made;
  }
}
