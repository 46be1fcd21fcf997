import type { OnThrown } from "../../domain/guarded.ts";
import { gainOf, type Performance } from "../../domain/performance.ts";
import { type Place, placeOfClosing } from "../../domain/place.ts";
import type { ClosedPosition } from "../../domain/position.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PositionBook } from "../../ports/position-book.ts";
import { Pace } from "../concurrency/pace.ts";
import { Broadcast } from "../streams/broadcast.ts";
import { closingAt, type TokenLog } from "../streams/resume-token.ts";
import type { PositionMemory } from "./position-memory.ts";
import type { RunningTotals } from "./running-totals.ts";
import { StrategyTotals } from "./strategy-totals.ts";

/** A closing, with the totals that it made; they are asked for once for all who watch. */
export interface Closing {
  readonly position: ClosedPosition;
  readonly performance: Promise<Performance>;
}

export interface ClosingsOptions {
  readonly positions: Pick<PositionBook, "closed" | "closedAfter">;
  readonly memory: PositionMemory;
  readonly clock: Clock;
  /** The journal's identity, which tokens name. */
  readonly identity: string;
  /** The last that the position book holds. */
  readonly lastClosing: Place;
  readonly onThrown: OnThrown;
}

/**
 * The closed positions, in the order of their reports, and the totals of their strategies (R46).
 */
export class Closings {
  readonly published: Broadcast<Closing>;
  /** For tokens. */
  readonly log: TokenLog;
  readonly #memory: PositionMemory;
  readonly #clock: Clock;
  readonly #totals: StrategyTotals;
  #last: Place;

  constructor({ positions, memory, clock, identity, lastClosing, onThrown }: ClosingsOptions) {
    this.published = new Broadcast(onThrown);
    this.#memory = memory;
    this.#clock = clock;
    this.#totals = new StrategyTotals(positions, clock, onThrown);
    this.#last = lastClosing;
    const placeAt = (sequence: number) => closingAt(positions, sequence);
    this.log = { log: "positions", identity, last: () => this.#last, placeAt };
  }

  get last(): Place {
    return this.#last;
  }

  /**
   * Takes one that the book has, in one turn of the event loop: nobody who watches can see a part
   * of it.
   */
  note(position: ClosedPosition): Promise<Performance> {
    if (position.decisionId !== undefined) {
      this.#memory.settle(position.decisionId);
    }
    this.#memory.positionClosed(position.strategyId, position.positionId);
    this.#totals.add(position);
    const performance = this.performance(position.strategyId);
    // Whoever waits for it hears of the failure; nobody need wait.
    performance.catch(() => undefined);
    if (position.closeSequence > this.#last.sequence) {
      this.#last = placeOfClosing(position);
      this.published.send({ position, performance });
    }
    return performance;
  }

  /** Rejects as the book does. */
  totals(strategyId: string): Promise<RunningTotals> {
    return this.#totals.of(strategyId);
  }

  async performance(strategyId: string): Promise<Performance> {
    return (await this.totals(strategyId)).performance(strategyId, this.#memory.open(strategyId));
  }

  /**
   * For who reads closings in the order of their reports: the strategy's totals as they were once
   * each had been reported.
   */
  past(): (position: ClosedPosition) => Promise<Performance> {
    const then = new Map<string, RunningTotals>();
    return async (position) => {
      const { strategyId, closeSequence } = position;
      let known = then.get(strategyId);
      if (known === undefined) {
        known = await (await this.totals(strategyId)).reportedBy(closeSequence, new Pace(this.#clock));
        then.set(strategyId, known);
      }
      known.add(gainOf(position));
      return known.performance(strategyId, this.#memory.open(strategyId));
    };
  }
}
