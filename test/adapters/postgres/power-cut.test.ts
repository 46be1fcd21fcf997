import { randomBytes } from "node:crypto";
import fs, { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeTemplate } from "../../../src/adapters/postgres/cluster-template.ts";
import { openPglite } from "../../../src/adapters/postgres/pglite.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { sqlJournal } from "../../../src/adapters/postgres/sql-journal.ts";
import { sqlPolicy } from "../../../src/adapters/postgres/sql-policy.ts";
import { sqlPositions } from "../../../src/adapters/postgres/sql-positions.ts";
import { sqlStrategies } from "../../../src/adapters/postgres/sql-strategies.ts";
import { decision } from "../../contracts/decision-samples.ts";
import { refusal } from "../../contracts/refusal.ts";
import { config } from "../../contracts/strategy-samples.ts";
import { type SyncedFiles, watchSyncs } from "./synced-files.ts";

const WAL_FILE = /pg_wal\/[0-9A-F]{24}$/;
/**
 * Twelve are more than a file of the write-ahead log (16 MiB) holds, so that a new one comes;
 * random, or they would be compressed.
 */
const LONG = randomBytes(800_000).toString("hex");

let root: string;
let templates: string;
let files: SyncedFiles | undefined;
const opened: Queryable[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "strategy-runtime-"));
  templates = join(root, "templates");
  await makeTemplate(templates);
});

afterEach(async () => {
  files?.stop();
  await Promise.all(opened.splice(0).map((db) => db.close()));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

async function open(name: string): Promise<Queryable> {
  const db = await openPglite({ dataDir: join(root, name), templates });
  opened.push(db);
  return db;
}

async function portsOn(db: Queryable) {
  const [strategies, journal, positions, policy] = [sqlStrategies(db), sqlJournal(db), sqlPositions(db), sqlPolicy(db)];
  await Promise.all([strategies, journal, positions, policy].map((port) => port.ready()));
  return { strategies, journal, positions, policy };
}

const POSITION = {
  positionId: "p",
  strategyId: "rsi",
  symbol: "BTCUSDT",
  side: "LONG",
  sizeUsd: 1,
  entryPrice: 1,
} as const;

describe("the embedded database", () => {
  it("has synced its log before it acknowledges a commit, whatever is written", async () => {
    const { strategies, journal, positions, policy } = await portsOn(await open("counted"));
    const watched = await watchSyncs(join(root, "counted", "postgres"));
    files = watched;
    const writes: Readonly<Record<string, () => Promise<unknown>>> = {
      "a strategy is saved": () => strategies.save([{ config: config("rsi"), expectedVersion: 0 }], 1),
      "its status changes": () => strategies.setStatus("rsi", "DISABLED", "test", 2),
      "a strategy is deleted": () => strategies.delete("rsi", "test", 3),
      "decisions are appended": () => journal.append([decision(1), decision(2)]),
      "a decision is appended": () => journal.append([decision(3)]),
      "trading is halted": () => policy.change({ halted: true }),
      "a position is opened": () => positions.put({ ...POSITION, openedAt: 0, feesUsd: 0 }),
      "a decision is rejected": () => positions.reject({ decisionId: "d", reason: "", time: 0 }),
    };
    for (const [what, write] of Object.entries(writes)) {
      const before = watched.synced.length;
      await write();
      const since = watched.synced.slice(before);
      expect(
        since.filter((path) => WAL_FILE.test(path)),
        what,
      ).not.toEqual([]);
    }
  });

  it("has after a cut of power all that it acknowledged, at whatever moment", { timeout: 120_000 }, async () => {
    const { strategies, journal } = await portsOn(await open("cut"));
    const watched = await watchSyncs(join(root, "cut"));
    files = watched;
    const copies: { readonly name: string; readonly sequence: number }[] = [];
    for (let sequence = 1; sequence <= 12; sequence++) {
      await strategies.save([{ config: config(`s${sequence}`), expectedVersion: 0 }], sequence);
      await journal.append([decision(sequence, { metadata: { note: LONG } })]);
      if (sequence % 3 === 0) {
        const name = `cut-at-${sequence}`;
        watched.crashCopy(join(root, name));
        copies.push({ name, sequence });
      }
    }
    files.stop();
    for (const { name, sequence } of copies) {
      const db = await open(name);
      const after = await portsOn(db);
      expect(await after.journal.lastSequence(), name).toBe(sequence);
      const kept = await after.journal.read({ includeShadow: true, limit: 100 });
      expect(
        kept.map((one) => one.sequence),
        name,
      ).toEqual(Array.from({ length: sequence }, (_, i) => i + 1));
      expect((await after.strategies.get([`s${sequence}`])).size, name).toBe(1);
      await db.close();
    }
  });

  it.each(["with", "without"])(
    "can be opened after a cut of power while it is made %s a template, and just after",
    {
      timeout: 120_000,
    },
    async (which) => {
      const name = `new-${which}`;
      const copies: string[] = [];
      let syncs = 0;
      mkdirSync(join(root, name));
      const watched = await watchSyncs(join(root, name), () => {
        if (++syncs % 300 === 1) {
          copies.push(`${name}-at-${syncs}`);
          watched.crashCopy(join(root, `${name}-at-${syncs}`));
        }
      });
      files = watched;
      const from = which === "with" ? { templates } : {};
      const db = await openPglite({ dataDir: join(root, name), ...from });
      opened.push(db);
      watched.crashCopy(join(root, `${name}-empty`));
      const { journal } = await portsOn(db);
      await journal.append([decision(1)]);
      watched.crashCopy(join(root, `${name}-used`));
      watched.stop();
      expect(copies.length).toBeGreaterThan(2);
      for (const copy of [...copies, `${name}-empty`, `${name}-used`]) {
        const again = await portsOn(await open(copy));
        expect(await again.journal.lastSequence(), copy).toBe(copy.endsWith("used") ? 1 : 0);
      }
    },
  );

  it("gives up for good where its log cannot be synced, acknowledges nothing, and is whole at the next start", async () => {
    const db = await open("broken");
    const { journal } = await portsOn(db);
    await journal.append([decision(1)]);
    const { fdatasyncSync } = fs;
    Object.assign(fs, { fdatasyncSync: () => failToSync() });
    syncBuiltinESMExports();
    await refusal(journal.append([decision(2)]), "unavailable");
    Object.assign(fs, { fdatasyncSync });
    syncBuiltinESMExports();
    const more = [journal.append([decision(2)]), journal.lastSequence(), db.transaction(async () => {})];
    for (const outcome of await Promise.allSettled(more)) {
      expect(outcome).toMatchObject({ reason: { message: expect.stringMatching(/could not fsync .* restart/) } });
    }
    await db.close();
    const again = await portsOn(await open("broken"));
    expect(await again.journal.lastSequence()).toBeGreaterThanOrEqual(1);
  });
});

function failToSync(): never {
  throw Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" });
}
