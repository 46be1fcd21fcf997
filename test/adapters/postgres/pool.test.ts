import { Client } from "pg";
import { expect, it, vi } from "vitest";
import { servedDatabase } from "./served.ts";

const database = servedDatabase();

it.each([
  ["done", "SELECT length($1)", ["a text"], 0],
  ["refused", "SELECT no_such_function($1)", ["a text"], 1],
])("what a statement was given is let go once it is %s", async (_, text, params, failures) => {
  const db = await database();
  const query = vi.spyOn(Client.prototype, "query");
  const outcome = await Promise.allSettled([db.query(text, params)]);
  const [given] = query.mock.calls.map(([config]) => config as unknown as { values: unknown[] });
  query.mockRestore();
  expect(outcome.filter(({ status }) => status === "rejected")).toHaveLength(failures);
  expect(given?.values).toEqual([]);
  expect(params).toEqual(["a text"]);
});

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
