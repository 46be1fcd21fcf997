import type { Migration } from "./migration.ts";

/**
 * What tells this journal from every other. Empty until it is first asked for: a database that is
 * made as a copy of an empty one must not have its name.
 */
const IDENTITY = "ALTER TABLE sg_journal ADD COLUMN identity text";

/**
 * Part of a write that must not come late, asked when all else of it is done: fails the write at or
 * after `deadline` (ms, by the server's clock). NULL: it may come at any time.
 */
const IN_TIME = `
  CREATE FUNCTION sg_in_time(deadline double precision) RETURNS boolean LANGUAGE plpgsql AS $$
  BEGIN
    IF deadline IS NOT NULL AND clock_timestamp() >= sg_time(deadline) THEN
      RAISE EXCEPTION 'the write came at %, after %', clock_timestamp(), sg_time(deadline) USING ERRCODE = 'SG002';
    END IF;
    RETURN true;
  END
  $$`;

export const JOURNAL: Migration = { id: 8, name: "journal", statements: [IDENTITY, IN_TIME] };
