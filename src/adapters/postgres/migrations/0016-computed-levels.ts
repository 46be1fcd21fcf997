import type { Migration } from "./migration.ts";

/**
 * Stop and target as expressions in units of price. A row with a computed stop has no fraction, so
 * plain SQL need not name that column.
 */
const LEVELS = `
  ALTER TABLE sg_strategies
    ADD COLUMN stop_loss_at text,
    ADD COLUMN take_profit_at text,
    ALTER COLUMN stop_loss_pct DROP NOT NULL`;

const DROP_NOTIFY = "DROP TRIGGER sg_strategies_notify ON sg_strategies";

/**
 * Every column but last_executed_at: notes of executions are no change that anyone must reload for.
 */
const NOTIFY = `
  CREATE TRIGGER sg_strategies_notify
  AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF strategy_id, name, status, entry_indicators,
    entry_logic, entry, exit, base_size_usd, confidence_scaling, stop_loss_pct, stop_loss_at,
    take_profit_pct, take_profit_at, max_holding_time, trailing_stop, target_steps, allowed_regimes,
    min_confidence, max_positions, fitness_score, side, timeframe, trigger, cooldown, symbols, labels,
    version, created_at, updated_at
  ON sg_strategies FOR EACH STATEMENT EXECUTE FUNCTION sg_notify()`;

export const COMPUTED_LEVELS: Migration = {
  id: 16,
  name: "computed levels",
  statements: [LEVELS, DROP_NOTIFY, NOTIFY],
};
