import type { VenueEvent } from "../venue/venue-event.ts";
import { ConnectBudget } from "./connect-budget.ts";
import { Lane, type LaneEvents, type LaneOptions } from "./lane.ts";

/**
 * Streams nobody wants any more are kept this long, as who changes a subscription ends it and
 * begins another.
 */
const LINGER_MS = 5_000;

export interface StreamPoolOptions extends Omit<LaneOptions, "budget"> {
  /** The venue takes 1,024 at most. */
  readonly streamsPerConnection: number;
}

/** Spreads streams over as few connections as carry them. */
export class StreamPool {
  readonly #options: StreamPoolOptions & LaneOptions;
  readonly #events: LaneEvents;
  #broke: string | undefined;
  readonly #lanes = new Set<Lane>();
  readonly #laneOf = new Map<string, Lane>();
  /** When streams that nobody wants are dropped, monotonic ms. */
  readonly #lingering = new Map<string, number>();

  constructor(options: StreamPoolOptions, events: LaneEvents) {
    const observe = (event: VenueEvent) => {
      this.#broke = event.kind === "disconnected" ? event.reason : this.#broke;
      options.observe(event);
    };
    this.#options = { ...options, observe, budget: new ConnectBudget(options.clock) };
    this.#events = events;
  }

  get connections(): number {
    return this.#sum((lane) => lane.connections);
  }

  /** Answers of the venue that are awaited. */
  get awaited(): number {
    return this.#sum((lane) => lane.awaited);
  }

  /** Why the last connection that ended did so. */
  get broke(): string | undefined {
    return this.#broke;
  }

  get streams(): number {
    return this.#laneOf.size;
  }

  /** Streams that do not deliver yet. */
  get pending(): number {
    return this.#sum((lane) => lane.pending);
  }

  /** Whether it delivers already, as one that lingered may; else `live` will be told. */
  add(stream: string): boolean {
    this.#lingering.delete(stream);
    const carrying = this.#laneOf.get(stream);
    if (carrying !== undefined) {
      return carrying.isLive(stream);
    }
    const lane = this.#firstWithRoom();
    this.#laneOf.set(stream, lane);
    lane.add(stream);
    return false;
  }

  /** Whether it is carried still, as one that lingers is. */
  carries(stream: string): boolean {
    return this.#laneOf.has(stream);
  }

  remove(stream: string): void {
    this.#lingering.set(stream, this.#options.clock.monotonic() + LINGER_MS);
  }

  /**
   * The stream did not bring a bar that the history has. `isMute`: it did not bring those before
   * either.
   */
  suspect(stream: string, isMute: boolean): void {
    this.#laneOf.get(stream)?.suspect(stream, isMute);
  }

  tick(): void {
    const now = this.#options.clock.monotonic();
    for (const [stream, until] of this.#lingering) {
      if (now >= until) {
        this.#lingering.delete(stream);
        this.#laneOf.get(stream)?.remove(stream);
        this.#laneOf.delete(stream);
      }
    }
    for (const lane of this.#lanes) {
      lane.tick();
      if (lane.streams.size === 0) {
        this.#lanes.delete(lane);
      }
    }
  }

  close(): void {
    for (const lane of this.#lanes) {
      lane.close();
    }
    this.#lanes.clear();
    this.#laneOf.clear();
  }

  #sum(figure: (lane: Lane) => number): number {
    return [...this.#lanes].reduce((sum, lane) => sum + figure(lane), 0);
  }

  #firstWithRoom(): Lane {
    for (const lane of this.#lanes) {
      if (lane.streams.size < this.#options.streamsPerConnection) {
        return lane;
      }
    }
    const lane = new Lane(this.#options, this.#events);
    this.#lanes.add(lane);
    return lane;
  }
}
