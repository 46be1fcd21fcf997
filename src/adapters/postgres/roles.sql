-- Roles with the least that each needs, for `psql "$DATABASE_URL" -f roles.sql` as the owner of
-- the tables, after `npm run
-- migrate`; again after an upgrade, and as often as you like. They cannot log in: make a user
-- for each process, such as
--   CREATE ROLE engine LOGIN PASSWORD '…' IN ROLE sg_runtime;
-- All or nothing: a service that runs meanwhile keeps its rights, also where a table is missing
-- since `npm run migrate` comes first.

BEGIN;

DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['sg_runtime', 'sg_generator', 'sg_reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
    END IF;
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', wanted);
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', wanted);
  END LOOP;
END
$$;

-- The service. It never deletes a position or a rejection, and never changes a decision.
GRANT SELECT ON sg_migrations, sg_strategies, sg_strategies_gone, sg_strategy_status_history, sg_journal, sg_decisions,
  sg_positions, sg_rejections, sg_policy, sg_lease TO sg_runtime;
GRANT INSERT, UPDATE ON sg_strategies, sg_positions, sg_policy TO sg_runtime;
GRANT DELETE ON sg_strategies TO sg_runtime;
GRANT INSERT ON sg_strategy_status_history, sg_rejections TO sg_runtime;
GRANT UPDATE ON sg_journal, sg_lease TO sg_runtime;
GRANT INSERT, DELETE ON sg_decisions TO sg_runtime;

-- Whoever writes strategies with plain SQL. Versions and times are kept by triggers, and not for
-- it to write.
GRANT SELECT, DELETE ON sg_strategies TO sg_generator;
GRANT INSERT (
    strategy_id, name, status, entry_indicators, entry_logic, entry, exit, base_size_usd,
    confidence_scaling, stop_loss_pct, stop_loss_at, take_profit_pct, take_profit_at,
    max_holding_time, trailing_stop, target_steps, allowed_regimes, min_confidence,
    max_positions, fitness_score, side, timeframe, trigger, cooldown, symbols, labels),
  UPDATE (
    strategy_id, name, status, entry_indicators, entry_logic, entry, exit, base_size_usd,
    confidence_scaling, stop_loss_pct, stop_loss_at, take_profit_pct, take_profit_at,
    max_holding_time, trailing_stop, target_steps, allowed_regimes, min_confidence,
    max_positions, fitness_score, side, timeframe, trigger, cooldown, symbols, labels)
  ON sg_strategies TO sg_generator;

-- Reports and dashboards.
GRANT SELECT ON sg_migrations, sg_strategies, sg_strategy_status_history, sg_journal, sg_decisions, sg_positions,
  sg_rejections, sg_policy, sg_lease TO sg_reader;

COMMIT;
