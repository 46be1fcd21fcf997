import { afterAll, beforeAll } from "vitest";
import { migrate } from "../../../src/adapters/postgres/migrate.ts";
import { openPglite } from "../../../src/adapters/postgres/pglite.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { emptyTables } from "./empty-tables.ts";

/**
 * One embedded database for a test file, since starting one takes seconds; each call empties its
 * tables and gives it.
 */
export function embeddedDatabase(): () => Promise<Queryable> {
  let db: Queryable;

  beforeAll(async () => {
    db = await openPglite({ dataDir: "memory" });
    await migrate(db);
  });

  afterAll(() => db.close());

  return async () => {
    await emptyTables(db);
    return db;
  };
}
