import type { Migration } from "./migration.ts";

/** The position that a CLOSE or ADJUST is about; NULL of openings. */
const POSITION = 'ALTER TABLE sg_decisions ADD COLUMN position_id text COLLATE "C"';

/** The newest CLOSE or ADJUST of a position: what a start must know of those that are open. */
const BY_POSITION = `
  CREATE INDEX sg_decisions_by_position ON sg_decisions (position_id, sequence DESC) WHERE position_id IS NOT NULL`;

/** The gates ask for openings alone (R30 to R32). */
const DROP_BY_PAIR = "DROP INDEX sg_decisions_by_pair";
const BY_PAIR = `
  CREATE INDEX sg_decisions_by_pair ON sg_decisions (strategy_id, symbol, shadow, timestamp DESC, sequence DESC)
  WHERE position_id IS NULL`;

/** Why a position was closed, where the reporter says. */
const EXIT_REASON = "ALTER TABLE sg_positions ADD COLUMN exit_reason text";

export const EXIT_DECISIONS: Migration = {
  id: 14,
  name: "exit decisions",
  statements: [POSITION, BY_POSITION, DROP_BY_PAIR, BY_PAIR, EXIT_REASON],
};
