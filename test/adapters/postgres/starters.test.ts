import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MIGRATIONS, migrate } from "../../../src/adapters/postgres/migrate.ts";
import { openPostgres } from "../../../src/adapters/postgres/pool.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { run } from "../../provide/command.ts";
import { startPostgres } from "../../provide/postgres.ts";
import type { PrivateServer } from "../../provide/server.ts";

const CHILD = fileURLToPath(new URL("migrate-child.ts", import.meta.url));
const COMMAND = fileURLToPath(new URL("../../../src/migrate.ts", import.meta.url));

let server: PrivateServer;
let admin: Queryable;
const open: Queryable[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  server = await startPostgres();
  admin = openPostgres(server.url);
});

afterAll(async () => {
  for (const child of children) {
    child.kill("SIGKILL");
  }
  await Promise.all([...open, admin].map((db) => db?.close()));
  await server?.close();
});

async function emptyDatabase(name: string): Promise<{ url: string; db: Queryable }> {
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const db = openPostgres(url.href);
  open.push(db);
  return { url: url.href, db };
}

async function ledger(db: Queryable): Promise<readonly number[]> {
  const { rows } = await db.query<{ id: number }>("SELECT id FROM sg_migrations ORDER BY applied_at, id");
  return rows.map((row) => row.id);
}

describe("several that start at once on an empty database", () => {
  it("make the tables once, as processes", async () => {
    const { url, db } = await emptyDatabase("processes");
    const starters = Array.from({ length: 3 }, () =>
      spawn(process.execPath, [CHILD, url], { stdio: ["pipe", "pipe", "inherit"] }),
    );
    children.push(...starters);
    await Promise.all(starters.map(({ stdout }) => once(stdout, "data")));
    const ends = starters.map((child) => once(child, "exit"));
    for (const { stdin } of starters) {
      stdin.write("go\n");
    }
    expect(await Promise.all(ends)).toEqual([
      [0, null],
      [0, null],
      [0, null],
    ]);
    expect(await ledger(db)).toEqual(MIGRATIONS.map(({ id }) => id));
  });

  it("make the tables once, as clients of one process, again and again", async () => {
    for (let round = 0; round < 5; round++) {
      const { url, db } = await emptyDatabase(`clients_${round}`);
      const clients = Array.from({ length: 4 }, () => openPostgres(url));
      open.push(...clients);
      await Promise.all(clients.map((client) => migrate(client)));
      expect(await ledger(db)).toEqual(MIGRATIONS.map(({ id }) => id));
    }
  });
});

describe("npm run migrate", () => {
  it("makes the tables, and says so again where they are there", async () => {
    const { url, db } = await emptyDatabase("command");
    for (let i = 0; i < 2; i++) {
      expect(await run(process.execPath, [COMMAND], { env: { DATABASE_URL: url } })).toContain("of this version");
    }
    expect(await ledger(db)).toEqual(MIGRATIONS.map(({ id }) => id));
  });

  it("fails with the reason, without the password", async () => {
    const failing = (url: string) => run(process.execPath, [COMMAND], { env: { DATABASE_URL: url } });
    await expect(failing("")).rejects.toThrow("DATABASE_URL is not set");
    const url = new URL(server.url);
    url.password = "pass-phrase";
    url.pathname = "/missing";
    const error: Error = await failing(url.href).then(
      () => new Error("it did not fail"),
      (thrown: Error) => thrown,
    );
    expect(error.message).toContain(
      'cannot migrate: the database failed, try again later: database "missing" does not exist',
    );
    expect(error.message).not.toContain("pass-phrase");
  });
});
