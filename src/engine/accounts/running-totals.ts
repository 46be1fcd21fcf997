import { compareCodePoints } from "../../domain/decision.ts";
import { type Gain, type Performance, Tally } from "../../domain/performance.ts";
import type { Pace } from "../concurrency/pace.ts";

/** Positions between two totals that are kept. */
const EVERY = 256;

/**
 * Running totals of a strategy's closed positions in the order of R46. One that closed last is
 * added in one step; for one that was reported out of order, the totals are added up anew from its
 * place on, since sums of doubles depend on their order.
 */
export class RunningTotals {
  readonly #gains: Gain[] = [];
  /** The totals before the first of every `EVERY` positions. */
  readonly #kept: Tally[] = [];
  #tally = new Tally();

  /** Those that come in the order of R46. */
  static async of(gains: Iterable<Gain>, pace: Pace): Promise<RunningTotals> {
    const totals = new RunningTotals();
    for (const gain of gains) {
      totals.add(gain);
      if (pace.isLateAfter(1)) {
        await pace.rest();
      }
    }
    return totals;
  }

  get length(): number {
    return this.#gains.length;
  }

  /** Takes a closed position; answers whether it was not known yet. */
  add(gain: Gain): boolean {
    const place = this.#placeFor(gain);
    if (this.#gains[place - 1]?.positionId === gain.positionId) {
      return false;
    }
    this.#gains.splice(place, 0, gain);
    this.#addUpFrom(place);
    return true;
  }

  performance(strategyId: string, openPositions: number): Performance {
    return this.#tally.performance(strategyId, openPositions);
  }

  /** The same over those with start <= closedAt < end alone. */
  async between(start: number, end: number, pace: Pace): Promise<RunningTotals> {
    const [from, to] = [start, end].map((time) => this.#firstNot((gain) => gain.closedAt < time));
    return await RunningTotals.of(this.#gains.slice(from, to), pace);
  }

  /** The same over those alone that had been reported by then. */
  async reportedBy(closeSequence: number, pace: Pace): Promise<RunningTotals> {
    const gains = this.#gains.filter((gain) => gain.closeSequence <= closeSequence);
    return await RunningTotals.of(gains, pace);
  }

  #addUpFrom(place: number): void {
    const gains = this.#gains;
    let next = place;
    if (place < gains.length - 1) {
      this.#kept.length = Math.floor(place / EVERY) + 1;
      next = (this.#kept.length - 1) * EVERY;
      this.#tally = this.#kept.at(-1)?.copy() ?? new Tally();
    }
    for (; next < gains.length; next++) {
      if (next % EVERY === 0 && next / EVERY === this.#kept.length) {
        this.#kept.push(this.#tally.copy());
      }
      this.#tally.take(gains[next] as Gain);
    }
  }

  /** Behind all that come before it, and itself. */
  #placeFor({ closedAt, positionId }: Gain): number {
    return this.#firstNot(
      (other) =>
        other.closedAt < closedAt ||
        (other.closedAt === closedAt && compareCodePoints(other.positionId, positionId) <= 0),
    );
  }

  /** Place of the first one of which this does not hold; it holds of all before. */
  #firstNot(holds: (gain: Gain) => boolean): number {
    let [low, high] = [0, this.#gains.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(this.#gains[middle] as Gain)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
