import type { Migration } from "./migration.ts";

/**
 * Exact for every ms that a timestamptz can hold: hours and the rest are each a whole number of
 * microseconds in a double.
 */
const TIME_OF_MS = `
  CREATE FUNCTION sg_time(ms double precision) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT timestamptz 'epoch' + floor(ms / 3600000) * interval '1 hour'
      + (ms - floor(ms / 3600000) * 3600000) * interval '1 millisecond'
  $$`;

/** Whole ms since the epoch; what others wrote to the microsecond is cut. */
const MS_OF_TIME = `
  CREATE FUNCTION sg_ms(moment timestamptz) RETURNS double precision LANGUAGE sql STABLE AS $$
    SELECT floor(extract(epoch FROM moment) * 1000)::double precision
  $$`;

/** The same rule as conditionsOf in strategy-row.ts. */
const CONDITIONS_READABLE = `
  CREATE FUNCTION sg_conditions_readable(conditions jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_typeof(conditions) = 'array' AND NOT jsonb_path_exists(conditions, '$[*] ? (!(
      @.type() == "object"
      && (!exists(@.name) || @.name.type() == "string" || @.name == null)
      && (!exists(@.operator) || @.operator.type() == "string" || @.operator == null)
      && (!exists(@.value) || @.value.type() == "number" || @.value == null)
      && (!exists(@.indicator) || @.indicator.type() == "string" || @.indicator == null)
      && (!exists(@.timeframe) || @.timeframe.type() == "string" || @.timeframe == null)
    ))')
  $$`;

/** The same rule as labelsOf in strategy-row.ts. */
const LABELS_READABLE = `
  CREATE FUNCTION sg_labels_readable(labels jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_typeof(labels) = 'null'
      OR jsonb_typeof(labels) = 'object' AND NOT jsonb_path_exists(labels, '$.* ? (@.type() != "string")')
  $$`;

/** The same rule as textsOf in strategy-row.ts. */
const TEXTS_READABLE = `
  CREATE FUNCTION sg_texts_readable(texts text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_ndims(texts), 1) = 1 AND array_position(texts, NULL) IS NULL
  $$`;

/**
 * Columns are the contract's fields. Only what has no default must be given, so that a generator
 * may write rows with plain SQL; what it writes is judged when it is read (R44), not here. NULL
 * means the default, as an absent field does.
 *
 * fitness_rank is the place in the order of StrategyRepository: a row that cannot be read has no
 * score to its reader, and so stands with those that have none; the reader's cursor then finds its
 * place again.
 */
const TABLE = `
  CREATE TABLE sg_strategies (
    strategy_id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    status text NOT NULL DEFAULT 'CANDIDATE',
    entry_indicators jsonb NOT NULL,
    entry_logic text DEFAULT 'ALL',
    base_size_usd double precision NOT NULL,
    confidence_scaling boolean DEFAULT true,
    stop_loss_pct double precision NOT NULL,
    take_profit_pct double precision NOT NULL,
    allowed_regimes text[] DEFAULT '{}',
    min_confidence double precision DEFAULT 0.5,
    max_positions integer DEFAULT 1,
    fitness_score double precision,
    side text,
    timeframe text DEFAULT '1h',
    trigger text DEFAULT 'LEVEL',
    cooldown interval DEFAULT '60 seconds',
    symbols text[] DEFAULT '{}',
    labels jsonb DEFAULT '{}',
    version bigint NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    last_executed_at timestamptz,
    fitness_rank double precision NOT NULL GENERATED ALWAYS AS (
      CASE WHEN fitness_score > '-Infinity' AND fitness_score < 'Infinity'
        AND sg_conditions_readable(entry_indicators)
        AND coalesce(sg_labels_readable(labels), true)
        AND coalesce(sg_texts_readable(allowed_regimes), true)
        AND coalesce(sg_texts_readable(symbols), true)
        AND isfinite(created_at) AND isfinite(updated_at) AND coalesce(isfinite(last_executed_at), true)
      THEN -fitness_score ELSE 'Infinity' END
    ) STORED
  )`;

const BY_FITNESS = "CREATE INDEX sg_strategies_by_fitness ON sg_strategies (fitness_rank, strategy_id)";
const BY_STATUS = "CREATE INDEX sg_strategies_by_status ON sg_strategies (status, strategy_id)";
const BY_STATUS_AND_FITNESS =
  "CREATE INDEX sg_strategies_by_status_and_fitness ON sg_strategies (status, fitness_rank, strategy_id)";

/**
 * Others need not know of version and updated_at: a write of theirs that changes something gets the
 * next version. The adapter's own writes set the version themselves and pass through.
 */
const KEEP_VERSION = `
  CREATE FUNCTION sg_strategies_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    was sg_strategies := OLD;
  BEGIN
    was.version := NEW.version;
    was.updated_at := NEW.updated_at;
    was.last_executed_at := NEW.last_executed_at;
    was.fitness_rank := NEW.fitness_rank;
    IF NEW.version < OLD.version OR (NEW.version = OLD.version AND was IS DISTINCT FROM NEW) THEN
      NEW.version := OLD.version + 1;
      IF NEW.updated_at = OLD.updated_at THEN
        NEW.updated_at := now();
      END IF;
    END IF;
    RETURN NEW;
  END
  $$`;

const KEEP_VERSION_TRIGGER = `
  CREATE TRIGGER sg_strategies_keep_version BEFORE UPDATE ON sg_strategies
  FOR EACH ROW EXECUTE FUNCTION sg_strategies_keep_version()`;

const NOTIFY = `
  CREATE FUNCTION sg_notify() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_notify(TG_TABLE_NAME || '_changed', '');
    RETURN NULL;
  END
  $$`;

/**
 * Every column but last_executed_at: notes of executions are no change that anyone must reload for.
 */
const NOTIFY_TRIGGER = `
  CREATE TRIGGER sg_strategies_notify
  AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF strategy_id, name, status, entry_indicators, entry_logic, base_size_usd,
    confidence_scaling, stop_loss_pct, take_profit_pct, allowed_regimes, min_confidence, max_positions, fitness_score,
    side, timeframe, trigger, cooldown, symbols, labels, version, created_at, updated_at
  ON sg_strategies FOR EACH STATEMENT EXECUTE FUNCTION sg_notify()`;

/** Strategies may go, their history stays: no foreign key. */
const STATUS_HISTORY = `
  CREATE TABLE sg_strategy_status_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    strategy_id text COLLATE "C" NOT NULL,
    from_status text NOT NULL,
    to_status text NOT NULL,
    reason text NOT NULL,
    version bigint NOT NULL,
    changed_at timestamptz NOT NULL
  )`;

const HISTORY_BY_STRATEGY =
  "CREATE INDEX sg_strategy_status_history_by_strategy ON sg_strategy_status_history (strategy_id, id)";

export const STRATEGIES: Migration = {
  id: 1,
  name: "strategies",
  statements: [
    TIME_OF_MS,
    MS_OF_TIME,
    CONDITIONS_READABLE,
    LABELS_READABLE,
    TEXTS_READABLE,
    TABLE,
    BY_FITNESS,
    BY_STATUS,
    BY_STATUS_AND_FITNESS,
    KEEP_VERSION,
    KEEP_VERSION_TRIGGER,
    NOTIFY,
    NOTIFY_TRIGGER,
    STATUS_HISTORY,
    HISTORY_BY_STRATEGY,
  ],
};
