import { expect, it } from "vitest";
import { servedDatabase } from "./served.ts";

const database = servedDatabase();

it("the server looks whether the client is there, so that none that is gone keeps its locks", async () => {
  const db = await database();
  const { rows } = await db.query(
    "SELECT name, setting FROM pg_settings WHERE name LIKE 'tcp_keepalives%' ORDER BY name",
  );
  expect(rows).toEqual([
    { name: "tcp_keepalives_count", setting: "3" },
    { name: "tcp_keepalives_idle", setting: "10" },
    { name: "tcp_keepalives_interval", setting: "5" },
  ]);
});
