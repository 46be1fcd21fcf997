import type { Position } from "../../domain/position.ts";

/** Hears of positions that are open, and of those that are not any more. */
export interface PositionListener {
  /** Resolves once it has taken the position; never rejects. */
  opened(position: Position): Promise<void>;
  closed(positionId: string): void;
}

/**
 * What the gates remember of positions, and of the places that decisions hold until they become one
 * (R32, R33).
 */
export interface PositionMemory {
  /** How many positions of the strategy are open. */
  open(strategyId: string): number;
  /** Whether the decision may hold a place. */
  holds(decisionId: string): boolean;
  /** A position counts, and its decision's place does not any more. */
  positionOpened(strategyId: string, positionId: string, decisionId: string | undefined): void;
  positionClosed(strategyId: string, positionId: string): void;
  /** Frees the decision's place: it was rejected, or became a position. */
  settle(decisionId: string): void;
}
