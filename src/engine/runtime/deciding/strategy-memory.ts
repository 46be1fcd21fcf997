import { type RememberedDecision, Reservations } from "./remembered.ts";

/** What is remembered of a strategy's decisions of one kind. */
export class StrategyMemory {
  /** The newest decision by symbol. */
  readonly newest = new Map<string, RememberedDecision>();
  readonly places = new Reservations();
  readonly openPositions = new Set<string>();
  /** Reservations that expired by this time are not remembered. */
  placesFrom: number;

  constructor(placesFrom: number) {
    this.placesFrom = placesFrom;
  }

  get isEmpty(): boolean {
    return this.newest.size === 0 && this.places.isEmpty && this.openPositions.size === 0;
  }
}
