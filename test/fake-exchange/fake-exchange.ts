import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { WebSocketServer } from "ws";
import type { Bar } from "../../src/domain/bar.ts";
import { lastClose, type Timeframe, timeframeMs } from "../../src/domain/timeframe.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { answerRest, type RestReply, refusal, weightOf } from "./rest-api.ts";
import { type Stream, StreamConnection, type StreamFault } from "./stream-connection.ts";
import { VenueMarket } from "./venue-market.ts";

const DAY_MS = 86_400_000;
/** Requests beyond the limit that are answered with 429 before the ban. */
const PATIENCE = 20;

export interface FakeExchangeOptions {
  readonly clock: Clock;
  readonly symbols: readonly string[];
  readonly startAt?: number;
  readonly listedAt?: number;
  readonly weightPerMinute?: number;
  /** Connections are cut at this age. */
  readonly maxAgeMs?: number;
}

/**
 * What becomes of a request instead of its answer: another one, no answer at all, or a cut
 * connection.
 */
export type RestFault = (reply: RestReply) => RestReply | "hang" | "cut";

interface Scripted {
  readonly path: string;
  readonly fault: RestFault;
  times: number;
}

/**
 * A stand-in for the venue on loopback: REST and streams, with faults on demand. Bars go out when
 * `emit` is called, or in real time.
 */
export class FakeExchange {
  readonly market: VenueMarket;
  readonly connections: StreamConnection[] = [];
  /** Every REST request that came, as path with query. */
  readonly requests: string[] = [];
  /** When connections were asked for, monotonic ms; refused ones, too. */
  readonly attempts: number[] = [];
  /** Connections are refused. */
  isRefusing = false;
  /** Connections are taken, and never opened. */
  isHanging = false;
  /** Streams send no klines; pings go on. */
  isStalled = false;
  /** REST answers so late, ms. */
  restDelayMs = 0;
  /** What becomes of the streams' messages, where set. */
  streamFault: StreamFault | undefined;
  readonly #options: FakeExchangeOptions;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #script: Scripted[] = [];
  readonly #hanging = new Set<Duplex>();
  #emitted: number;
  #used = { minute: 0, weight: 0, most: 0, over: 0, total: 0, refused: 0 };
  #stop = () => {};

