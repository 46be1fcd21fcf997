import type { Migration } from "./migration.ts";

/** Where it holds, an open position is to be closed; in the contract's JSON, as entry is. */
const EXIT = "ALTER TABLE sg_strategies ADD COLUMN exit jsonb";

const DROP_NOTIFY = "DROP TRIGGER sg_strategies_notify ON sg_strategies";

/**
 * Every column but last_executed_at: notes of executions are no change that anyone must reload for.
 */
const NOTIFY = `
  CREATE TRIGGER sg_strategies_notify
  AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF strategy_id, name, status, entry_indicators,
    entry_logic, entry, exit, base_size_usd, confidence_scaling, stop_loss_pct, take_profit_pct,
    max_holding_time, trailing_stop, target_steps, allowed_regimes, min_confidence, max_positions,
    fitness_score, side, timeframe, trigger, cooldown, symbols, labels, version, created_at, updated_at
  ON sg_strategies FOR EACH STATEMENT EXECUTE FUNCTION sg_notify()`;

export const EXIT_RULES: Migration = {
  id: 15,
  name: "exit rules",
  statements: [EXIT, DROP_NOTIFY, NOTIFY],
};
