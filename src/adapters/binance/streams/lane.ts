import type { Clock } from "../../../ports/clock.ts";
import { backoffMs } from "../venue/backoff.ts";
import type { ObserveVenue } from "../venue/venue-event.ts";
import type { KlineEvent } from "../venue/venue-json.ts";
import type { ConnectBudget } from "./connect-budget.ts";
import { Connection } from "./connection.ts";

const FIRST_RETRY_MS = 500;
/**
 * Whatever happened before: a wait that grows is as long an outage again once the venue is back.
 */
const LONGEST_RETRY_MS = 2_500;
/** A connection that lived this long is no failure: the next is tried soon. */
const STABLE_MS = 60_000;
/**
 * The venue sends bars that form every two seconds: a connection that brings nothing for longer is
 * suspect.
 */
const QUIET_MS = 3_000;
/** A connection that brings nothing at all is replaced no more often than this. */
const STALLED_AGAIN_MS = 5_000;
/** One stream that was silent on the connection before, too, may have nothing to say. */
const MUTE_AGAIN_MS = 600_000;
/**
 * Planned renewals come up to this share earlier, so that connections opened together do not all
 * end together.
 */
const RENEWAL_JITTER = 0.05;

export interface LaneOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** The venue cuts a connection after 24 hours; it is replaced when it is this old, ms. */
  readonly renewAfterMs: number;
  readonly observe: ObserveVenue;
  /** Shared by all lanes. */
  readonly budget: ConnectBudget;
}

export interface LaneEvents {
  kline(event: KlineEvent): void;
  live(streams: readonly string[]): void;
  lost(streams: readonly string[]): void;
}

/**
 * A set of streams and the connection that carries them: opened again behind a break, replaced with
 * overlap where its end is foreseen. Both connections of an overlap deliver; who listens drops what
 * comes twice.
 */
export class Lane {
  readonly streams = new Set<string>();
  readonly #options: LaneOptions;
  readonly #events: LaneEvents;
  #current: Connection | undefined;
  /** Takes over once all its streams deliver. */
  #next: Connection | undefined;
  #wantsNext: string | undefined;
  #renewAt = Number.POSITIVE_INFINITY;
  #retryAt = Number.NEGATIVE_INFINITY;
  /** When a connection last ended. */
  #endedAt = Number.NEGATIVE_INFINITY;
  /** When a connection was last given up as stalled. */
  #stalledAt = Number.NEGATIVE_INFINITY;
  /** When streams last brought a bar that had closed. */
  readonly #heardAt = new Map<string, number>();
  #failures = 0;
  /** When a connection last brought anything. */
  #broughtAt = Number.NEGATIVE_INFINITY;

  constructor(options: LaneOptions, events: LaneEvents) {
    this.#options = options;
    this.#events = events;
  }

