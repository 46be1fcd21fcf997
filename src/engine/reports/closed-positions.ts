import { type ClosedPosition, compareClosed } from "../../domain/position.ts";
import type { PositionBook } from "../../ports/position-book.ts";

/** Positions remembered of all strategies together; some ten MB. */
const MOST_REMEMBERED = 100_000;

/**
 * The closed positions of strategies, in the order of R46, read from the book once and remembered: every report of a closing answers with totals
 * over all of them, and reading thousands anew for each would make reports slower the better an executor is at its work.
 */
export class ClosedPositions {
  readonly #book: Pick<PositionBook, "closed">;
  readonly #most: number;
  /** By strategy, the one asked for longest ago first. */
  readonly #remembered = new Map<string, Promise<readonly ClosedPosition[]>>();
  readonly #sizes = new Map<string, number>();

  constructor(book: Pick<PositionBook, "closed">, most: number = MOST_REMEMBERED) {
    this.#book = book;
    this.#most = most;
  }

  /** Rejects as the book does, and asks it again the next time. */
  async of(strategyId: string): Promise<readonly ClosedPosition[]> {
    const known = this.#remembered.get(strategyId) ?? this.#book.closed(strategyId);
    this.#remembered.delete(strategyId);
    this.#remember(strategyId, known);
    try {
      const positions = await known;
      this.#sizes.set(strategyId, positions.length);
      this.#forgetOldest(strategyId);
      return positions;
    } catch (error) {
      if (this.#remembered.get(strategyId) === known) {
        this.#remembered.delete(strategyId);
      }
      throw error;
    }
  }

  /** Takes one that the book has; one that is known already changes nothing. */
  add(position: ClosedPosition): void {
    const known = this.#remembered.get(position.strategyId);
    if (known !== undefined) {
      this.#remember(
        position.strategyId,
        known.then((positions) => withOne(positions, position)),
      );
    }
  }

  #remember(strategyId: string, positions: Promise<readonly ClosedPosition[]>): void {
    // Whoever asks hears of the failure; nobody need ask.
    positions.catch(() => undefined);
    this.#remembered.set(strategyId, positions);
  }

  #forgetOldest(except: string): void {
    let count = 0;
    for (const strategyId of this.#remembered.keys()) {
      count += this.#sizes.get(strategyId) ?? 0;
    }
    for (const strategyId of this.#remembered.keys()) {
      if (count <= this.#most) {
        return;
      }
      if (strategyId !== except) {
        count -= this.#sizes.get(strategyId) ?? 0;
        this.#remembered.delete(strategyId);
        this.#sizes.delete(strategyId);
      }
    }
  }
}

function withOne(positions: readonly ClosedPosition[], position: ClosedPosition): readonly ClosedPosition[] {
  const before = positions.findLastIndex((other) => compareClosed(other, position) <= 0);
  const isKnown = positions[before]?.positionId === position.positionId;
  return isKnown ? positions : positions.toSpliced(before + 1, 0, position);
}
