import type { OnThrown } from "../../domain/guarded.ts";
import { gainOf } from "../../domain/performance.ts";
import type { ClosedPosition } from "../../domain/position.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PositionBook } from "../../ports/position-book.ts";
import { Pace } from "../concurrency/pace.ts";
import { RunningTotals } from "./running-totals.ts";

/** Positions remembered of all strategies together; some ten MB. */
const MOST_REMEMBERED = 100_000;

interface Known {
  readonly totals: Promise<RunningTotals>;
  /** Positions counted so far. */
  size: number;
}

/**
 * The running totals of strategies, read from the book once and remembered: every report of a
 * closing answers with totals over all of its strategy's positions, and reading thousands anew for
 * each would make reports slower the better an executor is at its work.
 */
export class StrategyTotals {
  readonly #book: Pick<PositionBook, "closed">;
  readonly #clock: Clock;
  readonly #most: number;
  /** By strategy, the one asked for longest ago first. */
  readonly #known = new Map<string, Known>();
  #size = 0;

  readonly #onThrown: OnThrown;

  constructor(book: Pick<PositionBook, "closed">, clock: Clock, onThrown: OnThrown, most: number = MOST_REMEMBERED) {
    this.#book = book;
    this.#clock = clock;
    this.#onThrown = onThrown;
    this.#most = most;
  }

  /**
   * They grow with what is added later. Rejects as the book does, and asks it again the next time.
   */
  async of(strategyId: string): Promise<RunningTotals> {
    const known = this.#known.get(strategyId) ?? this.#read(strategyId);
    this.#known.delete(strategyId);
    this.#known.set(strategyId, known);
    try {
      const totals = await known.totals;
      this.#forgetOldest(strategyId);
      return totals;
    } catch (error) {
      if (this.#known.get(strategyId) === known) {
        this.#known.delete(strategyId);
      }
      throw error;
    }
  }

  /** Takes one that the book has; one that is known already changes nothing. */
  add(position: ClosedPosition): void {
    const known = this.#known.get(position.strategyId);
    known?.totals.then(
      (totals) => this.#addTo(known, totals, position),
      () => undefined,
    );
  }

  /** Totals that a fault left half added are read anew by whoever asks next. */
  #addTo(known: Known, totals: RunningTotals, position: ClosedPosition): void {
    try {
      if (totals.add(gainOf(position))) {
        this.#count(position.strategyId, known, 1);
      }
    } catch (error) {
      this.#onThrown(error);
      if (this.#known.get(position.strategyId) === known) {
        this.#size -= known.size;
        this.#known.delete(position.strategyId);
      }
    }
  }

  #read(strategyId: string): Known {
    const read = async (): Promise<RunningTotals> => {
      const positions = await this.#book.closed(strategyId);
      const totals = await RunningTotals.of(positions.map(gainOf), new Pace(this.#clock));
      this.#count(strategyId, known, totals.length);
      return totals;
    };
    const known: Known = { totals: read(), size: 0 };
    // Whoever asks hears of the failure; nobody need ask.
    known.totals.catch(() => undefined);
    return known;
  }

  #count(strategyId: string, known: Known, more: number): void {
    if (this.#known.get(strategyId) === known) {
      known.size += more;
      this.#size += more;
    }
  }

  #forgetOldest(except: string): void {
    for (const [strategyId, { size }] of this.#known) {
      if (this.#size <= this.#most) {
        return;
      }
      if (strategyId !== except) {
        this.#size -= size;
        this.#known.delete(strategyId);
      }
    }
  }
}
