import type { Migration } from "./migration.ts";

/**
 * At most one row; no row and NULL mean the default (R29). Nothing is checked: what cannot be read
 * must be seen as such.
 */
const TABLE = `
  CREATE TABLE sg_policy (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    risk_mode text,
    global_min_confidence double precision,
    allowed_strategies text[],
    halted boolean,
    halt_reason text,
    current_regime text
  )`;

const NOTIFY_TRIGGER = `
  CREATE TRIGGER sg_policy_notify AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE
  ON sg_policy FOR EACH STATEMENT EXECUTE FUNCTION sg_notify()`;

export const POLICY: Migration = { id: 4, name: "policy", statements: [TABLE, NOTIFY_TRIGGER] };
