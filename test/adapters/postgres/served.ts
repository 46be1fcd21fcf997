import { afterAll, beforeAll } from "vitest";
import { migrate } from "../../../src/adapters/postgres/migrate.ts";
import { openPostgres } from "../../../src/adapters/postgres/pool.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { startPostgres } from "../../provide/postgres.ts";
import type { PrivateServer } from "../../provide/server.ts";
import { emptyTables } from "./empty-tables.ts";

/** A PostgreSQL server for a test file, with its tables: answers with its address and a pool. */
export function servedPostgres(): () => { readonly url: string; readonly db: Queryable } {
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

  return () => ({ url: server.url, db });
}

/** As `servedPostgres`; each call empties its tables and gives the pool. */
export function servedDatabase(): () => Promise<Queryable> {
  const served = servedPostgres();
  return async () => {
    const { db } = served();
    await emptyTables(db);
    return db;
  };
}
