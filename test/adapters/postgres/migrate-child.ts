import { migrate } from "../../../src/adapters/postgres/migrate.ts";
import { openPostgres } from "../../../src/adapters/postgres/pool.ts";

/**
 * Run by starters.test.ts as a process of its own: connects, says so, and migrates once it is told
 * to.
 */
const db = openPostgres(process.argv[2] ?? "");
await db.query("SELECT 1");
process.stdout.write("ready\n");
process.stdin.once("data", async () => {
  await migrate(db);
  await db.close();
  process.exit(0);
});