  get connections(): number {
    return (this.#current ? 1 : 0) + (this.#next ? 1 : 0);
  }

  /** Streams that do not deliver yet. */
  get pending(): number {
    return this.#current === undefined ? this.streams.size : this.#current.pending + (this.#next?.pending ?? 0);
  }

  get awaited(): number {
    return (this.#current?.awaited ?? 0) + (this.#next?.awaited ?? 0);
  }

  isLive(stream: string): boolean {
    return this.#current?.live.has(stream) ?? false;
  }

  add(stream: string): void {
    this.streams.add(stream);
    this.#current?.add(stream);
    this.#next?.add(stream);
  }

  remove(stream: string): void {
    this.streams.delete(stream);
    this.#heardAt.delete(stream);
    this.#current?.remove(stream);
    this.#next?.remove(stream);
  }

  /**
   * The venue had a bar of this stream that the connection did not bring. Where it brings nothing
   * else either, or where the stream is mute, the connection is stalled though it stands.
   */
  suspect(stream: string, isMute: boolean): void {
    const now = this.#options.clock.monotonic();
    const isStalled = now - this.#broughtAt >= QUIET_MS && now - this.#stalledAt >= STALLED_AGAIN_MS;
    const spokeSince = (this.#heardAt.get(stream) ?? Number.NEGATIVE_INFINITY) > this.#stalledAt;
    if (isStalled || (isMute && (spokeSince || now - this.#stalledAt >= MUTE_AGAIN_MS))) {
      this.#stalledAt = now;
      this.#replace(`${stream} brought no bar that the history has`);
    }
  }

  tick(): void {
    this.#current?.tick();
    this.#next?.tick();
    const now = this.#options.clock.monotonic();
    if (this.streams.size === 0) {
      this.close();
      return;
    }
    if (now >= this.#renewAt) {
      this.#replace("it is about to reach its age limit");
    }
    // Where another lane was let in since, this one need not wait for its own time.
    const { budget } = this.#options;
    const wantsOne = this.#current === undefined || (this.#wantsNext !== undefined && this.#next === undefined);
    if (wantsOne && (now >= this.#retryAt || budget.openedAt > this.#endedAt) && budget.take()) {
      const connection = this.#open();
      if (this.#current === undefined) {
        this.#current = connection;
      } else {
        this.#next = connection;
      }
    }
  }

  close(): void {
    this.#current?.close();
    this.#next?.close();
    this.#current = this.#next = this.#wantsNext = undefined;
    this.#renewAt = Number.POSITIVE_INFINITY;
  }

  #replace(reason: string): void {
    if (this.#wantsNext === undefined && this.#current !== undefined) {
      this.#wantsNext = reason;
      this.#options.observe({ kind: "renewing", reason });
    }
    this.#renewAt = Number.POSITIVE_INFINITY;
  }

  #open(): Connection {
    const { url, clock } = this.#options;
    const connection: Connection = new Connection(
      { url, clock, streams: this.streams },
      {
        kline: (event) => this.#brought(event),
        opened: () => this.#options.budget.opened(),
        live: (streams) => this.#delivers(connection, streams),
        shutdown: () => {
          if (connection === this.#current) {
            this.#replace("the venue is about to shut it down");
          }
        },
        malformed: (detail) => this.#options.observe({ kind: "malformed", detail }),
        thrown: (error) => this.#options.observe({ kind: "thrown", error }),
        closed: (reason) => this.#closed(connection, reason),
      },
    );
    return connection;
  }

  #brought(event: KlineEvent): void {
    this.#broughtAt = this.#options.clock.monotonic();
    if (event.isClosed && this.streams.has(event.stream)) {
      this.#heardAt.set(event.stream, this.#broughtAt);
    }
    this.#events.kline(event);
  }

  #delivers(connection: Connection, streams: readonly string[]): void {
    this.#events.live(streams);
    if (connection.pending > 0) {
      return;
    }
    if (connection === this.#next) {
      this.#current?.close();
      this.#takeOver(connection);
    } else if (this.#renewAt === Number.POSITIVE_INFINITY && this.#wantsNext === undefined) {
      this.#takeOver(connection);
    }
  }

  /** The connection, all of whose streams deliver, is the current one from now on. */
  #takeOver(connection: Connection): void {
    const { renewAfterMs, random, observe } = this.#options;
    this.#current = connection;
    this.#next = this.#wantsNext = undefined;
    this.#renewAt = connection.openedAt + renewAfterMs * (1 - RENEWAL_JITTER * random());
    observe({ kind: "connected", streams: connection.live.size });
  }

  #closed(connection: Connection, reason: string): void {
    const { clock, random, observe, budget } = this.#options;
    const now = clock.monotonic();
    this.#endedAt = now;
    this.#failures = now - connection.openedAt >= STABLE_MS ? 0 : this.#failures + 1;
    const waitMs = backoffMs(this.#failures, FIRST_RETRY_MS, LONGEST_RETRY_MS, random);
    if (!connection.hasOpened) {
      budget.refused();
    }
    // What hung before it was given up has waited long enough.
    this.#retryAt = Math.max(now, (connection.hasOpened ? now : connection.openedAt) + waitMs);
    const retryMs = Math.max(this.#retryAt, budget.nextAt) - now;
    observe({ kind: "disconnected", wasOpen: connection.hasOpened, reason, retryMs });
    if (connection === this.#next) {
      this.#next = undefined;
      return;
    }
    this.#current = this.#next;
    this.#next = this.#wantsNext = undefined;
    this.#renewAt = Number.POSITIVE_INFINITY;
    const still = this.#current?.live ?? new Set();
    this.#events.lost([...connection.live].filter((stream) => !still.has(stream)));
  }
}
