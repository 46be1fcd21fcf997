import type { Migration } from "./migration.ts";

/**
 * The transaction that last changed the row, in whatever but last_executed_at. Transactions get
 * their numbers in order and commit in any: a reader that goes on from the oldest one that was
 * still open misses none. Times or a sequence could not say so.
 */
const CHANGED_IN = "ALTER TABLE sg_strategies ADD COLUMN changed_in xid8 NOT NULL DEFAULT pg_current_xact_id()";

const BY_CHANGE = "CREATE INDEX sg_strategies_by_change ON sg_strategies (changed_in, strategy_id)";

const NOTE_CHANGE = `
  CREATE FUNCTION sg_strategies_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    was sg_strategies;
  BEGIN
    IF TG_OP = 'UPDATE' THEN
      was := OLD;
      was.last_executed_at := NEW.last_executed_at;
      was.fitness_rank := NEW.fitness_rank;
      was.changed_in := NEW.changed_in;
      IF was IS NOT DISTINCT FROM NEW THEN
        NEW.changed_in := OLD.changed_in;
        RETURN NEW;
      END IF;
    END IF;
    NEW.changed_in := pg_current_xact_id();
    RETURN NEW;
  END
  $$`;

/**
 * Triggers run in the order of their names: after sg_strategies_keep_version, and so with the
 * version in force.
 */
const NOTE_CHANGE_TRIGGER = `
  CREATE TRIGGER sg_strategies_note_change BEFORE INSERT OR UPDATE ON sg_strategies
  FOR EACH ROW EXECUTE FUNCTION sg_strategies_note_change()`;

/** What was deleted, kept for a day: see MARK_AGE_MS of strategy-changes.ts. */
const GONE = `
  CREATE TABLE sg_strategies_gone (
    strategy_id text COLLATE "C" NOT NULL,
    changed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    gone_at timestamptz NOT NULL DEFAULT now()
  )`;

const GONE_BY_CHANGE = "CREATE INDEX sg_strategies_gone_by_change ON sg_strategies_gone (changed_in, strategy_id)";
const GONE_BY_TIME = "CREATE INDEX sg_strategies_gone_by_time ON sg_strategies_gone (gone_at)";

/**
 * Runs with its owner's rights, so that whoever may delete strategies needs none on the table of
 * those gone. Names are therefore qualified, and only the owner may make a trigger of it.
 */
const NOTE_GONE = `
  CREATE FUNCTION sg_strategies_note_gone() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DECLARE
    gone text := format('%I.sg_strategies_gone', TG_TABLE_SCHEMA);
  BEGIN
    IF TG_OP = 'DELETE' THEN
      EXECUTE format('INSERT INTO %s (strategy_id) SELECT strategy_id FROM deleted', gone);
      EXECUTE format('DELETE FROM %1$s WHERE ctid = ANY(ARRAY(SELECT ctid FROM %1$s
        WHERE gone_at < now() - interval ''1 day'' LIMIT 10000 FOR UPDATE SKIP LOCKED))', gone);
    ELSIF TG_OP = 'UPDATE' THEN
      EXECUTE format('INSERT INTO %s (strategy_id) VALUES ($1)', gone) USING OLD.strategy_id;
    ELSE
      EXECUTE format('INSERT INTO %s (strategy_id) SELECT strategy_id FROM %I.%I', gone, TG_TABLE_SCHEMA, TG_TABLE_NAME);
    END IF;
    RETURN NULL;
  END
  $$`;

const NOTE_GONE_OWNED = "REVOKE EXECUTE ON FUNCTION sg_strategies_note_gone() FROM PUBLIC";

const NOTE_DELETED = `
  CREATE TRIGGER sg_strategies_note_deleted AFTER DELETE ON sg_strategies REFERENCING OLD TABLE AS deleted
  FOR EACH STATEMENT EXECUTE FUNCTION sg_strategies_note_gone()`;

const NOTE_RENAMED = `
  CREATE TRIGGER sg_strategies_note_renamed AFTER UPDATE OF strategy_id ON sg_strategies
  FOR EACH ROW WHEN (OLD.strategy_id IS DISTINCT FROM NEW.strategy_id) EXECUTE FUNCTION sg_strategies_note_gone()`;

const NOTE_TRUNCATED = `
  CREATE TRIGGER sg_strategies_note_truncated BEFORE TRUNCATE ON sg_strategies
  FOR EACH STATEMENT EXECUTE FUNCTION sg_strategies_note_gone()`;

export const CHANGES: Migration = {
  id: 5,
  name: "changes",
  statements: [
    CHANGED_IN,
    BY_CHANGE,
    NOTE_CHANGE,
    NOTE_CHANGE_TRIGGER,
    GONE,
    GONE_BY_CHANGE,
    GONE_BY_TIME,
    NOTE_GONE,
    NOTE_GONE_OWNED,
    NOTE_DELETED,
    NOTE_RENAMED,
    NOTE_TRUNCATED,
  ],
};
