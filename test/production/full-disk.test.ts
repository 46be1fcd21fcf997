import { execFileSync } from "node:child_process";
import { chownSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeExchange } from "../fake-exchange/fake-exchange.ts";
import {
  decidesAfter,
  eventually,
  insertStrategy,
  isReady,
  type Production,
  type Stores,
  sql,
  startExchange,
  startProduction,
  startStores,
} from "./production.ts";

/** A small disk is a file system in memory, which only root may mount. */
const IS_ROOT = process.getuid?.() === 0 && process.platform === "linux";

let stores: Stores;
let exchange: FakeExchange;
let production: Production;
let disk: string;

beforeAll(async () => {
  if (IS_ROOT) {
    [stores, exchange] = await Promise.all([startStores(), startExchange()]);
    disk = mkdtempSync(join(tmpdir(), "test-disk-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m,mode=0777", "tmpfs", disk]);
    production = await startProduction(stores, exchange);
    await isReady(production.api);
  }
});

afterAll(async () => {
  await production?.server.close();
  await exchange?.close();
  await stores?.close();
  if (disk !== undefined) {
    execFileSync("umount", ["-l", disk]);
    rmSync(disk, { recursive: true, force: true });
  }
});

describe("a journal on a disk that is full", () => {
  it.skipIf(!IS_ROOT)("is a fault until there is room, though it can be read", { timeout: 120_000 }, async () => {
    const { api } = production;
    const client = await sql(stores.postgres);
    const { rows } = await client.query<{ folder: string }>("SELECT current_setting('data_directory') AS folder");
    const { uid, gid } = statSync(rows[0]?.folder ?? "");
    chownSync(disk, uid, gid);
    await client.query(`CREATE TABLESPACE small LOCATION '${disk}'`);
    await client.query("ALTER TABLE sg_decisions SET TABLESPACE small");
    await insertStrategy(client, "every-bar");
    await decidesAfter(api, Date.now());
    await client.query("CREATE TABLE filler (text text) TABLESPACE small");
    await expect(
      client.query("INSERT INTO filler SELECT repeat(md5(i::text), 60) FROM generate_series(1, 100000) AS i"),
    ).rejects.toThrow("No space left");
    for (let size = 4_000; size >= 500; size /= 2) {
      // Small rows take what is left, until not one more fits.
      const fill = () => client.query("INSERT INTO filler SELECT repeat('x', $1) FROM generate_series(1, 50)", [size]);
      while (await fill().then(Boolean, () => false)) {}
    }
    const why = await eventually(
      async () => (await api.status()).whyNot ?? [],
      (reasons) => reasons.some((reason) => /journal: .*No space left/.test(reason)),
      30_000,
    );
    expect(why.join()).toContain("cannot be written");
    // It stays so, whenever it is asked, for some closes and probes.
    const until = Date.now() + 5_000;
    while (Date.now() < until) {
      expect((await api.status()).ready ?? false).toBe(false);
      expect((await api.decisions()).length).toBeGreaterThan(0);
    }
    await client.query("DROP TABLE filler");
    await isReady(api);
    await decidesAfter(api, Date.now());
  });
});
