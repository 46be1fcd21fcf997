import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Place } from "../connections/connection-limit.ts";

/** Requests of one connection that may wait for their answers; whoever sends more loses it. */
const MOST_UNANSWERED = 100;
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

/** The connections of the web port: what waits on each, and whether it may go on. */
export class WebConnections {
  readonly #placeOf: (peer: string) => Place | undefined;
  readonly #connections = new WeakMap<Socket, Connection>();

  constructor(placeOf: (peer: string) => Place | undefined) {
    this.#placeOf = placeOf;
  }

  /**
   * A request has come. Answers whether its connection has sent more than it waits for: no browser
   * sends the next before its answer.
   */
  isPiling(socket: Socket, response: ServerResponse): boolean {
    const connection = this.#of(socket);
    connection.waiting++;
    response.once("close", () => {
      connection.waiting--;
      if (!response.writableFinished) {
        connection.place?.abandon();
      }
    });
    return connection.waiting > MOST_UNANSWERED;
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
