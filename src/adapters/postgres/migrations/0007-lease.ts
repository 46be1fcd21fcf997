import type { Migration } from "./migration.ts";

/**
 * Which process writes, and until when (R100). The epoch is part of a unique index: a transaction
 * that changes the epoch then waits for those that hold the row FOR KEY SHARE, and one that only
 * moves `expires_at` does not.
 */
const TABLE = `
  CREATE TABLE sg_lease (
    name text PRIMARY KEY,
    holder text NOT NULL,
    address text NOT NULL,
    epoch bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    UNIQUE (name, epoch)
  )`;

const FREE = `
  INSERT INTO sg_lease (name, holder, address, epoch, expires_at) VALUES ('engine', '', '', 0, to_timestamp(0))`;

/**
 * Part of every write of the engine (R101). Holds the epoch in force until the write's transaction
 * ends, or fails it where that epoch is over. NULL is no process of the service: nothing is
 * checked.
 */
const FENCE = `
  CREATE FUNCTION sg_fence(held bigint) RETURNS boolean LANGUAGE plpgsql AS $$
  BEGIN
    IF held IS NOT NULL THEN
      PERFORM FROM sg_lease WHERE name = 'engine' AND epoch = held FOR KEY SHARE;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'epoch % of the lease is over', held USING ERRCODE = 'SG001';
      END IF;
    END IF;
    RETURN true;
  END
  $$`;

export const LEASE: Migration = { id: 7, name: "lease", statements: [TABLE, FREE, FENCE] };
