import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeTemplate } from "../../../src/adapters/postgres/cluster-template.ts";
import { openPglite } from "../../../src/adapters/postgres/pglite.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";

let root: string;
let templates: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "strategy-runtime-"));
  templates = join(root, "templates");
  await makeTemplate(templates);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

async function inDatabase<Result>(
  name: string,
  folder: string,
  work: (db: Queryable) => Promise<Result>,
): Promise<Result> {
  const db = await openPglite({ dataDir: join(root, name), templates: folder });
  return work(db).finally(() => db.close());
}

const TABLES = "SELECT count(*)::integer AS count FROM pg_tables WHERE tablename LIKE 'sg_%'";

async function tablesOf(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ readonly count: number }>(TABLES);
  return rows[0]?.count ?? 0;
}

describe("the template of embedded databases", () => {
  it("is made once, and nothing else is left in its folder", async () => {
    const made = readdirSync(templates);
    expect(made).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    await makeTemplate(templates);
    expect(readdirSync(templates)).toEqual(made);
  });

  it("is nobody else's to change, and nor are its copies to come near", async () => {
    const [name = ""] = readdirSync(templates);
    expect(statSync(join(templates, name, "PG_VERSION")).mode & 0o777).toBe(0o644);
    await inDatabase("mode", templates, async () => {});
    expect(statSync(join(root, "mode", "postgres")).mode & 0o777).toBe(0o700);
  });

  it("gives new directories their tables, synced writes, and nothing that another wrote", async () => {
    await inDatabase("one", templates, async (db) => {
      expect(await tablesOf(db)).toBeGreaterThan(5);
      await db.query("CREATE TABLE mine (id integer)");
      expect((await db.query("SHOW fsync")).rows).toEqual([{ fsync: "on" }]);
    });
    const found = await inDatabase("two", templates, (db) => db.query("SELECT to_regclass('mine') AS mine"));
    expect(found.rows).toEqual([{ mine: null }]);
    const kept = await inDatabase("one", templates, (db) => db.query("SELECT to_regclass('mine')::text AS mine"));
    expect(kept.rows).toEqual([{ mine: "mine" }]);
  });

  it("is not needed: where it cannot be written or is broken, the database is made from nothing", {
    timeout: 120_000,
  }, async () => {
    const file = join(root, "file");
    writeFileSync(file, "");
    expect(await inDatabase("without", file, tablesOf)).toBe(0);
    const [name = ""] = readdirSync(templates);
    rmSync(join(templates, name, "global"), { recursive: true });
    expect(await inDatabase("broken", templates, tablesOf)).toBe(0);
  });
});
