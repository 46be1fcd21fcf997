import { randomBytes } from "node:crypto";
import type { WebSocket } from "ws";
import { type Bar, closeTime } from "../../src/domain/bar.ts";
import { isTimeframe, type Timeframe } from "../../src/domain/timeframe.ts";
import { decimal } from "./venue-market.ts";

/** "WebSocket connections have a limit of 5 incoming messages per second." */
const MESSAGES_A_SECOND = 5;
/** "A single connection can listen to a maximum of 1024 streams." */
const MOST_STREAMS = 1024;

export interface Stream {
  readonly name: string;
  readonly symbol: string;
  readonly timeframe: Timeframe;
}

/** What goes out instead of a message of a stream. */
export type StreamFault = (message: string) => string;

/**
 * One client at the exchange's streams, as its documentation says (binance/binance-spot-api-docs,
 * web-socket-streams.md, July 2026).
 */
export class StreamConnection {
  readonly openedAt: number;
  readonly streams = new Map<string, Stream>();
  /** Requests that came, in order. */
  readonly requests: unknown[] = [];
  /** Requests are taken, and neither obeyed nor answered. */
  isDeaf = false;
  readonly #socket: WebSocket;
  readonly #monotonic: () => number;
  readonly #fault: () => StreamFault | undefined;
  #isCombined: boolean;
  #messageTimes: number[] = [];

  constructor(socket: WebSocket, url: URL, monotonic: () => number, fault: () => StreamFault | undefined) {
    this.#socket = socket;
    this.#monotonic = monotonic;
    this.#fault = fault;
    this.openedAt = monotonic();
    this.#isCombined = url.pathname.startsWith("/stream");
    const names = this.#isCombined ? (url.searchParams.get("streams") ?? "") : url.pathname.replace(/^\/ws\/?/, "");
    this.#subscribe(names.split("/"));
    socket.on("message", (data) => this.#request(String(data)));
    socket.on("ping", () => this.#count());
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /**
   * Resolves once the client has read all that was sent before, and says whether it answered with
   * the ping's payload.
   */
  ping(): Promise<boolean> {
    const payload = randomBytes(8);
    return new Promise((resolve) => {
      const over = () => resolve(false);
      const answered = (pong: Buffer) => {
        this.#socket.off("close", over);
        resolve(pong.equals(payload));
      };
      this.#socket.once("pong", answered);
      this.#socket.once("close", over);
      if (this.isOpen) {
        this.#socket.ping(payload);
      } else {
        resolve(false);
      }
    });
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  sendKline(stream: Stream, bar: Bar, isClosed: boolean, now: number, end?: number): void {
    const { symbol, timeframe } = stream;
    const k = {
      t: bar.openTime,
      T: end ?? closeTime(bar, timeframe) - 1,
      s: symbol,
      i: timeframe,
      f: 100,
      L: 200,
      o: decimal(bar.open),
      c: decimal(bar.close),
      h: decimal(bar.high),
      l: decimal(bar.low),
      v: decimal(bar.volume),
      n: 100,
      x: isClosed,
      q: decimal(bar.volume * bar.close),
      V: "0.5",
      Q: "0.5",
      B: "0",
    };
    this.#event(stream.name, { e: "kline", E: now, s: symbol, k });
  }

  sendShutdown(now: number): void {
    this.#event("!serverShutdown", { e: "serverShutdown", E: now });
  }

  cut(): void {
    this.#socket.terminate();
  }

  #event(stream: string, data: unknown): void {
    const message = JSON.stringify(this.#isCombined ? { stream, data } : data);
    this.#socket.send(this.#fault()?.(message) ?? message);
  }

  #subscribe(names: readonly string[]): void {
    for (const name of names) {
      const [symbol = "", rest = ""] = name.split("@");
      const timeframe = rest.replace(/^kline_/, "");
      // Any name is taken; what does not exist stays silent.
      if (isTimeframe(timeframe) && symbol === symbol.toLowerCase()) {
        this.streams.set(name, { name, symbol: symbol.toUpperCase(), timeframe });
      }
    }
    if (this.streams.size > MOST_STREAMS) {
      this.#socket.close(1008, "Too many streams");
    }
  }

  #request(text: string): void {
    this.#count();
    if (this.isDeaf) {
      return;
    }
    let request: { method?: string; params?: (string | boolean)[]; id?: unknown };
    try {
      request = JSON.parse(text);
    } catch {
      this.sendText(JSON.stringify({ code: 3, msg: "Invalid JSON: expected value at line 1 column 1" }));
      return;
    }
    this.requests.push(request);
    this.sendText(JSON.stringify({ ...this.#obey(request), id: request.id }));
  }

  #obey({ method, params = [] }: { method?: string; params?: (string | boolean)[] }): object {
    switch (method) {
      case "SUBSCRIBE":
        this.#subscribe(params.map(String));
        return { result: null };
      case "UNSUBSCRIBE":
        for (const name of params) {
          this.streams.delete(String(name));
        }
        return { result: null };
      case "LIST_SUBSCRIPTIONS":
        return { result: [...this.streams.keys()] };
      case "SET_PROPERTY":
        this.#isCombined = params[1] === true;
        return { result: null };
      default:
        return { code: 2, msg: `Invalid request: unknown variant ${method}` };
    }
  }

  #count(): void {
    const now = this.#monotonic();
    this.#messageTimes = [...this.#messageTimes.filter((time) => now - time < 1_000), now];
    if (this.#messageTimes.length > MESSAGES_A_SECOND) {
      this.#socket.close(1008, "Too many requests");
    }
  }
}
