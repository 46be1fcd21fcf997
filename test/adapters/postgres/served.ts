import { afterAll, beforeAll } from "vitest";
import { migrate } from "../../../src/adapters/postgres/migrate.ts";
import { openPostgres } from "../../../src/adapters/postgres/pool.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { startPostgres } from "../../provide/postgres.ts";
import type { PrivateServer } from "../../provide/server.ts";
import { emptyTables } from "./empty-tables.ts";

/** A PostgreSQL server for a test file; each call empties its tables and gives it. */
export function servedDatabase(): () => Promise<Queryable> {
  let server: PrivateServer;
  let db: Queryable;

  beforeAll(async () => {
    server = await startPostgres();
    db = openPostgres(server.url);
    await migrate(db);
  });

  afterAll(async () => {
    await db?.close();
    await server?.close();
  });

  return async () => {
    await emptyTables(db);
    return db;
  };
}
