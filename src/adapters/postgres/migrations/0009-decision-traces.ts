import type { Migration } from "./migration.ts";

/**
 * The newest decision of a pair and kind, and those on one bar: what a start and questions about
 * other times look for.
 */
const BY_PAIR = `
  CREATE INDEX sg_decisions_by_pair
    ON sg_decisions (strategy_id, symbol, shadow, timestamp DESC, sequence DESC)`;

/** What is in force at a time, of all strategies and of one. */
const BY_VALIDITY = "CREATE INDEX sg_decisions_by_validity ON sg_decisions (valid_until)";
const BY_STRATEGY_VALIDITY =
  "CREATE INDEX sg_decisions_by_strategy_validity ON sg_decisions (strategy_id, valid_until)";

/** Whether a decision became a position. */
const POSITIONS_BY_DECISION =
  "CREATE INDEX sg_positions_by_decision ON sg_positions (decision_id) WHERE decision_id IS NOT NULL";

export const DECISION_TRACES: Migration = {
  id: 9,
  name: "decision traces",
  statements: [BY_PAIR, BY_VALIDITY, BY_STRATEGY_VALIDITY, POSITIONS_BY_DECISION],
};
