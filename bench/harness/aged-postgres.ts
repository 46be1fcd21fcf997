import { openPostgres } from "../../src/adapters/postgres/pool.ts";
import { startPostgres } from "../../test/provide/postgres.ts";
import type { PrivateServer } from "../../test/provide/server.ts";

/** Files of the log, 16 MiB each; what one round of a row writes goes into fewer. */
const LOG_FILES = 40;

/**
 * A durable PostgreSQL server with the log of one that has been at work for long: it is written
 * into files that are there already, for the most part. A new server makes each of them first, in
 * 10 to 15 ms.
 */
export async function startAgedPostgres(): Promise<PrivateServer> {
  const server = await startPostgres(true, ["min_wal_size=1GB"]);
  const db = openPostgres(server.url);
  try {
    await db.query("CREATE TABLE aged ()");
    for (let i = 0; i < LOG_FILES; i++) {
      await db.query("INSERT INTO aged DEFAULT VALUES");
      await db.query("SELECT pg_switch_wal()");
    }
    await db.query("CHECKPOINT");
    return server;
  } catch (error) {
    await server.close();
    throw error;
  } finally {
    await db.close();
  }
}
