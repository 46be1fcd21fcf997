import type { Socket } from "node:net";
import { networkOf } from "../budgets/caller.ts";
import { Abandoned } from "./abandoned.ts";

/**
 * Why a connection was closed: one too many of all, or of its address; one that had sent no whole
 * request when others needed its place; one that took too long to send one; one of an address that
 * sends requests by the hundred and leaves.
 */
export const CLOSED_FOR = ["all", "address", "unfinished", "slow", "flood"] as const;
export type ClosedFor = (typeof CLOSED_FOR)[number];

export interface ConnectionLimitOptions {
  readonly most: number;
  /** Of one address; see `networkOf`. */
  readonly mostOfAddress: number;
  /** Hears of each connection that is closed. Must not throw. */
  readonly onClosed?: (why: ClosedFor, address: string) => void;
}

/** For a server that is given no limit. */
export const DEFAULT_LIMIT: ConnectionLimitOptions = { most: 1_000, mostOfAddress: 1_000 };

export interface Arrival {
  /**
   * A connection that has sent no whole request (a preface, where it is of HTTP/2) by then is
   * closed, ms.
   */
  readonly settleMs: number;
  /** Whether a connection that has no place may ask one thing: what probes ask. */
  readonly hearsProbes: boolean;
  /** Whether bytes are a probe and no more; absent where they cannot be read as they come. */
  readonly isProbe?: (first: Buffer) => boolean;
}

/** What a connection has until it closes. */
export interface Place {
  /** Whether the connection may bring a probe alone, which the port looks for on the bytes. */
  readonly isForProbe: boolean;
  /**
   * The connection has sent a whole request. Answers whether it may go on. Where it may not, the
   * port that hears probes answers those and closes it; any other port finds it closed.
   */
  settle(): boolean;
  /** A request was left by its caller, with the connection. */
  abandon(): void;
  /** The connection brings what costs far more than it is worth. */
  flood(): void;
  /** Closes the connection, which brought more than a probe. */
  refuse(): void;
}

/**
 * So many that have sent no whole request are heard, however many others there are: probes are
 * among them.
 */
const ALWAYS_HEARD = 16;
/**
 * What a caller that is far away, or has TLS, needs to send a request at its own pace. Nothing
 * younger is closed for others.
 */
const YOUNG_MS = 500;
/** But for the oldest of so many: they would cost too much memory. */
const MOST_YOUNG = 2_000;
/**
 * How often room is made, and how many are closed for it at once: to close one costs up to half a
 * millisecond, and hundreds would hold up everything else.
 */
const LOOK_MS = 10;
const MOST_A_LOOK = 10;

interface Held {
  readonly socket: Socket;
  readonly from: Caller;
  readonly arrival: Arrival;
  /** Monotonic ms. */
  readonly since: number;
  readonly timer: NodeJS.Timeout;
  readonly isForProbe: boolean;
  state: "unsettled" | "settled" | "closed";
}

interface Caller {
  readonly address: string;
  settled: number;
  /** The oldest first. */
  readonly unsettled: Set<Held>;
}

/**
 * Bounds the connections that are open at once, of all addresses and of each. Servers that are
 * given the same one share its places.
 *
 * A connection that has sent a whole request keeps its place. The others have what is left: where
 * they are too many, the oldest are closed. A caller that wants something says so at once, so a
 * flood of halves of requests pushes out its own.
 */
export class ConnectionLimit {
  readonly #options: ConnectionLimitOptions;
  readonly #callers = new Map<string, Caller>();
  readonly #unsettled = new Set<Held>();
  readonly #abandoned = new Abandoned();
  #settled = 0;
  #look: NodeJS.Timeout | undefined;

  constructor(options: ConnectionLimitOptions) {
    this.#options = options;
  }

  /** Connections open now. */
  get open(): number {
    return this.#settled + this.#unsettled.size;
  }

