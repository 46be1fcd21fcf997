import { expect, it } from "vitest";
import { openPostgres } from "../../../src/adapters/postgres/pool.ts";
import { servedPostgres } from "./served.ts";

const served = servedPostgres();

it("the server looks whether the client is there, so that none that is gone keeps its locks", async () => {
  const { rows } = await served().db.query(
    "SELECT name, setting FROM pg_settings WHERE name LIKE 'tcp_keepalives%' ORDER BY name",
  );
  expect(rows).toEqual([
    { name: "tcp_keepalives_count", setting: "3" },
    { name: "tcp_keepalives_idle", setting: "10" },
    { name: "tcp_keepalives_interval", setting: "5" },
  ]);
});

it("the server ends a transaction whose client is there and says no more, so that its locks go", async () => {
  const { url, db } = served();
  const silent = openPostgres(url, { statementTimeoutMs: 100 });
  const locked = Promise.withResolvers<void>();
  const spoken = Promise.withResolvers<void>();
  const transaction = silent.transaction(async ({ query }) => {
    await query("LOCK TABLE sg_journal");
    locked.resolve();
    await spoken.promise;
  });
  const ended = transaction.then(
    () => "committed",
    () => "ended",
  );
  await locked.promise;
  // Waits for the lock; as long as a statement may take, and no longer.
  const { rows } = await db.query("SELECT last_sequence::integer AS last FROM sg_journal");
  expect(rows).toEqual([{ last: 0 }]);
  spoken.resolve();
  expect(await ended).toBe("ended");
  // The pool has dropped the connection.
  expect((await silent.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  await silent.close();
});
