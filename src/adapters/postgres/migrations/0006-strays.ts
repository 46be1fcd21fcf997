import type { Migration } from "./migration.ts";

/**
 * Rows whose status is none, which nobody would hear of otherwise (R44); there should be none, so
 * the index is empty.
 */
const STRAYS = `
  CREATE INDEX sg_strategies_strays ON sg_strategies (fitness_rank, strategy_id)
    WHERE status <> ALL ('{CANDIDATE,SHADOW,LIVE,DISABLED}'::text[])`;

export const STRAY_STATUSES: Migration = { id: 6, name: "strays", statements: [STRAYS] };
