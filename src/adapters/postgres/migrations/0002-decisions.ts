import type { Migration } from "./migration.ts";

/** One row: the last sequence given outlives the decisions. Its row lock puts writers in line. */
const JOURNAL = `
  CREATE TABLE sg_journal (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    last_sequence bigint NOT NULL
  )`;

const FIRST = "INSERT INTO sg_journal (last_sequence) VALUES (0)";

/**
 * decision is json, not jsonb: it keeps the text as written, and so every double and every
 * character.
 */
const TABLE = `
  CREATE TABLE sg_decisions (
    sequence bigint PRIMARY KEY,
    decision_id text COLLATE "C" NOT NULL UNIQUE,
    strategy_id text COLLATE "C" NOT NULL,
    strategy_version bigint NOT NULL,
    symbol text COLLATE "C" NOT NULL,
    side text NOT NULL,
    timestamp timestamptz NOT NULL,
    bar_close_time timestamptz NOT NULL,
    valid_until timestamptz NOT NULL,
    shadow boolean NOT NULL,
    decision json NOT NULL
  )`;

const BY_STRATEGY = "CREATE INDEX sg_decisions_by_strategy ON sg_decisions (strategy_id, sequence)";
const BY_TIME = "CREATE INDEX sg_decisions_by_time ON sg_decisions (timestamp)";

export const DECISIONS: Migration = {
  id: 2,
  name: "decisions",
  statements: [JOURNAL, FIRST, TABLE, BY_STRATEGY, BY_TIME],
};