  /** Lets a connection in; closes it and answers undefined where there is no place. */
  take(socket: Socket, arrival: Arrival): Place | undefined {
    const address = networkOf(socket.remoteAddress ?? "unknown");
    const from = this.#callers.get(address) ?? { address, settled: 0, unsettled: new Set() };
    const full = this.#full(from);
    const isFlood = this.#abandoned.isFlood(address);
    const why = isFlood && arrival.isProbe === undefined ? "flood" : arrival.hearsProbes ? undefined : full;
    if (why !== undefined) {
      this.#close(socket, why, address);
      return undefined;
    }
    this.#callers.set(address, from);
    const timer = setTimeout(() => this.#close(socket, "slow", address), arrival.settleMs);
    const since = performance.now();
    const held: Held = { socket, from, arrival, since, timer, isForProbe: isFlood, state: "unsettled" };
    from.unsettled.add(held);
    this.#unsettled.add(held);
    socket.once("close", () => this.#forget(held));
    if (this.#unsettled.size > MOST_YOUNG) {
      this.#pushOut(this.#unsettled, MOST_YOUNG, Number.POSITIVE_INFINITY);
    }
    if (from.unsettled.size > this.#heardOf(from) || this.#unsettled.size > this.#heard()) {
      this.#look ??= setTimeout(() => this.#makeRoom(), LOOK_MS);
    }
    return {
      isForProbe: isFlood,
      settle: () => this.#settle(held),
      abandon: () => this.#abandon(from),
      flood: () => {
        this.#abandoned.flood(address);
        this.#closeUnsettled(from);
      },
      refuse: () => this.#close(socket, "flood", address),
    };
  }

  /** What a flood has on its way already is not read, either. */
  #abandon(from: Caller): void {
    if (this.#abandoned.add(from.address)) {
      this.#closeUnsettled(from);
    }
  }

  #closeUnsettled(from: Caller): void {
    for (const held of from.unsettled) {
      this.#forget(held);
      this.#close(held.socket, "flood", from.address);
    }
  }

  #full(from: Caller): ClosedFor | undefined {
    const { most, mostOfAddress } = this.#options;
    return from.settled >= mostOfAddress ? "address" : this.#settled >= most ? "all" : undefined;
  }

  /** How many of a caller may have sent no whole request. */
  #heardOf({ settled }: Caller): number {
    return Math.max(this.#options.mostOfAddress - settled, ALWAYS_HEARD);
  }

  #heard(): number {
    return Math.max(this.#options.most - this.#settled, ALWAYS_HEARD);
  }

  #settle(held: Held): boolean {
    const { from, socket, arrival, state } = held;
    if (state !== "unsettled" || held.isForProbe) {
      return state === "settled";
    }
    const full = this.#full(from);
    if (full === undefined) {
      this.#leave(held, "settled");
      from.settled++;
      this.#settled++;
    } else if (!arrival.hearsProbes) {
      this.#close(socket, full, from.address);
    }
    return full === undefined;
  }

  /** Once for each connection: at its close, or when it is pushed out. */
  #forget(held: Held): void {
    const { from } = held;
    if (held.state === "settled") {
      from.settled--;
      this.#settled--;
    }
    this.#leave(held, "closed");
    if (from.settled === 0 && from.unsettled.size === 0) {
      this.#callers.delete(from.address);
    }
  }

  /** It is no longer among those that have sent no whole request. */
  #leave(held: Held, to: "settled" | "closed"): void {
    clearTimeout(held.timer);
    held.from.unsettled.delete(held);
    this.#unsettled.delete(held);
    held.state = to;
  }

  #makeRoom(): void {
    this.#look = undefined;
    const before = performance.now() - YOUNG_MS;
    let left = MOST_A_LOOK;
    let isOver = false;
    for (const from of this.#callers.values()) {
      left -= this.#pushOut(from.unsettled, this.#heardOf(from), before, left);
      isOver ||= from.unsettled.size > this.#heardOf(from);
    }
    this.#pushOut(this.#unsettled, this.#heard(), before, left);
    if (isOver || this.#unsettled.size > this.#heard()) {
      this.#look = setTimeout(() => this.#makeRoom(), LOOK_MS);
    }
  }

  /**
   * Closes the oldest of these, of those that came before, until there are no more than `most`, or
   * `atOnce` are closed; answers how many.
   */
  #pushOut(unsettled: ReadonlySet<Held>, most: number, before: number, atOnce = Number.POSITIVE_INFINITY): number {
    let closed = 0;
    for (const held of unsettled) {
      if (unsettled.size <= most || held.since > before || closed >= atOnce) {
        break;
      }
      closed++;
      this.#forget(held);
      this.#close(held.socket, "unfinished", held.from.address);
    }
    return closed;
  }

  #close(socket: Socket, why: ClosedFor, address: string): void {
    socket.destroy();
    this.#options.onClosed?.(why, address);
  }
}
