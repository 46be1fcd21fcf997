import WebSocket from "ws";
import { errorText } from "../../../domain/errors.ts";
import { guarded } from "../../../domain/guarded.ts";
import type { Clock } from "../../../ports/clock.ts";
import { type KlineEvent, parseStreamMessage } from "../venue/venue-json.ts";

/** Streams named in the URL, and in one message. */
const STREAMS_A_MESSAGE = 100;
/**
 * The venue cuts connections that send more than five messages a second, pongs included: four leave
 * room for those.
 */
const MESSAGE_INTERVAL_MS = 250;
/** Short, so that a connection that hangs does not keep the next one waiting. */
const OPENS_WITHIN_MS = 4_000;
const ANSWERS_WITHIN_MS = 10_000;
/** The venue pings every 20 s, so this long without any frame means that the other side is gone. */
const LONGEST_SILENCE_MS = 60_000;
/** Far above any kline. */
const LARGEST_MESSAGE_BYTES = 1 << 20;

export interface ConnectionOptions {
  /** Without path. */
  readonly url: string;
  readonly clock: Clock;
  readonly streams: ReadonlySet<string>;
}

export interface ConnectionEvents {
  kline(event: KlineEvent): void;
  opened(): void;
  /** From now on these streams deliver. */
  live(streams: readonly string[]): void;
  /** The venue is about to end the connection. */
  shutdown(): void;
  malformed(detail: string): void;
  /**
   * What was made of a message threw; the connection is closed then, for nobody knows what was
   * missed.
   */
  thrown(error: unknown): void;
  /** Once, unless it was closed from here. */
  closed(reason: string): void;
}

interface Request {
  readonly subscribes: boolean;
  readonly streams: readonly string[];
  readonly sentAt: number;
}

/**
 * One WebSocket connection with combined streams. It has no timers: it moves on when ticked. Pings
 * are answered by ws, with their payload.
 */
export class Connection {
  readonly openedAt: number;
  readonly #clock: Clock;
  readonly #events: ConnectionEvents;
  readonly #socket: WebSocket;
  readonly #live = new Set<string>();
  #subscribing: string[];
  #unsubscribing: string[] = [];
  readonly #requests = new Map<number, Request>();
  #nextId = 1;
  #sentAt: number;
  #lastFrameAt: number;
  #isOver = false;
  #hasOpened = false;

