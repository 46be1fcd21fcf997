import type { Migration } from "./migration.ts";

/**
 * How positions end, beside the stop and the target. Others may write anything; what cannot be read
 * is found when the row is judged (R44), so that nothing here keeps a row out. A strategy need not
 * have a fixed target any more.
 */
const COLUMNS = `
  ALTER TABLE sg_strategies
    ADD COLUMN max_holding_time interval,
    ADD COLUMN trailing_stop jsonb,
    ADD COLUMN target_steps jsonb,
    ALTER COLUMN take_profit_pct DROP NOT NULL`;

const DROP_NOTIFY = "DROP TRIGGER sg_strategies_notify ON sg_strategies";

/**
 * Every column but last_executed_at: notes of executions are no change that anyone must reload for.
 */
const NOTIFY = `
  CREATE TRIGGER sg_strategies_notify
  AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF strategy_id, name, status, entry_indicators, entry_logic, base_size_usd,
    confidence_scaling, stop_loss_pct, take_profit_pct, max_holding_time, trailing_stop, target_steps, allowed_regimes,
    min_confidence, max_positions, fitness_score, side, timeframe, trigger, cooldown, symbols, labels, version, created_at,
    updated_at
  ON sg_strategies FOR EACH STATEMENT EXECUTE FUNCTION sg_notify()`;

/** Set where only callers may have the decision who know of exits (R87); NULL of those before. */
const NEEDS_EXITS = "ALTER TABLE sg_decisions ADD COLUMN needs_exits boolean";

export const EXITS: Migration = {
  id: 12,
  name: "exits",
  statements: [COLUMNS, DROP_NOTIFY, NOTIFY, NEEDS_EXITS],
};
