import type { Position } from "../../../domain/position.ts";
import type { Timeframe } from "../../../domain/timeframe.ts";
import { HeldPosition } from "./held-position.ts";

const NO_SYMBOLS: ReadonlySet<string> = new Set();
const NO_TIMEFRAMES: ReadonlySet<Timeframe> = new Set();

/** Open positions by id, and by the timeframe and the symbol that they are judged on. */
export class HeldPositions {
  readonly #held = new Map<string, HeldPosition>();
  readonly #places = new Map<Timeframe, Map<string, Set<HeldPosition>>>();
  readonly #placeOf = new Map<HeldPosition, Timeframe>();
  #timeframes = NO_TIMEFRAMES;

  get size(): number {
    return this.#held.size;
  }

  /** The same object as long as they are the same. */
  get timeframes(): ReadonlySet<Timeframe> {
    return this.#timeframes;
  }

  get(positionId: string): HeldPosition | undefined {
    return this.#held.get(positionId);
  }

  all(): Iterable<HeldPosition> {
    return this.#held.values();
  }

  /** Those that are judged at no close. */
  unplaced(): readonly HeldPosition[] {
    return this.#placeOf.size === this.#held.size
      ? []
      : [...this.#held.values()].filter((held) => !this.#placeOf.has(held));
  }

  add(position: Position): HeldPosition {
    const held = this.#held.get(position.positionId) ?? new HeldPosition(position);
    this.#held.set(position.positionId, held);
    return held;
  }

  remove(positionId: string): void {
    const held = this.#held.get(positionId);
    if (held !== undefined) {
      this.#held.delete(positionId);
      this.#leave(held);
    }
  }

  /** Has the position judged on this timeframe from now on; undefined: on none. */
  place(held: HeldPosition, timeframe: Timeframe | undefined): void {
    if (this.#placeOf.get(held) === timeframe) {
      return;
    }
    this.#leave(held);
    if (timeframe === undefined) {
      return;
    }
    const bySymbol = this.#places.get(timeframe) ?? new Map<string, Set<HeldPosition>>();
    const own = bySymbol.get(held.position.symbol) ?? new Set();
    this.#places.set(timeframe, bySymbol.set(held.position.symbol, own.add(held)));
    this.#placeOf.set(held, timeframe);
    this.#noteTimeframes();
  }

  /** Symbols with positions that are judged on the timeframe. */
  symbols(timeframe: Timeframe): ReadonlySet<string> {
    const bySymbol = this.#places.get(timeframe);
    return bySymbol === undefined ? NO_SYMBOLS : new Set(bySymbol.keys());
  }

  /** Whether a position is judged there. */
  has(timeframe: Timeframe, symbol: string): boolean {
    return this.#places.get(timeframe)?.has(symbol) === true;
  }

  /** Symbols with positions, by timeframe. */
  reads(): ReadonlyMap<Timeframe, ReadonlySet<string>> {
    return new Map([...this.#places].map(([timeframe, bySymbol]) => [timeframe, new Set(bySymbol.keys())]));
  }

  on(timeframe: Timeframe, symbols: ReadonlySet<string>): readonly HeldPosition[] {
    const bySymbol = this.#places.get(timeframe);
    return bySymbol === undefined ? [] : [...symbols].flatMap((symbol) => [...(bySymbol.get(symbol) ?? [])]);
  }

  #leave(held: HeldPosition): void {
    const timeframe = this.#placeOf.get(held);
    if (timeframe === undefined) {
      return;
    }
    this.#placeOf.delete(held);
    const bySymbol = this.#places.get(timeframe);
    const own = bySymbol?.get(held.position.symbol);
    own?.delete(held);
    if (own?.size === 0) {
      bySymbol?.delete(held.position.symbol);
    }
    if (bySymbol?.size === 0) {
      this.#places.delete(timeframe);
    }
    this.#noteTimeframes();
  }

  #noteTimeframes(): void {
    const known = this.#timeframes;
    const now = this.#places;
    if (now.size !== known.size || [...now.keys()].some((timeframe) => !known.has(timeframe))) {
      this.#timeframes = new Set(now.keys());
    }
  }
}