  constructor(options: FakeExchangeOptions) {
    this.#options = options;
    const now = options.startAt ?? options.clock.now();
    this.market = new VenueMarket({ listedAt: now - 60 * DAY_MS, ...options });
    this.#emitted = now;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on("upgrade", (request, socket, head) => {
      this.attempts.push(options.clock.monotonic());
      if (this.isHanging) {
        this.#hanging.add(socket);
        return;
      }
      if (this.isRefusing) {
        socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n");
        return;
      }
      const url = new URL(request.url ?? "/", "http://localhost");
      this.#sockets.handleUpgrade(request, socket, head, (accepted) => {
        const monotonic = () => options.clock.monotonic();
        this.connections.push(new StreamConnection(accepted, url, monotonic, () => this.streamFault));
      });
    });
  }

  async start(port = 0): Promise<void> {
    await this.market.ready();
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get restUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get wsUrl(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** Connections that are open now. */
  get open(): readonly StreamConnection[] {
    return this.connections.filter((connection) => connection.isOpen);
  }

  /** The most weight used in a minute so far. */
  get mostWeight(): number {
    return this.#used.most;
  }

  /** All weight used so far, and requests refused for using too much of it. */
  get totalWeight(): number {
    return this.#used.total;
  }

  get refused(): number {
    return this.#used.refused;
  }

  /** The next `times` answers on this path are those that the fault makes of them. */
  script(path: string, fault: RestFault, times = 1): void {
    this.#script.push({ path, fault, times });
  }

  /**
   * Every bar that closed since the last call goes to whoever follows it, then the bars that are
   * forming. Resolves when they were read.
   */
  async emit(): Promise<void> {
    const now = this.market.now();
    const after = this.#emitted;
    this.#emitted = now;
    for (const connection of this.open) {
      if (this.#options.clock.monotonic() - connection.openedAt >= (this.#options.maxAgeMs ?? DAY_MS)) {
        connection.cut();
      } else if (!this.isStalled) {
        await this.#emitTo(connection, after, now);
      }
    }
    await this.flush();
  }

  /** Resolves when the clients have read all that was sent. */
  async flush(): Promise<void> {
    await Promise.all(this.open.map((connection) => connection.ping()));
  }

  /**
   * Sends this bar to all who follow the series, whatever the market says; with another end where
   * one is given.
   */
  async sendBar(symbol: string, timeframe: Timeframe, bar: Bar, isClosed = true, end?: number): Promise<void> {
    for (const connection of this.open) {
      for (const stream of connection.streams.values()) {
        if (stream.symbol === symbol && stream.timeframe === timeframe) {
          connection.sendKline(stream, bar, isClosed, this.market.now(), end);
        }
      }
    }
    await this.flush();
  }

  /** Emits by itself, for clients that live in real time. */
  run(everyMs = 50): void {
    const timer = setInterval(() => void this.emit(), everyMs);
    this.#stop = () => clearInterval(timer);
  }

  async close(): Promise<void> {
    this.#stop();
    for (const connection of this.open) {
      connection.cut();
    }
    for (const socket of this.#hanging) {
      socket.destroy();
    }
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #emitTo(connection: StreamConnection, after: number, now: number): Promise<void> {
    const due: { readonly close: number; readonly stream: Stream; readonly bar: Bar }[] = [];
    for (const stream of connection.streams.values()) {
      const { symbol, timeframe } = stream;
      if (this.market.symbols.includes(symbol)) {
        const length = timeframeMs(timeframe);
        for (let close = lastClose(after, timeframe) + length; close <= now; close += length) {
          const bar = await this.market.closedBar(symbol, timeframe, close - length);
          due.push(...(bar ? [{ close, stream, bar }] : []));
        }
      }
    }
    for (const { stream, bar } of due.sort((a, b) => a.close - b.close)) {
      connection.sendKline(stream, bar, true, now);
    }
    for (const stream of connection.streams.values()) {
      if (this.market.symbols.includes(stream.symbol)) {
        connection.sendKline(stream, await this.market.forming(stream.symbol, stream.timeframe), false, now);
      }
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(request.url ?? "");
    const url = new URL(request.url ?? "/", "http://localhost");
    const query = url.searchParams;
    const real = this.#overLimit(weightOf(url.pathname, query)) ?? (await answerRest(this.market, url.pathname, query));
    const scripted = this.#script.find(({ path, times }) => times > 0 && (path === "*" || path === url.pathname));
    if (scripted !== undefined) {
      scripted.times--;
    }
    const reply = scripted?.fault(real) ?? real;
    if (this.restDelayMs > 0) {
      await wait(this.restDelayMs);
    }
    if (reply === "cut") {
      request.socket.destroy();
    } else if (reply !== "hang") {
      const { status, body, headers = {} } = reply;
      const used = { "x-mbx-used-weight": `${this.#used.weight}`, "x-mbx-used-weight-1m": `${this.#used.weight}` };
      response.writeHead(status, { "content-type": "application/json;charset=UTF-8", ...used, ...headers });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    }
  }

  #overLimit(weight: number): RestReply | undefined {
    const minute = Math.floor(this.market.now() / 60_000);
    if (minute !== this.#used.minute) {
      this.#used = { ...this.#used, minute, weight: 0, over: 0 };
    }
    this.#used.weight += weight;
    this.#used.total += weight;
    this.#used.most = Math.max(this.#used.most, this.#used.weight);
    const limit = this.#options.weightPerMinute ?? 6_000;
    if (this.#used.weight <= limit) {
      return undefined;
    }
    this.#used.over++;
    this.#used.refused++;
    const wait = Math.ceil(((minute + 1) * 60_000 - this.market.now()) / 1_000);
    return this.#used.over > PATIENCE ? banned(120) : throttled(limit, wait);
  }
}

export function throttled(limit: number, seconds: number): RestReply {
  const text = `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`;
  return { ...refusal(429, -1003, text), headers: { "retry-after": String(seconds) } };
}

export function banned(seconds: number): RestReply {
  const text =
    "Way too much request weight used; IP banned until 1893456000000. Please use WebSocket Streams for live updates to avoid bans.";
  return { ...refusal(418, -1003, text), headers: { "retry-after": String(seconds) } };
}