  constructor({ url, clock, streams }: ConnectionOptions, events: ConnectionEvents) {
    this.#clock = clock;
    this.#events = events;
    this.openedAt = this.#sentAt = this.#lastFrameAt = clock.monotonic();
    const all = [...streams];
    const first = all.slice(0, STREAMS_A_MESSAGE);
    this.#subscribing = all.slice(STREAMS_A_MESSAGE);
    // URLs carry letters of other scripts percent-encoded, as UTF-8.
    this.#socket = new WebSocket(`${url}/stream?streams=${first.join("/")}`, {
      perMessageDeflate: false,
      maxPayload: LARGEST_MESSAGE_BYTES,
    });
    this.#listen(first);
  }

  get hasOpened(): boolean {
    return this.#hasOpened;
  }

  /** Streams asked for that do not deliver yet. */
  get pending(): number {
    const asked = [...this.#requests.values()].filter(({ subscribes }) => subscribes);
    const opening = this.#socket.readyState === WebSocket.CONNECTING ? 1 : 0;
    return this.#subscribing.length + asked.reduce((sum, { streams }) => sum + streams.length, opening);
  }

  /** Answers of the venue that are awaited, the opening among them. */
  get awaited(): number {
    return this.#requests.size + (this.#socket.readyState === WebSocket.CONNECTING ? 1 : 0);
  }

  get live(): ReadonlySet<string> {
    return this.#live;
  }

  add(stream: string): void {
    this.#unsubscribing = this.#unsubscribing.filter((other) => other !== stream);
    this.#subscribing.push(stream);
    this.#send();
  }

  remove(stream: string): void {
    this.#subscribing = this.#subscribing.filter((other) => other !== stream);
    this.#live.delete(stream);
    this.#unsubscribing.push(stream);
    this.#send();
  }

  /** Sends what waits, and ends the connection where it does not open, answer or send in time. */
  tick(): void {
    const now = this.#clock.monotonic();
    if (this.#socket.readyState === WebSocket.CONNECTING) {
      if (now - this.openedAt >= OPENS_WITHIN_MS) {
        this.#fail(`it did not open within ${OPENS_WITHIN_MS / 1000} s`);
      }
      return;
    }
    if (now - this.#lastFrameAt >= LONGEST_SILENCE_MS) {
      this.#fail(`it was silent for ${LONGEST_SILENCE_MS / 1000} s`);
    } else if ([...this.#requests.values()].some(({ sentAt }) => now - sentAt >= ANSWERS_WITHIN_MS)) {
      this.#fail(`a request was not answered within ${ANSWERS_WITHIN_MS / 1000} s`);
    } else {
      this.#send();
    }
  }

  /** Nothing is heard of it any more. */
  close(): void {
    this.#isOver = true;
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.close(1000);
    }
    // The close frame is on its way; the venue's answer to it is of no use.
    this.#socket.terminate();
  }

  #listen(first: readonly string[]): void {
    const socket = this.#socket;
    socket.on("open", () =>
      this.#guard(() => {
        this.#lastFrameAt = this.#clock.monotonic();
        this.#hasOpened = true;
        this.#events.opened();
        this.#delivers(first);
        this.#send();
      }),
    );
    socket.on("ping", () => {
      this.#lastFrameAt = this.#clock.monotonic();
    });
    socket.on("message", (data) => this.#guard(() => this.#read(String(data))));
    socket.on("error", (error) => this.#guard(() => this.#fail(errorText(error))));
    socket.on("close", (code, reason) =>
      this.#guard(() => this.#fail(`it was closed with ${code} ${reason}`.trimEnd())),
    );
  }

  #guard(task: () => void): void {
    guarded(task, (error) => {
      this.#events.thrown(error);
      guarded(
        () => this.#fail("a fault of this program"),
        (again) => this.#events.thrown(again),
      );
    });
  }

  #read(text: string): void {
    if (this.#isOver) {
      return;
    }
    this.#lastFrameAt = this.#clock.monotonic();
    const message = parseStreamMessage(text);
    if (typeof message === "string") {
      this.#events.malformed(message);
      return;
    }
    switch (message.kind) {
      case "kline":
        this.#events.kline(message);
        return;
      case "answer":
        this.#answered(message.id, message.error);
        return;
      case "shutdown":
        this.#events.shutdown();
        return;
      case "other":
        return;
      default:
        message satisfies never;
    }
  }

  #answered(id: number | undefined, error: string | undefined): void {
    const request = id === undefined ? undefined : this.#requests.get(id);
    if (error !== undefined) {
      this.#fail(`a request was refused: ${error}`);
    } else if (id !== undefined && request !== undefined) {
      this.#requests.delete(id);
      if (request.subscribes) {
        // Those dropped in the meantime are about to be unsubscribed.
        this.#delivers(request.streams.filter((stream) => !this.#unsubscribing.includes(stream)));
      }
    }
  }

  #delivers(streams: readonly string[]): void {
    for (const stream of streams) {
      this.#live.add(stream);
    }
    this.#events.live(streams);
  }

  /** One message, if its time has come. Unsubscriptions go first: they make room. */
  #send(): void {
    const now = this.#clock.monotonic();
    if (this.#socket.readyState !== WebSocket.OPEN || now - this.#sentAt < MESSAGE_INTERVAL_MS) {
      return;
    }
    const subscribes = this.#unsubscribing.length === 0;
    const streams = (subscribes ? this.#subscribing : this.#unsubscribing).splice(0, STREAMS_A_MESSAGE);
    if (streams.length > 0) {
      const id = this.#nextId++;
      this.#sentAt = now;
      this.#requests.set(id, { subscribes, streams, sentAt: now });
      this.#socket.send(JSON.stringify({ method: subscribes ? "SUBSCRIBE" : "UNSUBSCRIBE", params: streams, id }));
    }
  }

  #fail(reason: string): void {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#socket.terminate();
      this.#events.closed(reason);
    }
  }
}
