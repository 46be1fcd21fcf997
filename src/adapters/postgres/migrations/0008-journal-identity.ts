import type { Migration } from "./migration.ts";

/**
 * What tells this journal from every other. Empty until it is first asked for: a database that is
 * made as a copy of an empty one must not have its name.
 */
const COLUMN = "ALTER TABLE sg_journal ADD COLUMN identity text";

export const JOURNAL_IDENTITY: Migration = { id: 8, name: "journal identity", statements: [COLUMN] };
