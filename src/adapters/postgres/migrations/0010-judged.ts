import type { Migration } from "./migration.ts";

/**
 * Market time up to which every bar close was judged: a start knows from it which closes it has
 * missed (R7).
 */
export const JUDGED: Migration = {
  id: 10,
  name: "judged",
  statements: ["ALTER TABLE sg_journal ADD COLUMN judged_until timestamptz"],
};
