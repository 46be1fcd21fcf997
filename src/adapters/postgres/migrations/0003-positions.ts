import type { Migration } from "./migration.ts";

const POSITIONS_TABLE = `
  CREATE TABLE sg_positions (
    position_id text COLLATE "C" PRIMARY KEY,
    strategy_id text COLLATE "C" NOT NULL,
    symbol text COLLATE "C" NOT NULL,
    side text NOT NULL,
    decision_id text COLLATE "C",
    size_usd double precision NOT NULL,
    entry_price double precision NOT NULL,
    opened_at timestamptz NOT NULL,
    exit_price double precision,
    closed_at timestamptz,
    fees_usd double precision NOT NULL,
    close_sequence bigint UNIQUE
  )`;

const OPEN = "CREATE INDEX sg_positions_open ON sg_positions (position_id) WHERE closed_at IS NULL";
const CLOSED =
  "CREATE INDEX sg_positions_closed ON sg_positions (strategy_id, closed_at, position_id) WHERE closed_at IS NOT NULL";
const BY_OPENING = "CREATE INDEX sg_positions_by_opening ON sg_positions (opened_at)";

const REJECTIONS_TABLE = `
  CREATE TABLE sg_rejections (
    decision_id text COLLATE "C" PRIMARY KEY,
    reason text NOT NULL,
    time timestamptz NOT NULL
  )`;

const REJECTIONS_BY_TIME = "CREATE INDEX sg_rejections_by_time ON sg_rejections (time)";

export const POSITIONS: Migration = {
  id: 3,
  name: "positions",
  statements: [POSITIONS_TABLE, OPEN, CLOSED, BY_OPENING, REJECTIONS_TABLE, REJECTIONS_BY_TIME],
};
