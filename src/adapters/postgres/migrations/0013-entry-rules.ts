import type { Migration } from "./migration.ts";

/** Entry as a tree, in the contract's JSON: {"all": {"rules": [{"condition": {…}}]}, "tag": "…"}. */
const ENTRY = "ALTER TABLE sg_strategies ADD COLUMN entry jsonb";

/**
 * A row with a tree has no list, and none of its logic, so plain SQL need not name these columns.
 * NULL as the logic means ALL, as the default did.
 */
const NO_LIST = `
  ALTER TABLE sg_strategies ALTER COLUMN entry_indicators SET DEFAULT '[]', ALTER COLUMN entry_logic DROP DEFAULT`;

const DROP_NOTIFY = "DROP TRIGGER sg_strategies_notify ON sg_strategies";

/**
 * Every column but last_executed_at: notes of executions are no change that anyone must reload for.
 */
const NOTIFY = `
  CREATE TRIGGER sg_strategies_notify
  AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF strategy_id, name, status, entry_indicators,
    entry_logic, entry, base_size_usd, confidence_scaling, stop_loss_pct, take_profit_pct,
    max_holding_time, trailing_stop, target_steps, allowed_regimes, min_confidence, max_positions,
    fitness_score, side, timeframe, trigger, cooldown, symbols, labels, version, created_at, updated_at
  ON sg_strategies FOR EACH STATEMENT EXECUTE FUNCTION sg_notify()`;

export const ENTRY_RULES: Migration = {
  id: 13,
  name: "entry rules",
  statements: [ENTRY, NO_LIST, DROP_NOTIFY, NOTIFY],
};
