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
